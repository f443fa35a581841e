/* SPDX-License-Identifier: MIT */
/* Calls that don't cross: made in place where no loop runs, or refused with the skip value. */
#ifndef FERRY_BRIDGE_DIRECT_H
#define FERRY_BRIDGE_DIRECT_H

#include "core/call.h"

#include <ferry/thread.h>

/* Outside a task. Without an executor of its own the function is called here and now; with one, the
 * call is queued there and this thread blocks; in a callback of a loop it is refused with EPERM. */
void ferry__direct_call(const struct ferry__call *call, struct ferry__image *image,
                        struct ferry_executor *executor, const ferry_call_options *options);

/* The call did not run: skip value and errno; or, where nothing could tell, the end with a
 * sentence. */
void ferry__direct_refuse(const struct ferry__call *call, struct ferry__image *image,
                          const ferry_call_options *options, int error);

/* Whether "it did not run" can be told: by a skip value, or an outcome that the caller looks at. */
bool ferry__direct_may_skip(const struct ferry__call *call, const ferry_call_options *options);

/* The skip value becomes the result (zero bytes of a type that has none). Ends the program with a
 * sentence when nothing could tell. void is fine: ferry_call_outcome tells. */
void ferry__direct_skip(const struct ferry__call *call, struct ferry__image *image, int error);

#endif
