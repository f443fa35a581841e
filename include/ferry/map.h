/* SPDX-License-Identifier: MIT */
/*
 * Many calls of one function, their results in order: Executor.map.
 *
 *     int status = ferry_executor_map(http, 1, 100, results, i, fetch_user, urls[i], &users[i]);
 *
 * This is the loop that one would write, with the calls made by the executor's workers: `for
 * (size_t i = 0; i < 100; i++) results[i] = fetch_user(urls[i], &users[i]);`. The compiler checks
 * them as it would there: no wrapper is written, and `i` is whatever name you give.
 */
#ifndef FERRY_MAP_H
#define FERRY_MAP_H

#include <ferry/call.h>
#include <ferry/executor.h>
#include <ferry/scope.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * int ferry_executor_map(ferry_executor *executor, size_t chunk, size_t count, T *results,
 *                        i, fn, args...)
 *
 * Calls fn(args...) for i = 0 .. count - 1 on the executor and waits for all. NULL: the default
 * one. results[i] is what the call for i returned. T is the type that fn returns, and another one
 * fails the build; results may be NULL, they are dropped then.
 *
 * The arguments are evaluated here, in order, each just before its call is queued: `i` is a const
 * size_t for them. They are copied as those of ferry_executor_submit are: scalars, pointers,
 * structs of at most 16 bytes. What a pointer points at must stay until the map returns.
 *
 * `chunk` calls at a time (0 counts as 1) are one job: made by one worker, one after the other. 1
 * is right for calls that wait; for calls of microseconds 10 to 1000 saves most of the way across.
 *
 * Of a million calls few are in memory: 2 chunks for each worker that the executor may have, or as
 * many as make 256 calls. When so many are on their way, half of them must end before the next
 * arguments are evaluated. So a map of any length uses a bounded amount of memory, allocated per
 * chunk, not per call; and what stops it stops it early. Where the executor is bounded and full, it
 * waits for room with one chunk.
 *
 * The first error ends the map: what has not begun never does, chunks stop before their next call,
 * calls that run are waited for, and nothing runs any more when the map returns. Calls that did not
 * run have the skip value in results (-1, NULL; zero bytes of a type that has none). A function's
 * own negative result is no error of the map. Leaving it by an exception of C++, out of an
 * argument, does the same as an error.
 *
 * Returns 0 when every function ran, else a negative errno.
 * Errors: those of a call; ENOMEM no memory for a chunk; EDEADLK called by a call of this executor
 * (directly or through others) while all its workers wait like this one, or in a FERRY_WITH_WORKER
 * block that keeps the only worker that the executor may have.
 * From a task; suspends, and task-locals travel. From a thread without a loop it blocks; in a call
 * of an executor with one worker, which maps onto that executor, the calls are made in place, being
 * on the right thread already.
 */
#define ferry_executor_map(executor, chunk, count, results, ...)                               \
    FERRY__MAP(FERRY__JOIN(ferry__map_, __COUNTER__), (executor), (chunk), (count), (results), \
               __VA_ARGS__)

/* What the macro is made of. */
struct ferry__map {
    size_t at; /* the item whose arguments are evaluated */
    void *words[31];
};
void ferry__map_open(struct ferry__map *frame, ferry_executor *executor, size_t chunk, size_t count,
                     void *results, unsigned result, const char *place);
/* Whether the arguments of item `at` are wanted; may wait. */
int ferry__map_wants(struct ferry__map *frame);
/* Waits until nothing of it runs any more. 0, or the negative error. */
int ferry__map_finish(struct ferry__map *frame);
/* The same, however the statement is left; again is fine. */
void ferry__map_leave(struct ferry__map *frame);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#define FERRY__SAY_RESULTS "ferry: results must point at the type that the function returns"

#ifdef __cplusplus
namespace ferry__cpp {
template <class Results, class R> constexpr void map_fits()
{
    constexpr unsigned wanted = result_code_at<Results>();
    static_assert(wanted == 0 || wanted == result_code<R>(), FERRY__SAY_RESULTS);
}
template <class Results, class R, class... P> constexpr void map_fits(R (*)(P...))
{
    map_fits<Results, R>();
}
template <class Results, class R, class... P> constexpr void map_fits(R (*)(P..., ...))
{
    map_fits<Results, R>();
}
} /* namespace ferry__cpp */
#define FERRY__MAP_FITS(results, ...) \
    ferry__cpp::map_fits<decltype(results)>(FERRY__FIRST(__VA_ARGS__))
#else
#define FERRY__MAP_FITS(results, ...)                                                              \
    _Static_assert(FERRY__RESULT_AT(results) == 0 ||                                               \
                       FERRY__RESULT_AT(results) == FERRY__RESULT_OF(__typeof__((FERRY__FIRST(     \
                                                        __VA_ARGS__))(FERRY__REST(__VA_ARGS__)))), \
                   FERRY__SAY_RESULTS)
#endif

#define FERRY__MAP(frame, executor, chunk, count, results, i, ...)                          \
    __extension__({                                                                         \
        struct ferry__map frame __attribute__((cleanup(ferry__map_leave)));                 \
        ferry__map_open(&frame, executor, chunk, count, results, FERRY__RESULT_AT(results), \
                        FERRY__HERE);                                                       \
        for (; ferry__map_wants(&frame); frame.at++) {                                      \
            const size_t i __attribute__((unused)) = frame.at;                              \
            FERRY__MAP_FITS(results, __VA_ARGS__);                                          \
            (void)FERRY__DEFERRED(FERRY__MAP_CALL, &frame, FERRY__NULL, 0, __VA_ARGS__);    \
        }                                                                                   \
        ferry__map_finish(&frame);                                                          \
    })

#endif
