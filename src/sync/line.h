/* SPDX-License-Identifier: MIT */
/*
 * A line of tasks that wait for the same thing: what locks, events, semaphores, barriers and queues
 * are made of.
 *
 *     line -> first [t3] <-> [t7] <-> [t1] last          each lies in its task's frame
 *
 * First come first served, removal from anywhere in O(1), no allocation; zeroed memory is an empty
 * line.
 *
 * Whatever is waited for is handed over directly: who wakes a waiter has given it the lock, the
 * permit or the item already, so nobody who comes by in between can take it away. And a wait that
 * was unparked never reports an interruption (ferry__park): either the waiter has got what it
 * waited for, or it is still in the line and takes itself out. So a cancel loses nothing.
 *
 * The tasks of one loop only. `sched` tells where another loop's thread is at the wrong door; it is
 * compared, never followed.
 */
#ifndef FERRY_SYNC_LINE_H
#define FERRY_SYNC_LINE_H

#include "core/task.h"

#include <stdbool.h>

/* One who stands in it: the first member of each kind of waiter. */
struct ferry__in_line {
    struct ferry__in_line *next, *previous;
    struct ferry__task *task;
    int said; /* by whoever woke it: what its wait gives */
};

struct ferry__line {
    struct ferry__sched *sched; /* of those who wait; without any it is the owner's affair */
    struct ferry__in_line *first, *last;
};

/*
 * What every wait begins with: 0 and the running task, or an error, with errno: -EINVAL for NULL,
 * -EPERM outside a task or where another loop's tasks wait, and what interrupts: a wait says so
 * even where it could succeed at once.
 */
int ferry__wait_begins(const struct ferry__line *line, struct ferry__task **ret_task);
/* The same for what wakes others and never waits: 0, -EINVAL, -EPERM where no loop or another
 * loop's runs. */
int ferry__wake_begins(const struct ferry__line *line);

/*
 * Waits in the line: what the waker said, or, interrupted, an error, the waiter being out of the
 * line again. `waits_on` as in ferry__park. Sets errno for a negative result.
 */
int ferry__line_wait(struct ferry__line *line, struct ferry__in_line *waiter,
                     struct ferry__task *task, const char *waits_on);

/* Takes the first out and lets it run, its wait giving `said`; NULL without any. The waiter stays
 * valid until the caller suspends. */
struct ferry__in_line *ferry__line_wake(struct ferry__line *line, int said);
void ferry__line_wake_all(struct ferry__line *line, int said);

/* The parts, for who needs them apart. take: NULL without any. */
void ferry__line_put(struct ferry__line *line, struct ferry__in_line *waiter,
                     struct ferry__task *task);
struct ferry__in_line *ferry__line_take(struct ferry__line *line);
void ferry__line_remove(struct ferry__line *line, struct ferry__in_line *waiter);

/* Ends the program with a sentence when somebody waits. */
void ferry__line_deinit(const struct ferry__line *line, const char *function);

#endif
