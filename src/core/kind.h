/* SPDX-License-Identifier: MIT */
/* Kinds of results (ferry/call.h: class << 8 | size): what they are called, and their skip values.
 */
#ifndef FERRY_CORE_KIND_H
#define FERRY_CORE_KIND_H

#include <ferry/call.h>
#include <stdbool.h>
#include <stddef.h>

/* Asked for by who takes any kind and drops it. */
#define FERRY__ANY 0xffffu

#define FERRY__KIND_TEXT 48
const char *ferry__kind_text(unsigned kind, char text[FERRY__KIND_TEXT]);

static inline size_t ferry__kind_size(unsigned kind)
{
    return kind & 0xff;
}

/* Writes the skip value (-1, NULL; zero bytes where there is none). */
void ferry__kind_skip(unsigned kind, void *ret, size_t size);
bool ferry__kind_has_skip(unsigned kind);

/* What the short forms (ferry_await, ferry_future_result) give: `value` where `said` is 0, else the
 * skip value with errno -said. Where the type has none the program ends, with `instead`. */
struct ferry__value ferry__kind_value(unsigned kind, struct ferry__value value, int said,
                                      const char *asker, const char *place, const char *instead);

/* A negative result of a signed type, else 0. */
long long ferry__result_negative(unsigned kind, const void *result);

#endif
