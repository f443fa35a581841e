/* SPDX-License-Identifier: MIT */
/* Threads by number: 1, 2, 3 as they ask first, never given twice. A pthread_t is: the next thread
 * mostly has that of the one which ended last. */
#ifndef FERRY_BASE_THREAD_NUMBER_H
#define FERRY_BASE_THREAD_NUMBER_H

#include <stdint.h>

/* The running thread's. */
uint64_t ferry__thread_number(void);

#endif
