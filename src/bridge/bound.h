/* SPDX-License-Identifier: MIT */
/*
 * A bound call: one with a policy or limits of its own, that may be refused, or of a class
 * of its own. What a plain crossing has, and beside it:
 *
 *     queued ---> running ---> over                     the worker
 *        |           |
 *     queue_limit  run_limit, cancel                    the task, on its loop
 *        |           |
 *     take back    wait | interrupt: prompt, again, again ... | abandon: leave
 *
 * Two timers of the loop watch it, `limit` for the two limits, `again` for the next prompt. A
 * prompt is a signal to the worker's thread (interrupt_signal.c) or the user's function, run as a
 * job of ferry's own (interrupt_call.c).
 */
#ifndef FERRY_BRIDGE_BOUND_H
#define FERRY_BRIDGE_BOUND_H

#include "bridge/crossing.h"
#include "core/timers.h"

#define FERRY__OVER UINT64_MAX

struct ferry__bound {
    /* constant */
    struct ferry__crossing *crossing;
    uint64_t executor; /* its serial: it may be gone before the task is */
    ferry_policy policy;
    ferry_interrupt *interrupt; /* NULL: a signal */
    void *interrupt_argument;
    uint64_t queue_limit, run_limit; /* ns; FERRY__NEVER: none */
    /* the loop's thread only */
    struct ferry__list of_loop; /* of those that are out: hurry.h */
    struct ferry__timer limit, again;
    ferry_call_limit reached; /* said by the timer or a shutdown, not seen to yet */
    bool told;                /* why it should end */
    uint64_t pause;           /* until the next prompt */
    bool prompting;           /* the user's function runs, or is on its way */
    unsigned prompts; /* signals sent, and times that the function ran: its thread's meanwhile */
    struct ferry__job prompt;
    struct ferry__mail prompted;
    /* Law of `began`: 0, then when the function began, then FERRY__OVER; written by the worker,
     * release; read by the task and by a prompt, acquire. */
    _Atomic(uint64_t) began;
    /* Law of `target`: the kernel's number of the worker's thread while the call may be signalled,
     * else 0. Set by the worker (release) when it begins; LOCKED by the task around its signal;
     * back to 0 by the worker, which waits for LOCKED to go. So no signal is sent to a thread whose
     * call is over. */
    _Atomic(uint32_t) target;
    /* Law of `fate`, for calls that can be abandoned: PENDING -> BACK by the worker, which then
     * mails, or PENDING -> LEFT by the task, which then never touches the block again; the worker
     * frees it. acq_rel. */
    _Atomic(uint32_t) fate;
};

enum { FERRY__TARGET_LOCKED = 1 << 30 };
enum ferry__fate { FERRY__FATE_PENDING, FERRY__FATE_BACK, FERRY__FATE_LEFT };

static inline bool ferry__bound_is_left(struct ferry__bound *bound)
{
    return bound && ferry__load(&bound->fate, acquire) == FERRY__FATE_LEFT;
}

/* What the options and the executor say. 0, -EINVAL, -EBUSY (see ferry/thread.h). */
int ferry__bound_init(struct ferry__bound *bound, struct ferry__crossing *crossing,
                      const struct ferry_executor *executor, const ferry_call_options *options);

/* On the worker, around the function. */
void ferry__bound_begins(struct ferry__bound *bound);
void ferry__bound_ends(struct ferry__bound *bound);

/* From when it has set out to its end: how it ended. `leave` (NULL: it can't be abandoned) says
 * whether it was: then the crossing is the worker's for good. */
struct ferry__ending ferry__bound_await(struct ferry__bound *bound, struct ferry_executor *executor,
                                        bool (*leave)(struct ferry__bound *));

/* abandon.c: crosses with everything in a block of its own. */
void ferry__cross_leaving(struct ferry__task *task, struct ferry_executor *executor,
                          const struct ferry__call *call, const ferry_call_options *options,
                          struct ferry__image *image);

void ferry__interrupt_signal_forget(void); /* in a child: their locks (base/fork.h) */
void ferry__interrupt_call_forget(void);

/* interrupt_signal.c. 0, or -EBUSY: its handler is somebody else's. */
int ferry__interrupt_ready(void);
void ferry__interrupt_open(struct ferry__bound *bound);  /* on the worker */
void ferry__interrupt_close(struct ferry__bound *bound); /* on the worker */
bool ferry__interrupt_send(struct ferry__bound *bound);  /* on the loop; false: it is over */

/* interrupt_call.c: the user's function, on a thread of ferry's own. */
void ferry__interrupt_call(struct ferry__bound *bound);
/* The call is over: one that has not begun yet never will. */
void ferry__interrupt_recall(struct ferry__bound *bound);

#endif
