/* SPDX-License-Identifier: MIT */
/*
 * What another thread of this process is doing, told without disturbing it.
 *
 * A signal whose handler unwinds would be exact, but poll, nanosleep and others end with EINTR by
 * any signal, SA_RESTART or not: it would change what the call does (docs/laws.md, 5). So the
 * kernel is asked which system call the thread waits in, and its stack is read from where that call
 * left it, as memory: words that are return addresses, being preceded by a call. Some of them may
 * be left from calls that have returned.
 */
#ifndef FERRY_EXECUTOR_STUCK_H
#define FERRY_EXECUTOR_STUCK_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct ferry_executor;

/* A line for each call of the executor (NULL: of any) that runs, with the return addresses on its
 * stack if `stacks`. How many run. */
size_t ferry__executors_report(const struct ferry_executor *executor, FILE *file, bool stacks);

/* stuck_thread.c: what the thread does, "in read", "running"; where its stack ends and its next
 * instruction, 0: unknown. */
struct ferry__whereabouts {
    char doing[64];
    uintptr_t sp, pc;
};
void ferry__thread_whereabouts(int thread, struct ferry__whereabouts *ret);
/* stuck_stack.c */
void ferry__print_stack(FILE *file, const struct ferry__whereabouts *at);

#endif
