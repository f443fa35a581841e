/* SPDX-License-Identifier: MIT */
/*
 * Draws what a program did: a row per thread, a bar per blocking call, a dot per tick.
 *
 *     loop      . . . . . . . . .
 *     worker 1  [=======][===]
 *     worker 2  [==========]
 *
 * The program says when things happen (begin, end, tick); everything else here is measured: which
 * thread it was, and when. All functions may be called from any thread; without timeline_start
 * they do nothing, so that a library may keep its marks.
 */
#ifndef TIMELINE_H
#define TIMELINE_H

/* Time starts now, and the calling thread is the one whose row is called "loop". */
void timeline_start(void);

/* Around a blocking call, on the thread that makes it. begin gives the mark that end wants. */
int timeline_begin(void);
void timeline_end(int mark);

/* Something small happened now, on this thread. */
void timeline_tick(void);

/* Prints wall time, serial time (the sum of the calls' durations) and the picture. */
void timeline_print(void);

#endif
