/* SPDX-License-Identifier: MIT */
/*
 * A shutdown hurries calls: it asks those that run, and those that will, to end early.
 *
 *     shutdown                 each loop                        each bound call of it
 *     mail ------------------> walks its bound calls  --------> reached = FERRY_LIMIT_SHUTDOWN,
 *                                                               task unparked: bound.c sees to it
 *
 * What can be done to a call is its task's business, by its policy, so nothing is done to a worker
 * from here.
 */
#ifndef FERRY_BRIDGE_HURRY_H
#define FERRY_BRIDGE_HURRY_H

#include "bridge/bound.h"

enum {
    FERRY__HURRY_INTERRUPT = 1 << FERRY_POLICY_INTERRUPT,
    FERRY__HURRY_ABANDON = 1 << FERRY_POLICY_ABANDON,
};

/* Calls of these policies of this executor, whichever loops they belong to. 0, or -ENOMEM: some
 * loop was not told. Any thread. */
int ferry__hurry(const struct ferry_executor *executor, uint32_t policies);
/* This loop has calls out: what it does when its end takes too long. */
void ferry__hurry_expect(struct ferry_loop *loop);
/* A bound call is out, and is back: its loop knows it meanwhile. */
void ferry__hurry_enter(struct ferry__bound *bound);
void ferry__hurry_leave(struct ferry__bound *bound);

#endif
