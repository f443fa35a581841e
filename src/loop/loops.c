/* SPDX-License-Identifier: MIT */
#include "loop/loops.h"

#include "base/error.h"
#include "loop/loop.h"

#include <pthread.h>
#include <stddef.h>
#include <string.h>

#define NUMBERS 1023
#define QUARANTINE 64

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
/* under the lock */
static struct ferry_loop *first_closed, *last_closed;
static unsigned closed, made;

static struct ferry_loop *make(void)
{
    if (made == NUMBERS)
        return ferry__fail_null(EAGAIN);
    struct ferry_loop *loop = ferry__alloc_aligned(FERRY__LINE, sizeof *loop);
    if (!loop)
        return ferry__fail_null(ENOMEM);
    loop->number = ++made;
    ferry__store(&loop->mailbox.word, &ferry__mailbox_closed, relaxed);
    return loop;
}

static struct ferry_loop *take_closed(void)
{
    struct ferry_loop *loop = first_closed;
    first_closed = loop->next_closed;
    closed--;
    return loop;
}

struct ferry_loop *ferry__loops_get(void)
{
    pthread_mutex_lock(&lock);
    struct ferry_loop *loop = closed > QUARANTINE ? take_closed() : NULL;
    if (!loop)
        loop = make();
    if (!loop && closed > 0)
        loop = take_closed();
    pthread_mutex_unlock(&lock);
    if (!loop)
        return NULL;
    uint32_t number = loop->number, floor = loop->floor;
    /* all but the mailbox, which late messengers may be looking at */
    memset((char *)loop + sizeof loop->mailbox, 0, sizeof *loop - sizeof loop->mailbox);
    loop->number = number;
    loop->floor = floor;
    return loop;
}

void ferry__loops_put(struct ferry_loop *loop)
{
    pthread_mutex_lock(&lock);
    loop->next_closed = NULL;
    if (closed++ > 0)
        last_closed->next_closed = loop;
    else
        first_closed = loop;
    last_closed = loop;
    pthread_mutex_unlock(&lock);
}
