/* SPDX-License-Identifier: MIT */
/*
 * Scopes: time limits and shields around waits.
 *
 * They nest; they may be left by break, continue,
 * return or goto; in C++ by an exception too. (Not by longjmp. break and continue leave the scope's
 * block, as they would leave any block that is written as a loop of one round.)
 *
 *     FERRY_TIMEOUT(2.5) {
 *         n = ferry_to_thread(read, fd, buffer, size);
 *         ferry_sleep(0.1);
 *     }
 *     if (ferry_timeout_expired())
 *         puts("too slow");
 *
 * How waiting and interruption work (the whole of it):
 *
 * A wait is anything that may suspend: ferry_sleep, ferry_await, ferry_to_thread, taking a lock.
 *
 * An interruption is a cancel of the task (ferry_task_cancel), which waits report as -ECANCELED, or
 * a time limit that ran out, which they report as -ETIMEDOUT.
 *
 * Interruption is level-triggered: from then on every wait says so at once, until the scope that
 * ran out is left, or until ferry_task_uncancel. So a loop that ignores one error can't hang.
 *
 * Inside FERRY_SHIELD nothing from outside the shield interrupts: for clean-up that must wait.
 *
 * When a cancel and a time limit meet, waits say -ECANCELED: a cancel never becomes a time-out.
 * When two limits run out together, the outer one is the one that expired, as with asyncio.timeout.
 *
 * A wait that was over keeps its result, even if the interruption came before the task ran again;
 * the next wait reports it. And a limit is looked at where the task waits: it doesn't stop a
 * computation.
 *
 * Time limits and shields also work on a thread that runs no loop, a call on a worker included,
 * for what blocks it in ferry: ferry_future_await and ferry_future_result, ferry_run_in_executor
 * and ferry_executor_map (a call that has not begun is taken back), the waits of
 * ferry/threadsafe.h and ferry/threadsafe_queue.h. They belong to the thread (a call doesn't take
 * those of its task with it), and don't reach into a loop that is run inside. In a callback of a
 * loop, which can't wait, they do nothing.
 *
 * Errors of a wait: ECANCELED the task is cancelled; ETIMEDOUT a time limit has run out; EINVAL the
 * time limit is NaN.
 */
#ifndef FERRY_SCOPE_H
#define FERRY_SCOPE_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * FERRY_TIMEOUT(double seconds) { ... }
 *
 * Limits the time of the waits inside a block. They fail with -ETIMEDOUT once `seconds` have passed
 * since it was entered. Negative counts as 0 (every wait fails), infinity is no limit, and with NaN
 * every wait inside says -EINVAL.
 *
 * Errors: none (the waits inside have theirs).
 * From a task, or on a thread that runs no loop; never suspends. In a callback of a loop the block
 * runs without a limit.
 */
#define FERRY_TIMEOUT(seconds) \
    FERRY__SCOPE(FERRY__JOIN(ferry__scope_, __COUNTER__), ferry__timeout_enter, (seconds))

/*
 * FERRY_TIMEOUT_AT(double time) { ... }
 *
 * Limits the time of the waits inside a block to a moment. They fail with -ETIMEDOUT from that
 * moment of ferry_loop_time() on; one that has passed makes every wait fail (asyncio.timeout_at).
 *
 *     double deadline = ferry_loop_time() + 5;
 *     for (int i = 0; i < 100; i++)
 *         FERRY_TIMEOUT_AT(deadline) {
 *             ferry_to_thread(fetch_user, urls[i], &users[i]);
 *         }
 *
 * Errors: none (the waits inside have theirs).
 * From a task, or on a thread that runs no loop; never suspends.
 */
#define FERRY_TIMEOUT_AT(time) \
    FERRY__SCOPE(FERRY__JOIN(ferry__scope_, __COUNTER__), ferry__timeout_at_enter, (time))

/*
 * FERRY_SHIELD { ... }
 *
 * Waits inside are not interrupted from outside the block. Neither a cancel nor time limits around
 * it reach them (limits inside work). What was asked for meanwhile is reported by the first wait
 * after the block.
 *
 *     FERRY_SHIELD {
 *         ferry_to_thread(fsync, fd); // also when the task was cancelled
 *     }
 *
 * Errors: none.
 * From a task, or on a thread that runs no loop; never suspends.
 */
#define FERRY_SHIELD FERRY__SCOPE(FERRY__JOIN(ferry__scope_, __COUNTER__), ferry__shield_enter, 0)

/*
 * Whether the FERRY_TIMEOUT block that was left last ran out of time. That is the one of this task,
 * or thread without a loop.
 *
 * Returns true when it did, and no scope around it nor a cancel did at the same time; false in a
 * callback of a loop.
 * Errors: none.
 * Any thread; never suspends.
 */
bool ferry_timeout_expired(void);

/*
 * Moves the time limit of the innermost FERRY_TIMEOUT. It is that of this task, or thread without a
 * loop; the new one is `seconds` from now, or a moment of ferry_loop_time() (asyncio's
 * Timeout.reschedule). Infinity takes it away. A limit that has run out already stays so.
 *
 *     FERRY_TIMEOUT(1) {
 *         while (read(fd, buffer, size) > 0)
 *             ferry_timeout_reschedule(1); // one second more with each piece
 *     }
 *
 * Returns 0, or a negative errno.
 * Errors: EPERM in a callback of a loop; ENOENT without a time limit; ETIMEDOUT it has run out;
 * EINVAL NaN.
 * Any thread; never suspends.
 */
int ferry_timeout_reschedule(double seconds);
int ferry_timeout_reschedule_at(double time);

/*
 * When the time limit of the innermost FERRY_TIMEOUT runs out, or ran out. (asyncio's
 * Timeout.when.)
 *
 *     double left = ferry_timeout_when() - ferry_loop_time();
 *
 * Returns a moment of ferry_loop_time(), infinity for no limit; NaN on an error.
 * Errors: EPERM in a callback of a loop; ENOENT without a time limit.
 * Any thread; never suspends.
 */
double ferry_timeout_when(void);

/* What the macros are made of. The scope lives in the block's frame and leaves with it. */
struct ferry__scope {
    uint64_t words[12];
};
struct ferry__scope *ferry__timeout_enter(struct ferry__scope *scope, double seconds);
struct ferry__scope *ferry__timeout_at_enter(struct ferry__scope *scope, double time);
struct ferry__scope *ferry__shield_enter(struct ferry__scope *scope, double unused);
void ferry__scope_leave(struct ferry__scope *scope);

#ifdef __cplusplus
#define FERRY__NULL nullptr
#else
#define FERRY__NULL ((void *)0)
#endif
#define FERRY__JOIN(a, b) FERRY__JOIN_(a, b)
#define FERRY__JOIN_(a, b) a##b
#define FERRY__SCOPE(name, enter, seconds)                                      \
    for (struct ferry__scope name __attribute__((cleanup(ferry__scope_leave))), \
         *FERRY__JOIN(name, _once) = enter(&name, (seconds));                   \
         FERRY__JOIN(name, _once); FERRY__JOIN(name, _once) = FERRY__NULL)

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
