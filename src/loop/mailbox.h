/* SPDX-License-Identifier: MIT */
/*
 * The mailbox: all that other threads, and signal handlers, may touch of a loop.
 *
 * One word holds everything:
 *
 *     EMPTY (NULL)   nothing to deliver, the loop is awake
 *     a mail         the newest of a list, linked to the older; the loop is awake, or being woken
 *     SLEEPING       nothing to deliver, the loop sleeps in its backend, or is about to
 *     CLOSED         the loop has ended
 *
 * The law of the word. Any thread:
 *
 *     EMPTY -> mail, mail -> mail    by compare-and-swap, release: what it wrote before, the loop
 * sees SLEEPING -> mail               the same; it then owes one wake-up, a write to the eventfd,
 * which is the last it touches of the loop
 *
 * The loop:
 *
 *     mail -> EMPTY                  takes all, acquire
 *     EMPTY -> SLEEPING -> EMPTY     around its sleep; when the second step finds a mail instead, a
 *                                    wake-up is owed to it: it counts
 *     mail, EMPTY -> CLOSED          at its end, in one step, so that nobody can keep it from
 * ending by pushing on
 *
 * A loop that has closed reads its eventfd until all wake-ups that were owed have come, and closes
 * it only then: nobody stands between a swap and its write any more (docs/laws.md, 3).
 *
 * After a push the mail, and what holds it, may be gone: the loop may have run it already. Pushing
 * takes no lock, so a signal handler may do it.
 */
#ifndef FERRY_LOOP_MAILBOX_H
#define FERRY_LOOP_MAILBOX_H

#include "base/atomic.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A message to a loop: embedded in what it is about. `deliver` runs on the loop's own stack, in
 * order. */
struct ferry__mail {
    struct ferry__mail *next;
    const struct ferry__mail *ahead; /* pushed by the same thread some pushes earlier; maybe gone */
    void (*deliver)(struct ferry__mail *);
};

struct ferry__mailbox {
    /* atomic, its own lines: other threads write it */
    _Alignas(FERRY__LINE) _Atomic(struct ferry__mail *) word;
    /* constant while the loop lives */
    _Alignas(FERRY__LINE) int wake_fd; /* an eventfd */
    /* owner thread only */
    uint64_t owed; /* wake-ups that pushers owed since the loop was opened */
};

extern struct ferry__mail ferry__mailbox_sleeping,
    ferry__mailbox_closed; /* markers, never touched */

/* 0, or -EMFILE, -ENFILE, -ENOMEM. */
int ferry__mailbox_open(struct ferry__mailbox *mailbox);
/* Takes no more, delivers what is left, and waits for the wake-ups owed. */
void ferry__mailbox_close(struct ferry__mailbox *mailbox);

/* Any thread, signal handlers. The loop must live: else see try_push. */
void ferry__mailbox_push(struct ferry__mailbox *mailbox, struct ferry__mail *mail);
/* False when the loop has ended: the mail is still the caller's. */
bool ferry__mailbox_try_push(struct ferry__mailbox *mailbox, struct ferry__mail *mail);

/* Owner thread: something is there. */
static inline bool ferry__mailbox_full(struct ferry__mailbox *mailbox)
{
    return ferry__load(&mailbox->word, relaxed) != NULL;
}

/* Owner thread: delivers all, oldest first. */
void ferry__mailbox_deliver(struct ferry__mailbox *mailbox);

/* Owner thread, around a sleep. before: false, there is mail, don't sleep. */
bool ferry__mailbox_before_sleep(struct ferry__mailbox *mailbox);
void ferry__mailbox_after_sleep(struct ferry__mailbox *mailbox);

#endif
