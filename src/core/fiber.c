/* SPDX-License-Identifier: MIT */
#include "core/fiber.h"

#if defined(FERRY__NOTES_TSAN)
_Thread_local void *ferry__notes_left;
_Thread_local void *ferry__notes_kept[FERRY__FIBERS_KEPT];
_Thread_local int ferry__notes_kept_count;
#elif defined(FERRY__NOTES_ASAN)
_Thread_local struct ferry__notes *ferry__notes_left;
#endif

_Noreturn void ferry__fiber_leave(struct ferry__fiber *from, struct ferry__fiber *to)
{
    ferry__notes_leave(&from->notes, &to->notes, true);
    ferry__switch(&from->sp, to->sp);
    __builtin_unreachable();
}
