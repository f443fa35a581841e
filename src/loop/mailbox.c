/* SPDX-License-Identifier: MIT */
#include "loop/mailbox.h"

#include "base/error.h"
#include "base/fault.h"
#include "base/fork.h"
#include "base/panic.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct ferry__mail ferry__mailbox_sleeping, ferry__mailbox_closed;

#define SLEEPING (&ferry__mailbox_sleeping)
#define CLOSED (&ferry__mailbox_closed)

int ferry__mailbox_open(struct ferry__mailbox *mailbox)
{
    if (ferry__fault(FERRY__FAULT_DESCRIPTOR))
        return ferry__fail(EMFILE);
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (fd < 0)
        return -errno;
    mailbox->wake_fd = fd;
    mailbox->owed = 0;
    ferry__store(&mailbox->word, NULL, release);
    return 0;
}

/* The write that was owed. Its descriptor is open: the loop waits for this before it closes it. */
static void wake(int fd)
{
    int before = errno;
    uint64_t one = 1;
    while (write(fd, &one, sizeof one) < 0 && errno == EINTR)
        continue;
    errno = before;
}

/*
 * The list is walked from the newest mail to the oldest, each in a line that another core has
 * written: waiting for one line after the other took a quarter of the loop's time at a thousand
 * calls in flight. So each mail names the one that its thread pushed some pushes before, whose line
 * can be asked for in good time. That one may have been delivered, and its memory be gone: asking
 * for the line of any address does no harm.
 */
enum { AHEAD = 8 };
static _Thread_local struct {
    const struct ferry__mail *pushed[AHEAD];
    unsigned count;
} recent __attribute__((tls_model("initial-exec")));

static void look_ahead(struct ferry__mail *mail)
{
    const struct ferry__mail **place = &recent.pushed[recent.count++ % AHEAD];
    mail->ahead = *place;
    *place = mail;
}

bool ferry__mailbox_try_push(struct ferry__mailbox *mailbox, struct ferry__mail *mail)
{
    look_ahead(mail);
    struct ferry__mail *seen = ferry__load(&mailbox->word, relaxed);
    do {
        if (seen == CLOSED)
            return false;
        mail->next = seen == SLEEPING ? NULL : seen;
        /* release: pairs with the acquire of the loop that takes it */
    } while (!ferry__cas_weak(&mailbox->word, &seen, mail, release));
    if (seen == SLEEPING)
        wake(mailbox->wake_fd);
    return true;
}

void ferry__mailbox_push(struct ferry__mailbox *mailbox, struct ferry__mail *mail)
{
    if (ferry__mailbox_try_push(mailbox, mail))
        return;
    if (ferry__forks_now())
        ferry__fork_over("a call");
    ferry__panic("a message came for a loop that has ended");
}

/* Oldest first. */
static void deliver(struct ferry__mail *mail)
{
    struct ferry__mail *oldest = NULL;
    while (mail) {
        struct ferry__mail *older = mail->next;
        __builtin_prefetch(mail->ahead);
        mail->next = oldest;
        oldest = mail;
        mail = older;
    }
    while (oldest) {
        struct ferry__mail *next = oldest->next;
        oldest->deliver(oldest); /* it may be gone afterwards */
        oldest = next;
    }
}

void ferry__mailbox_deliver(struct ferry__mailbox *mailbox)
{
    if (ferry__mailbox_full(mailbox))
        /* acquire: pairs with the release of all who pushed */
        deliver(ferry__swap(&mailbox->word, NULL, acquire));
}

bool ferry__mailbox_before_sleep(struct ferry__mailbox *mailbox)
{
    struct ferry__mail *seen = NULL;
    return ferry__cas(&mailbox->word, &seen, SLEEPING, relaxed);
}

void ferry__mailbox_after_sleep(struct ferry__mailbox *mailbox)
{
    struct ferry__mail *seen = SLEEPING;
    if (!ferry__cas(&mailbox->word, &seen, NULL, relaxed))
        mailbox->owed++;
}

/* Reads the eventfd until as many wake-ups have come as were owed. */
static void collect_owed(struct ferry__mailbox *mailbox)
{
    while (mailbox->owed > 0) {
        uint64_t came = 0;
        if (read(mailbox->wake_fd, &came, sizeof came) == sizeof came) {
            mailbox->owed = came < mailbox->owed ? mailbox->owed - came : 0;
            continue;
        }
        struct pollfd ready = {.fd = mailbox->wake_fd, .events = POLLIN};
        poll(&ready, 1, -1);
    }
}

void ferry__mailbox_close(struct ferry__mailbox *mailbox)
{
    deliver(ferry__swap(&mailbox->word, CLOSED, acquire));
    collect_owed(mailbox);
    close(mailbox->wake_fd);
    mailbox->wake_fd = -1;
}
