/* SPDX-License-Identifier: MIT */
/*
 * Stack overflow: a fault on a task's guard is reported with the task's name, and then it is
 * whatever the program makes of SIGSEGV: its own handler if it has one, else the end as by default.
 *
 * The handler runs on an alternate stack, as the task's own is full. It is installed with the first
 * loop of the process and taken back with the last; a thread that has an alternate stack already
 * keeps it.
 */
#ifndef FERRY_LOOP_OVERFLOW_H
#define FERRY_LOOP_OVERFLOW_H

/* For a thread that will run tasks, until unwatch. Without memory for an alternate stack nothing is
 * reported: the fault itself still ends the program. */
void ferry__overflow_watch(void);
void ferry__overflow_unwatch(void);
void ferry__overflow_forget(void); /* in a child: its lock (base/fork.h) */

#endif
