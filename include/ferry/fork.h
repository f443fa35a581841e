/* SPDX-License-Identifier: MIT */
/*
 * fork. A child has one thread: the one that forked. Workers, and the loops of other threads, are
 * its parent's.
 *
 *     pid_t child = ferry_fork(5);
 *     if (child == 0)
 *         _exit(ferry_to_thread(fetch_user, url, &user) < 0); // its executors have fresh threads
 *
 * After a plain fork() the child may call exec or _exit, as any child of a program with threads.
 * Beyond that, nothing of ferry hangs there, whatever other threads were doing:
 *
 *   executors   those made before refuse calls: EOWNERDEAD. Shutting them down and freeing them
 *               gives 0 at once; their calls, running or queued, are the parent's. One that is made
 *               in the child works
 *   futures     of calls that the parent's workers have say EOWNERDEAD
 *   loops       are closed: their *_threadsafe functions say ESHUTDOWN, and the signals that they
 *               handled are as they were before. The child of a task that forked is in no task:
 *               the functions of tasks say EPERM, ferry_to_thread calls in place, and ferry_run
 *               runs a new loop. It must not return from the task's function, nor a call that
 *               forked from its own: that ends the child, with a sentence and 70
 *   locks       and the like of ferry/threadsafe.h that others held are held for ever, as any mutex
 *
 * fork() itself stops nobody and waits for nobody; system, popen and posix_spawn know nothing of
 * ferry.
 */
#ifndef FERRY_FORK_H
#define FERRY_FORK_H

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * Forks while no executor runs a call, with fresh threads for the child.
 *
 * Calls that run are waited for, up to `seconds` (INFINITY: without end). Those that wait in a
 * queue, and new ones, begin when the fork is over, in the parent. The child's executors are as
 * they were, with empty queues; an initializer runs on each new thread. Functions that interrupt
 * calls (ferry/policy.h) wait, too. Loops and the futures of queued calls are the parent's, as
 * after fork().
 *
 *     pid_t child = ferry_fork(5);
 *     if (child < 0)
 *         perror("fork");
 *
 * Returns the child's number, in the child 0, or a negative errno.
 * Errors: ETIMEDOUT a call still runs; EINVAL NaN; EPERM where a loop runs (fork before ferry_run,
 * or from another thread); EDEADLK in a call; EBUSY another thread is at it; EAGAIN, ENOMEM those
 * of fork.
 * From a thread that runs no loop; blocks it.
 */
pid_t ferry_fork(double seconds);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
