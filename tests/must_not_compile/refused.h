/* SPDX-License-Identifier: MIT */
/* For programs that must not compile. Each says what it expects in a comment, and where. */
#include <ferry/call.h>

#define AWAIT(...) FERRY__AWAITED(FERRY__TO_THREAD, NULL, NULL, 0, __VA_ARGS__)
#define LATER(...) FERRY__DEFERRED(FERRY__SUBMIT, NULL, NULL, 0, __VA_ARGS__)
