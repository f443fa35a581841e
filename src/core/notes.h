/* SPDX-License-Identifier: MIT */
/*
 * What the sanitizers must be told of a switch between stacks. One of three sibling files says how;
 * they all have the same four functions, which are empty in an ordinary build:
 *
 *   ferry__notes_adopt   the thread's own stack becomes a fiber that can be switched back to
 *   ferry__notes_start   a new fiber on the stack [bottom, bottom + size)
 *   ferry__notes_leave   right before a switch from one to another; `last`: one won't come back
 *   ferry__notes_arrive  right after a switch, on the stack that was switched to
 */
#ifndef FERRY_CORE_NOTES_H
#define FERRY_CORE_NOTES_H

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define FERRY__NOTES_TSAN
#elif __has_feature(address_sanitizer)
#define FERRY__NOTES_ASAN
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define FERRY__NOTES_TSAN
#elif defined(__SANITIZE_ADDRESS__)
#define FERRY__NOTES_ASAN
#endif

#if defined(FERRY__NOTES_TSAN)
#include "core/notes_tsan.h"
#elif defined(FERRY__NOTES_ASAN)
#include "core/notes_asan.h"
#else
#include "core/notes_none.h"
#endif

#endif
