/* SPDX-License-Identifier: MIT */
/*
 * What the shape tests stand on: handlers of their own. An awaited call is replayed by a second
 * thread whose registers and dead stack were filled with a pattern; so are the caller's registers
 * when it goes on. A deferred one is copied and replayed by `finish`.
 */
#ifndef GROUND_H
#define GROUND_H

#include <ferry/call.h>

#ifdef __cplusplus
#define NOTHING nullptr
extern "C" {
#else
#define NOTHING NULL
#endif

#define AWAIT(...) FERRY__AWAITED(FERRY__TO_THREAD, NOTHING, NOTHING, 0, __VA_ARGS__)
#define LATER(...) FERRY__DEFERRED(FERRY__SUBMIT, NOTHING, NOTHING, 0, __VA_ARGS__)

/* Replays a deferred call, after the caller's dead stack was overwritten. Its result code in
 * *ret_code. */
struct ferry__value finish(void *later, unsigned *ret_code);

/* A handler replays here instead of there while this is set: the function may leave by an
 * exception. */
extern int replay_here;
/* Calls that did not run, since their thread ended in them. */
extern int died;

void check(int holds, const char *what, int line);
int checked_all(const char *program);

/* Other code that runs at the same time, on a stack and with a table of its own: its calls are
 * counted. */
void others_run(void (*body)(void));
void others_turn(void);

void poison(void);

#ifdef __cplusplus
}
#endif

#define SAME(fn, ...) check(AWAIT(fn, __VA_ARGS__) == (fn)(__VA_ARGS__), #fn, __LINE__)
#define SAME_BYTES(type, fn, ...)                                     \
    do {                                                              \
        type got = AWAIT(fn, __VA_ARGS__);                            \
        type want = (fn)(__VA_ARGS__);                                \
        check(memcmp(&got, &want, sizeof(type)) == 0, #fn, __LINE__); \
    } while (0)
/* Deferred: the same, its result fetched by type. */
#define SAME_LATER(type, fn, ...)                                              \
    do {                                                                       \
        unsigned code;                                                         \
        struct ferry__value value = finish(LATER(fn, __VA_ARGS__), &code);     \
        check((code ^ FERRY__RESULT_OF(type)) == 0, "code of " #fn, __LINE__); \
        type want = (fn)(__VA_ARGS__);                                         \
        check(FERRY__VALUE(type, value) == want, "later " #fn, __LINE__);      \
    } while (0)

#endif
