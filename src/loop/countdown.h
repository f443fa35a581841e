/* SPDX-License-Identifier: MIT */
/*
 * A countdown: so many things are out, each comes back once, from any thread, and one waits until
 * no more than `low` are out.
 *
 * Law of `word`: how many are out, below, and above it 0, or low + 1 while the owner sleeps until
 * no more than `low` are. (Both in one word, so that nobody who brings a thing back goes by the
 * `low` of an earlier wait.) The owner counts up before a thing goes out, says that it sleeps
 * (release), and may take that back. Who brings a thing back counts down, acq_rel: its last touch
 * of the countdown and of what holds it, unless with the same step it took the upper half off,
 * because `low` was reached; then it wakes the owner, who waits for that in any case
 * (loop/waiter.h).
 */
#ifndef FERRY_LOOP_COUNTDOWN_H
#define FERRY_LOOP_COUNTDOWN_H

#include "loop/waiter.h"

struct ferry__countdown {
    _Atomic(uint64_t) word;
    struct ferry__waiter waiter;
};

/* The owner: `number` go out; it brings some back itself (it doesn't sleep then). */
void ferry__countdown_out(struct ferry__countdown *countdown, unsigned number);
void ferry__countdown_in(struct ferry__countdown *countdown, unsigned number);
/* Any thread: one is back. The last touch. */
void ferry__countdown_back(struct ferry__countdown *countdown);

/* How many are out. What those wrote that are back is seen. */
unsigned ferry__countdown_left(struct ferry__countdown *countdown);

/* The owner: until no more than `low` are out: 0; or an interruption, as ferry__waiter_begin and
 * ferry__waiter_sleep. Sets errno. */
int ferry__countdown_wait(struct ferry__countdown *countdown, unsigned low, const char *waits_on);
/* Until none is, whatever interrupts. */
void ferry__countdown_see_out(struct ferry__countdown *countdown, const char *waits_on);

#endif
