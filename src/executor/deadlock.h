/* SPDX-License-Identifier: MIT */
/*
 * A call that waits for another call to end keeps its worker. When the other call is still queued,
 * and every worker its executor may have is kept in the same way, nobody will ever run it: the wait
 * closes a ring.
 *
 * So a worker that is about to block says for which job, and is told when that closes a ring. The
 * test is exact at that moment: an executor counts as stuck only when as many of its workers as its
 * limit allows wait for calls that have not begun, in executors that are stuck themselves. A worker
 * that merely takes long is in no list, and so no false alarm.
 */
#ifndef FERRY_EXECUTOR_DEADLOCK_H
#define FERRY_EXECUTOR_DEADLOCK_H

#include "executor/executor.h"

/* One wait; in the frame of the waiting worker. */
struct ferry__stuck_wait {
    struct ferry__list link;
    const struct ferry_executor *holds; /* whose worker waits */
    const struct ferry_executor *wants; /* whose queue the job is in */
    struct ferry__job *job;
    const char *site; /* the call that waits */
    bool stuck;       /* during a test */
};

/* Before this thread blocks until `job`, pushed to `executor`, is done. 0; -EDEADLK, with the ring
 * on stderr and nothing registered. A thread that is no worker never closes a ring. */
int ferry__deadlock_enter(struct ferry__stuck_wait *wait, const struct ferry_executor *executor,
                          struct ferry__job *job);
/* The same for somebody else who keeps a worker of `holds` busy until `job` is done. */
int ferry__deadlock_enter_for(struct ferry__stuck_wait *wait, const struct ferry_executor *holds,
                              const char *site, const struct ferry_executor *executor,
                              struct ferry__job *job);
/* In a child: nobody waits. (base/fork.h) */
void ferry__deadlock_forget(void);
/* Before an executor is freed: a test that looks at it is over then, and no later one will. */
void ferry__deadlock_pass(void);
/* After it; also when enter said -EDEADLK. */
void ferry__deadlock_leave(struct ferry__stuck_wait *wait);

#endif
