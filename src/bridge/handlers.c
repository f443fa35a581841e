/* SPDX-License-Identifier: MIT */
/* What each kind of captured call does: the one table that names both towers. */
#include "bridge/crossing.h"
#include "core/task.h"
#include "loop/callback.h"
#include "loop/loop.h"

ferry__handler *const ferry__handlers[FERRY__KINDS] = {
    [FERRY__RUN] = ferry__on_run,
    [FERRY__RUNNER_RUN] = ferry__on_runner_run,
    [FERRY__TO_THREAD] = ferry__on_to_thread,
    [FERRY__CALL_WITH] = ferry__on_call_with,
    [FERRY__SUBMIT] = ferry__on_submit,
    [FERRY__MAP_CALL] = ferry__on_map_call,
    [FERRY__CREATE_TASK] = ferry__on_create_task,
    [FERRY__GROUP_TASK] = ferry__on_group_task,
    [FERRY__CALL_SOON] = ferry__on_call_soon,
    [FERRY__CALL_LATER] = ferry__on_call_later,
    [FERRY__CALL_AT] = ferry__on_call_at,
    [FERRY__CALL_SOON_THREADSAFE] = ferry__on_call_soon_threadsafe,
    [FERRY__RUN_COROUTINE_THREADSAFE] = ferry__on_run_coroutine_threadsafe,
    [FERRY__FROM_THREAD] = ferry__on_from_thread,
};
