/* SPDX-License-Identifier: MIT */
/*
 * An exception that leaves a replayed function.
 *
 * The frame of ferry__replay has this personality. The unwinder asks it in the search phase, while
 * the thrower's stack still stands: the hook is told, and the search goes on. If nobody catches,
 * terminate follows with the message out. Forced unwinds (pthread_exit) have no search phase and
 * pass in silence.
 */
#include "arch/arch.h"

#include <unwind.h>

_Unwind_Reason_Code
ferry__replay_personality(int version, _Unwind_Action actions, _Unwind_Exception_Class class,
                          struct _Unwind_Exception *exception, struct _Unwind_Context *context)
    __attribute__((visibility("hidden")));

_Unwind_Reason_Code ferry__replay_personality(int version, _Unwind_Action actions,
                                              _Unwind_Exception_Class class,
                                              struct _Unwind_Exception *exception,
                                              struct _Unwind_Context *context)
{
    (void)version, (void)class, (void)exception, (void)context;
    if ((actions & _UA_SEARCH_PHASE) && ferry__uncaught)
        ferry__uncaught();
    return _URC_CONTINUE_UNWIND;
}
