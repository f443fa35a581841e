/* SPDX-License-Identifier: MIT */
/*
 * All loops of the process: who has which number, and the memory of those that have ended.
 *
 * The memory of a loop is never freed but used again, oldest first and only once 64 loops have
 * ended: see loop.h. At most 1023 run at once, the number being part of every handle.
 */
#ifndef FERRY_LOOP_LOOPS_H
#define FERRY_LOOP_LOOPS_H

struct ferry_loop;

#include <ferry/run.h>

#include <stdbool.h>

/* A loop with number and floor set and all else zero, its mailbox closed. NULL with errno ENOMEM,
 * or EAGAIN: 1023 loops run. Any thread. */
struct ferry_loop *ferry__loops_get(void);
void ferry__loops_put(struct ferry_loop *loop);
/* Calls `visit` for all that there were, closed ones too, under their lock: none closes meanwhile.
 */
void ferry__loops_each(void (*visit)(struct ferry_loop *, void *), void *context);

/* In a child: all are closed. This thread's no longer runs; when a task that forked comes back to
 * it, the child ends. (base/fork.h) */
void ferry__loops_forget(void);

/*
 * A loop as its opener knows it, for who may come back with it much later:
 *
 *      63                      10 9          0
 *     | how often opened, closed | number     |
 *
 * find: 0; -EINVAL, it never was one; -ESHUTDOWN, closed. Any thread. Whether this thread opened
 * it: *ret_own. errno untouched.
 */
ferry_runner *ferry__loops_handle(const struct ferry_loop *loop);
int ferry__loops_find(const ferry_runner *handle, struct ferry_loop **ret, bool *ret_own);

#endif
