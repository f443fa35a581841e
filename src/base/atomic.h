/* SPDX-License-Identifier: MIT */
/*
 * The atomics façade. Every word that two threads share is read and written through these names, so
 * that another build can put a checker behind them without touching a line of the code that uses
 * them.
 *
 * The order is always written out (relaxed, acquire, release, acq_rel, seq_cst): a reader of the
 * code sees what pairs with what, and the checker can weaken one at a time.
 */
#ifndef FERRY_BASE_ATOMIC_H
#define FERRY_BASE_ATOMIC_H

#include <stdatomic.h>

#define ferry__load(word, order) atomic_load_explicit((word), memory_order_##order)
#define ferry__store(word, value, order) \
    atomic_store_explicit((word), (value), memory_order_##order)
#define ferry__swap(word, value, order) \
    atomic_exchange_explicit((word), (value), memory_order_##order)
#define ferry__add(word, value, order) \
    atomic_fetch_add_explicit((word), (value), memory_order_##order)
#define ferry__sub(word, value, order) \
    atomic_fetch_sub_explicit((word), (value), memory_order_##order)
#define ferry__and(word, value, order) \
    atomic_fetch_and_explicit((word), (value), memory_order_##order)
#define ferry__or(word, value, order) \
    atomic_fetch_or_explicit((word), (value), memory_order_##order)

/* Both may change *expected; the weak one may fail for no reason and belongs into a loop. On
 * failure the word was only read, relaxed: whoever needs more says so with a load of its own. */
#define ferry__cas(word, expected, value, order)                                               \
    atomic_compare_exchange_strong_explicit((word), (expected), (value), memory_order_##order, \
                                            memory_order_relaxed)
#define ferry__cas_weak(word, expected, value, order)                                        \
    atomic_compare_exchange_weak_explicit((word), (expected), (value), memory_order_##order, \
                                          memory_order_relaxed)

/* A pause inside a spin: tells the core (and a sibling hyperthread) that nothing happens here. */
static inline void ferry__relax(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#else
    __asm__ volatile("" ::: "memory");
#endif
}

/* Words written by different threads live this far apart: two lines, as the prefetcher fetches
 * pairs. */
#define FERRY__LINE 128

#endif
