/* SPDX-License-Identifier: MIT */
/*
 * ferry in C++17: all .hpp headers, in the order in which to read them. Header-only, over the C
 * library, whose headers they include: everything of C is there, too (FERRY_TIMEOUT and
 * FERRY_SHIELD are left by exceptions as they should be).
 */
#ifndef FERRY_FERRY_HPP
#define FERRY_FERRY_HPP

#include <ferry/ferry.h>

#include <ferry/thread.hpp>   /* run, to_thread, call_with, from_thread: any callable */
#include <ferry/error.hpp>    /* errors as exceptions: cancelled, timed_out */
#include <ferry/task.hpp>     /* create_task, gather: tasks that end with their handle */
#include <ferry/group.hpp>    /* with_task_group: tasks that end with a function */
#include <ferry/executor.hpp> /* executor, submit, future */
#include <ferry/lock.hpp>     /* mutex, for std::lock_guard */
#include <ferry/invoke.hpp>   /* what they are made of */

#endif
