/* SPDX-License-Identifier: MIT */
/*
 * ferry: asyncio for C. All headers, in the order in which to read them.
 *
 *     static int ticker(int times)
 *     {
 *         for (int i = 0; i < times; i++) {
 *             puts("tick");
 *             ferry_sleep(0.3);
 *         }
 *         return 0;
 *     }
 *
 *     static int async_main(void)
 *     {
 *         ferry_task *ticking = ferry_create_task(ticker, 3);
 *         ferry_to_thread(usleep, 500000); // any blocking function; the ticker ticks meanwhile
 *         return ferry_await(int, ticking);
 *     }
 *
 *     int main(void)
 *     {
 *         return ferry_run(async_main);
 *     }
 *
 * Own functions return 0 or a useful number, else a negative errno, and set errno too; constructors
 * return NULL and set errno. What a program can meet in good faith is an error, and nothing is half
 * done by it. Calls that make no sense whatever happens at run time end the program with a
 * sentence, in every build.
 *
 * A function that may suspend lets other tasks of its loop run meanwhile. Each page says under
 * CONTEXT from where a function may be called, and whether it suspends.
 */
#ifndef FERRY_FERRY_H
#define FERRY_FERRY_H

#include <ferry/run.h>              /* enter the loop */
#include <ferry/task.h>             /* tasks: create, await, cancel, sleep */
#include <ferry/thread.h>           /* ferry_to_thread: a blocking call from a task */
#include <ferry/gather.h>           /* many tasks at once */
#include <ferry/executor.h>         /* a limit and a queue for a kind of call */
#include <ferry/map.h>              /* many calls of one function, results in order */
#include <ferry/scope.h>            /* time limits and shields */
#include <ferry/policy.h>           /* calls that are interrupted or abandoned */
#include <ferry/fork.h>             /* a child with executors of its own */
#include <ferry/from_thread.h>      /* from a worker back to its task */
#include <ferry/group.h>            /* tasks that end with a block */
#include <ferry/lock.h>             /* one task at a time */
#include <ferry/event.h>            /* until something has happened */
#include <ferry/condition.h>        /* until something holds, under a lock */
#include <ferry/semaphore.h>        /* at most so many tasks at a time */
#include <ferry/barrier.h>          /* until all are here */
#include <ferry/queue.h>            /* items from task to task */
#include <ferry/threadsafe.h>       /* locks, events, semaphores between tasks and threads */
#include <ferry/threadsafe_queue.h> /* items between tasks and threads */
#include <ferry/stream.h>           /* items from a call on a worker as they come, or to it */
#include <ferry/local.h>            /* values that travel with a task */
#include <ferry/future.h>           /* a result that is not there yet */
#include <ferry/futures.h>          /* many of them at once */
#include <ferry/loop.h>             /* callbacks, timers, descriptors, signals, other threads */
#include <ferry/call.h>             /* what the typed macros are made of */

#endif
