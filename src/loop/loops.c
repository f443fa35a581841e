/* SPDX-License-Identifier: MIT */
#include "loop/loops.h"

#include "base/error.h"
#include "base/fork.h"
#include "base/thread_number.h"
#include "loop/loop.h"

#include <pthread.h>
#include <stddef.h>
#include <string.h>

#define NUMBERS 1023
#define QUARANTINE 64

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
/* under the lock */
static struct ferry_loop *first_closed, *last_closed;
static struct ferry_loop *loops[NUMBERS + 1]; /* by number */
static unsigned closed, made;

static struct ferry_loop *make(void)
{
    if (made == NUMBERS)
        return ferry__fail_null(EAGAIN);
    struct ferry_loop *loop = ferry__alloc_aligned(FERRY__LINE, sizeof *loop);
    if (!loop)
        return ferry__fail_null(ENOMEM);
    loop->number = ++made;
    loops[loop->number] = loop;
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

/* All is forgotten but the mailbox, which late messengers may be looking at, and what tells one
 * opening from the next. */
static void make_new(struct ferry_loop *loop)
{
    uint32_t number = loop->number, floor = loop->floor;
    uint64_t opening = loop->opening;
    memset((char *)loop + sizeof loop->mailbox, 0, sizeof *loop - sizeof loop->mailbox);
    loop->number = number;
    loop->floor = floor;
    loop->opening = opening + 1;
    loop->thread = ferry__thread_number();
}

struct ferry_loop *ferry__loops_get(void)
{
    ferry__fork_watch();
    pthread_mutex_lock(&lock);
    struct ferry_loop *loop = closed > QUARANTINE ? take_closed() : NULL;
    if (!loop)
        loop = make();
    if (!loop && closed > 0)
        loop = take_closed();
    if (loop)
        make_new(loop);
    pthread_mutex_unlock(&lock);
    return loop;
}

void ferry__loops_put(struct ferry_loop *loop)
{
    pthread_mutex_lock(&lock);
    loop->opening++;
    loop->next_closed = NULL;
    if (closed++ > 0)
        last_closed->next_closed = loop;
    else
        first_closed = loop;
    last_closed = loop;
    pthread_mutex_unlock(&lock);
}

void ferry__loops_each(void (*visit)(struct ferry_loop *, void *), void *context)
{
    pthread_mutex_lock(&lock);
    for (unsigned number = 1; number <= made; number++)
        visit(loops[number], context);
    pthread_mutex_unlock(&lock);
}

/* Where the loop's own stack should be: only to say so. */
static _Alignas(64) char last_stack[64 << 10];

static _Noreturn void came_back(void *unused)
{
    (void)unused;
    ferry__fork_over("a task");
}

void ferry__loops_forget(void)
{
    pthread_mutex_init(&lock, NULL);
    first_closed = last_closed = NULL;
    closed = 0;
    for (unsigned number = 1; number <= made; number++) {
        struct ferry_loop *loop = loops[number];
        if (!loop || ferry__load(&loop->mailbox.word, relaxed) == &ferry__mailbox_closed)
            continue;
        ferry__store(&loop->mailbox.word, &ferry__mailbox_closed, relaxed);
        loop->opening++;
    }
    struct ferry__sched *sched = ferry__sched_here;
    if (!sched)
        return;
    sched->ready.first = sched->round.first = NULL;
    sched->fiber.sp = ferry__switch_prepare(last_stack + sizeof last_stack, came_back, NULL);
    ferry__sched_here = NULL;
}

#define NUMBER_BITS 10

ferry_runner *ferry__loops_handle(const struct ferry_loop *loop)
{
    return (ferry_runner *)(uintptr_t)(loop->opening << NUMBER_BITS | loop->number);
}

int ferry__loops_find(const ferry_runner *handle, struct ferry_loop **ret, bool *ret_own)
{
    uint64_t opening = (uintptr_t)handle >> NUMBER_BITS;
    unsigned number = (uintptr_t)handle & NUMBERS;
    int error = 0;
    pthread_mutex_lock(&lock);
    struct ferry_loop *loop = loops[number];
    if (!loop || opening > loop->opening || opening % 2 == 0)
        error = -EINVAL;
    else if (opening < loop->opening)
        error = -ESHUTDOWN;
    else
        *ret_own = loop->thread == ferry__thread_number();
    pthread_mutex_unlock(&lock);
    if (error == 0)
        *ret = loop;
    return error;
}
