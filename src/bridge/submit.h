/* SPDX-License-Identifier: MIT */
/* A submitted call, for what is built on one: a stream's worker. (submit.c) */
#ifndef FERRY_BRIDGE_SUBMIT_H
#define FERRY_BRIDGE_SUBMIT_H

#include <stdbool.h>

struct ferry_future;
struct ferry__stuck_wait;

/* The future of the submitted call that this thread runs, NULL elsewhere. */
struct ferry_future *ferry__submitted_here(void);

/* Asks a call to stop: its ferry_check_cancelled says so from now on. Any thread. */
void ferry__submitted_stop(struct ferry_future *future);
/* Whether the call that this thread runs was asked to. */
bool ferry__submitted_stops(void);

/* As ferry__deadlock_enter, for a call that is not known to have ended. */
int ferry__submitted_enter(struct ferry_future *future, struct ferry__stuck_wait *stuck);

#endif
