/* SPDX-License-Identifier: MIT */
/*
 * Backends: how a loop sleeps, and how it learns that descriptors are ready. One table of
 * operations each, in a file of its own; which one a loop has is chosen when it is opened.
 *
 * A backend reports readiness by descriptor number and leaves it to watch.c whose that is.
 */
#ifndef FERRY_LOOP_BACKEND_H
#define FERRY_LOOP_BACKEND_H

#include <stdbool.h>
#include <stdint.h>

enum ferry__ready_for {
    FERRY__TO_READ = 1,
    FERRY__TO_WRITE = 2,
};

struct ferry__event {
    int fd;
    unsigned ready; /* enum ferry__ready_for; both on a hang-up or an error */
    uint32_t stamp; /* the one given to `add` */
};

#define FERRY__EVENTS 64 /* at most so many in one wait */

struct ferry__backend {
    const char *name;
    /* State in *ret; 0 or -errno. `wake_fd` becomes readable when the loop must wake: once per
     * write to it. */
    int (*open)(int wake_fd, void **ret_state);
    void (*close)(void *state);
    /* What a descriptor is watched for. 0, -EPERM (a kind of file that is always ready), -EBADF,
     * -ENOMEM, -ENOSPC; for modify also -ENOENT, when it was closed and perhaps opened anew since.
     */
    int (*add)(void *state, int fd, unsigned want, uint32_t stamp);
    int (*modify)(void *state, int fd, unsigned want, uint32_t stamp);
    void (*remove)(void *state, int fd);
    /* Sleeps up to `ns` nanoseconds (0: looks only, UINT64_MAX: no limit). How many events it
     * wrote. */
    int (*wait)(void *state, uint64_t ns, struct ferry__event events[FERRY__EVENTS]);
    /* Forgets all descriptors but the wake-up one: the way to be rid of one that was closed while a
     * duplicate of it lives on, which the kernel goes on reporting. 0 or -errno, and nothing has
     * changed. */
    int (*reopen)(void *state);
};

extern const struct ferry__backend ferry__backend_epoll;

/* By name (NULL: the best there is); NULL when there is none of this name. */
const struct ferry__backend *ferry__backend_find(const char *name);

#endif
