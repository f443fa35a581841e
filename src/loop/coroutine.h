/* SPDX-License-Identifier: MIT */
/* ferry_run_coroutine_threadsafe: a task for another thread's loop, its result in a future. */
#ifndef FERRY_LOOP_COROUTINE_H
#define FERRY_LOOP_COROUTINE_H

#include "core/call.h"

ferry__handler ferry__on_run_coroutine_threadsafe;

#endif
