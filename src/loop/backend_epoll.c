/* SPDX-License-Identifier: MIT */
/*
 * Descriptors are level-triggered. The wake-up descriptor is edge-triggered and never read while
 * the loop lives: each write to it is an edge, so waking costs the sleeper no second system call.
 */
#include "base/clock.h"
#include "base/error.h"
#include "base/fault.h"
#include "base/memory.h"
#include "core/valgrind.h"
#include "loop/backend.h"

#include <limits.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

struct state {
    int epoll, wake;
    bool no_pwait2; /* a kernel before 5.11, or an emulator: milliseconds must do */
};

#define WAKE UINT64_MAX /* the wake-up descriptor's data; others: stamp << 32 | fd */

/* A new epoll that watches the wake-up descriptor alone. */
static int open_epoll(int wake_fd)
{
    if (ferry__fault(FERRY__FAULT_DESCRIPTOR))
        return -EMFILE;
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0)
        return -errno;
    struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.u64 = WAKE};
    if (ferry__fault(FERRY__FAULT_EPOLL) || epoll_ctl(epoll, EPOLL_CTL_ADD, wake_fd, &event) != 0) {
        close(epoll);
        return -ENOMEM;
    }
    return epoll;
}

static int epoll_open(int wake_fd, void **ret_state)
{
    struct state *state = ferry__alloc(sizeof *state);
    if (!state)
        return -ENOMEM;
    state->wake = wake_fd;
    state->no_pwait2 = ferry__on_valgrind(); /* which doesn't know the call and says so each time */
    state->epoll = open_epoll(wake_fd);
    if (state->epoll < 0) {
        int error = state->epoll;
        ferry__free(state);
        return error;
    }
    *ret_state = state;
    return 0;
}

static void epoll_close_(void *state_)
{
    struct state *state = state_;
    close(state->epoll);
    ferry__free(state);
}

static int control(struct state *state, int operation, int fd, unsigned want, uint32_t stamp)
{
    struct epoll_event event = {
        .events = (want & FERRY__TO_READ ? (uint32_t)EPOLLIN | EPOLLRDHUP : 0) |
                  (want & FERRY__TO_WRITE ? (uint32_t)EPOLLOUT : 0),
        .data.u64 = (uint64_t)stamp << 32 | (uint32_t)fd,
    };
    if (ferry__fault(FERRY__FAULT_EPOLL))
        return -ENOMEM;
    return epoll_ctl(state->epoll, operation, fd, &event) == 0 ? 0 : -errno;
}

static int epoll_add(void *state, int fd, unsigned want, uint32_t stamp)
{
    int error = control(state, EPOLL_CTL_ADD, fd, want, stamp);
    return error == -EEXIST ? control(state, EPOLL_CTL_MOD, fd, want, stamp) : error;
}

static int epoll_modify(void *state, int fd, unsigned want, uint32_t stamp)
{
    return control(state, EPOLL_CTL_MOD, fd, want, stamp);
}

static void epoll_remove(void *state_, int fd)
{
    struct state *state = state_;
    struct epoll_event unused;
    epoll_ctl(state->epoll, EPOLL_CTL_DEL, fd, &unused); /* closed already: fine */
}

static int wait_milliseconds(struct state *state, uint64_t ns, struct epoll_event *events)
{
    uint64_t ms = ns / 1000000 + (ns % 1000000 != 0); /* never too early */
    int limit = ns == FERRY__NEVER ? -1 : ms > INT_MAX ? INT_MAX : (int)ms;
    return epoll_wait(state->epoll, events, FERRY__EVENTS, limit);
}

static int wait_events(struct state *state, uint64_t ns, struct epoll_event *events)
{
    if (ns == 0 || ns == FERRY__NEVER || state->no_pwait2)
        return wait_milliseconds(state, ns, events);
    struct timespec limit = ferry__timespec(ns);
    int count =
        (int)syscall(SYS_epoll_pwait2, state->epoll, events, FERRY__EVENTS, &limit, NULL, 0);
    if (count >= 0 || errno == EINTR)
        return count;
    state->no_pwait2 = true;
    return wait_milliseconds(state, ns, events);
}

static int epoll_wait_(void *state, uint64_t ns, struct ferry__event events[FERRY__EVENTS])
{
    struct epoll_event got[FERRY__EVENTS];
    int before = errno, written = 0;
    int count = wait_events(state, ns, got);
    errno = before;
    for (int i = 0; i < count; i++) {
        if (got[i].data.u64 == WAKE)
            continue;
        uint32_t said = got[i].events;
        bool both = said & (EPOLLERR | EPOLLHUP);
        events[written++] = (struct ferry__event){
            .fd = (int)(uint32_t)got[i].data.u64,
            .stamp = (uint32_t)(got[i].data.u64 >> 32),
            .ready = (both || said & (EPOLLIN | EPOLLRDHUP) ? FERRY__TO_READ : 0) |
                     (both || said & EPOLLOUT ? FERRY__TO_WRITE : 0),
        };
    }
    return written;
}

static int epoll_reopen(void *state_)
{
    struct state *state = state_;
    int epoll = open_epoll(state->wake);
    if (epoll < 0)
        return epoll;
    close(state->epoll);
    state->epoll = epoll;
    return 0;
}

const struct ferry__backend ferry__backend_epoll = {
    .name = "epoll",
    .open = epoll_open,
    .close = epoll_close_,
    .add = epoll_add,
    .modify = epoll_modify,
    .remove = epoll_remove,
    .wait = epoll_wait_,
    .reopen = epoll_reopen,
};

const struct ferry__backend *ferry__backend_find(const char *name)
{
    if (!name || strcmp(name, ferry__backend_epoll.name) == 0)
        return &ferry__backend_epoll;
    return NULL;
}
