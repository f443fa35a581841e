/* SPDX-License-Identifier: MIT */
#include "core/fiber.h"

#ifdef FERRY__NOTES_TSAN
_Thread_local void *ferry__notes_left;
#endif

_Noreturn void ferry__fiber_leave(struct ferry__fiber *from, struct ferry__fiber *to)
{
    ferry__notes_leave(&from->notes, &to->notes, true);
    ferry__switch(&from->sp, to->sp);
    __builtin_unreachable();
}
