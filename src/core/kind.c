/* SPDX-License-Identifier: MIT */
#include "core/kind.h"

#include "base/panic.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

const char *ferry__kind_text(unsigned kind, char text[FERRY__KIND_TEXT])
{
    static const char *const words[] = {
        [FERRY__VOID] = "nothing",
        [FERRY__SIGNED] = "a signed integer",
        [FERRY__UNSIGNED] = "an unsigned integer",
        [FERRY__POINTER] = "a pointer",
        [FERRY__FLOATING] = "a floating-point number",
        [FERRY__X87] = "a long double",
        [FERRY__COMPLEX] = "a complex number",
        [FERRY__X87_COMPLEX] = "a long double complex number",
        [FERRY__OTHER] = "a struct",
    };
    unsigned class = kind >> 8;
    const char *word = class < sizeof words / sizeof *words ? words[class] : "something unknown";
    if (class == FERRY__VOID || class == FERRY__POINTER)
        snprintf(text, FERRY__KIND_TEXT, "%s", word);
    else
        snprintf(text, FERRY__KIND_TEXT, "%s of %zu bytes", word, ferry__kind_size(kind));
    return text;
}

bool ferry__kind_has_skip(unsigned kind)
{
    return kind >> 8 == FERRY__SIGNED || kind >> 8 == FERRY__POINTER;
}

void ferry__kind_skip(unsigned kind, void *ret, size_t size)
{
    memset(ret, kind >> 8 == FERRY__SIGNED ? 0xff : 0, size);
}

struct ferry__value ferry__kind_value(unsigned kind, struct ferry__value value, int said,
                                      const char *asker, const char *place, const char *instead)
{
    if (said == 0)
        return value;
    if (!ferry__kind_has_skip(kind))
        ferry__panic("%s at %s has no result to give: %s, and its type has no value that could say "
                     "so: %s",
                     asker, place, strerror(-said), instead);
    ferry__kind_skip(kind, &value, sizeof value);
    errno = -said;
    return value;
}

long long ferry__result_negative(unsigned kind, const void *result)
{
    long long value = 0;
    if (kind >> 8 != FERRY__SIGNED)
        return 0;
    switch (ferry__kind_size(kind)) {
    case 1:
        value = *(const int8_t *)result;
        break;
    case 2:
        value = *(const int16_t *)result;
        break;
    case 4:
        value = *(const int32_t *)result;
        break;
    default: /* of an __int128 the high half has the sign; its low half says enough */
        memcpy(&value, result, sizeof value);
        if (ferry__kind_size(kind) == 16 && ((const int64_t *)result)[1] >= 0)
            value = 0;
    }
    return value < 0 ? value : 0;
}
