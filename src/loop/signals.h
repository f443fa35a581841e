/* SPDX-License-Identifier: MIT */
/*
 * Signals become mail: the process's handler pushes one ready-made message per signal number to the
 * loop that asked, and the loop runs the callback. No descriptor and no mask is involved; a mailbox
 * push takes no lock.
 */
#ifndef FERRY_LOOP_SIGNALS_H
#define FERRY_LOOP_SIGNALS_H

struct ferry_loop;

/* SIGINT the asyncio way: where it has its default action, and only on the process's main thread,
 * the first one cancels the main task, the second ends the process. */
void ferry__signals_take_sigint(struct ferry_loop *loop);

/* Puts back what was there before: for that SIGINT; for all signals that this loop handles. */
void ferry__signals_release_sigint(struct ferry_loop *loop);
void ferry__signals_release(struct ferry_loop *loop);
/* In a child, whose loops are closed: the signals' actions are as before (base/fork.h). */
void ferry__signals_forget(void);

#endif
