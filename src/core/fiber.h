/* SPDX-License-Identifier: MIT */
/* A fiber: a stack that can be switched to, with what the sanitizers keep about it. */
#ifndef FERRY_CORE_FIBER_H
#define FERRY_CORE_FIBER_H

#include "arch/arch.h"
#include "core/notes.h"

struct ferry__fiber {
    void *sp; /* where it stopped; meaningless while it runs */
    struct ferry__notes notes;
};

/* Goes on with `to`; comes back when somebody switches to `from`. */
static inline void ferry__fiber_switch(struct ferry__fiber *from, struct ferry__fiber *to)
{
    ferry__notes_leave(&from->notes, &to->notes, false);
    ferry__switch(&from->sp, to->sp);
    ferry__notes_arrive(&from->notes);
}

/* The same, for a `to` that stopped in this function at this place: quicker. */
static inline void ferry__fiber_switch_alike(struct ferry__fiber *from, struct ferry__fiber *to)
{
    ferry__notes_leave(&from->notes, &to->notes, false);
    ferry__switch_alike(&from->sp, to->sp);
    ferry__notes_arrive(&from->notes);
}

/* Goes on with `to` for good: `from` has ended. */
_Noreturn void ferry__fiber_leave(struct ferry__fiber *from, struct ferry__fiber *to);

#endif
