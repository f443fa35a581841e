/* SPDX-License-Identifier: MIT */
#include "loop/watch.h"

#include "base/error.h"
#include "base/memory.h"
#include "core/locals.h"
#include "loop/loop.h"

#include <stdio.h>
#include <sys/stat.h>

#define SUSPICIOUS 64 /* so many reports in a row, and the descriptor is looked at */

static struct ferry__watch *find(const struct ferry__watches *watches, int fd)
{
    return fd >= 0 && fd < watches->room ? watches->by_fd[fd] : NULL;
}

static unsigned want(const struct ferry__watch *watch)
{
    return (watch->reader.fn ? (unsigned)FERRY__TO_READ : 0) |
           (watch->writer.fn ? (unsigned)FERRY__TO_WRITE : 0);
}

static void watch_free(struct ferry__watch *watch)
{
    if (!watch)
        return;
    ferry__context_drop(watch->reader.locals);
    ferry__context_drop(watch->writer.locals);
    ferry__free(watch);
}

static void forget(struct ferry__watches *watches, int fd)
{
    watch_free(watches->by_fd[fd]);
    watches->by_fd[fd] = NULL;
    watches->count--;
    watches->changed = true;
}

void ferry__watches_deinit(struct ferry__watches *watches)
{
    for (int fd = 0; fd < watches->room; fd++)
        watch_free(watches->by_fd[fd]);
    ferry__free(watches->by_fd);
    *watches = (struct ferry__watches){0};
}

/* The watch of this number, a new one if need be. NULL without memory. */
static struct ferry__watch *get(struct ferry__watches *watches, int fd)
{
    if (fd >= watches->room) {
        int room = watches->room ? watches->room : 64;
        while (room <= fd)
            room = room > INT32_MAX / 2 ? INT32_MAX : room * 2;
        struct ferry__watch **by_fd =
            ferry__realloc(watches->by_fd, (size_t)room * sizeof(struct ferry__watch *));
        if (!by_fd)
            return NULL;
        for (int i = watches->room; i < room; i++)
            by_fd[i] = NULL;
        watches->by_fd = by_fd;
        watches->room = room;
    }
    if (!watches->by_fd[fd]) {
        watches->by_fd[fd] = ferry__alloc(sizeof(struct ferry__watch));
        watches->count += watches->by_fd[fd] != NULL;
    }
    return watches->by_fd[fd];
}

/* Tells the backend what the watch is for. A number that was closed and opened anew is a new watch
 * to it. */
static int tell(struct ferry_loop *loop, int fd, struct ferry__watch *watch, bool known)
{
    const struct ferry__backend *backend = loop->backend;
    if (known) {
        int error = backend->modify(loop->backend_state, fd, want(watch), watch->stamp);
        if (error != -ENOENT)
            return error;
    }
    return backend->add(loop->backend_state, fd, want(watch), watch->stamp);
}

static int add(int fd, unsigned which, struct ferry__watch_half half)
{
    struct ferry_loop *loop = ferry__loop_current();
    struct stat file;
    if (!loop)
        return ferry__fail(EPERM);
    if (!half.fn)
        return ferry__fail(EINVAL);
    if (fd < 0 || fstat(fd, &file) != 0)
        return ferry__fail(EBADF);
    struct ferry__watches *watches = &loop->watches;
    struct ferry__watch *watch = get(watches, fd);
    if (!watch)
        return ferry__fail(ENOMEM);
    struct ferry__watch before = *watch;
    bool known = want(&before) != 0;
    if (known && (before.device != file.st_dev || before.inode != file.st_ino)) {
        watch->reader.fn = watch->writer.fn = NULL; /* the number's former file: it was closed */
        known = false;
    }
    if (!known)
        watch->stamp = ++watches->stamps;
    struct ferry__watch_half *mine = which == FERRY__TO_READ ? &watch->reader : &watch->writer;
    struct ferry__context *replaced = mine->locals;
    half.locals = ferry__context_hold(ferry__context_now());
    *mine = half;
    watch->device = file.st_dev;
    watch->inode = file.st_ino;
    int error = tell(loop, fd, watch, known);
    watches->changed = true;
    if (error == 0) {
        ferry__context_drop(replaced);
        return 0;
    }
    ferry__context_drop(half.locals);
    *watch = before;
    if (!want(watch))
        forget(watches, fd);
    return ferry__fail(-error);
}

static int remove_half(int fd, unsigned which)
{
    struct ferry_loop *loop = ferry__loop_current();
    if (!loop)
        return ferry__fail(EPERM);
    struct ferry__watch *watch = find(&loop->watches, fd);
    struct ferry__watch_half *half = !watch                    ? NULL
                                     : which == FERRY__TO_READ ? &watch->reader
                                                               : &watch->writer;
    if (!half || !half->fn)
        return 0;
    half->fn = NULL;
    ferry__context_drop(half->locals);
    half->locals = NULL;
    loop->watches.changed = true;
    if (want(watch)) {
        loop->backend->modify(loop->backend_state, fd, want(watch), watch->stamp);
        return 1;
    }
    loop->backend->remove(loop->backend_state, fd);
    forget(&loop->watches, fd);
    return 1;
}

int ferry_loop_add_reader(int fd, ferry_descriptor_callback *fn, void *context)
{
    return add(fd, FERRY__TO_READ, (struct ferry__watch_half){.fn = fn, .context = context});
}

int ferry_loop_add_writer(int fd, ferry_descriptor_callback *fn, void *context)
{
    return add(fd, FERRY__TO_WRITE, (struct ferry__watch_half){.fn = fn, .context = context});
}

int ferry_loop_remove_reader(int fd)
{
    return remove_half(fd, FERRY__TO_READ);
}

int ferry_loop_remove_writer(int fd)
{
    return remove_half(fd, FERRY__TO_WRITE);
}

static void drop_closed(struct ferry_loop *loop, int fd)
{
    char message[80];
    snprintf(message, sizeof message, "descriptor %d was closed while the loop watched it", fd);
    forget(&loop->watches, fd);
    ferry__loop_complain(loop, message, NULL, 0);
}

/* The kernel reports what nobody can name any more: all that live are watched anew. */
static void watch_anew(struct ferry_loop *loop)
{
    struct ferry__watches *watches = &loop->watches;
    if (loop->backend->reopen(loop->backend_state) != 0)
        return; /* no descriptor to be had now: the next report tries again */
    for (int fd = 0; fd < watches->room; fd++) {
        struct ferry__watch *watch = watches->by_fd[fd];
        if (watch &&
            loop->backend->add(loop->backend_state, fd, want(watch), watch->stamp) == -EBADF)
            drop_closed(loop, fd);
    }
}

static bool is_same_file(int fd, const struct ferry__watch *watch)
{
    struct stat file;
    return fstat(fd, &file) == 0 && file.st_dev == watch->device && file.st_ino == watch->inode;
}

static void run(struct ferry_loop *loop, int fd, const char *kind, struct ferry__watch_half half)
{
    struct ferry__debug_span span = ferry__debug_begin(&loop->sched);
    struct ferry__context *own = ferry__context_hold(half.locals);
    struct ferry__context **outer = ferry__context_enter(&own);
    half.fn(fd, half.context);
    ferry__context_leave(outer);
    ferry__context_drop(own);
    if (span.since)
        ferry__debug_end(loop, span, NULL, "the %s of descriptor %d", kind, fd);
}

void ferry__watches_dispatch(struct ferry_loop *loop, const struct ferry__event *events, int count)
{
    struct ferry__watches *watches = &loop->watches;
    bool stale = false;
    watches->changed = false;
    for (int i = 0; i < count; i++) {
        const struct ferry__event *event = &events[i];
        struct ferry__watch *watch = find(watches, event->fd);
        if (!watch || watch->stamp != event->stamp) {
            stale |= !watches->changed; /* else it may be one that a callback has just removed */
            continue;
        }
        if (++watch->reported % SUSPICIOUS == 0 && !is_same_file(event->fd, watch)) {
            drop_closed(loop, event->fd);
            stale = true;
            continue;
        }
        struct ferry__watch_half reader = watch->reader, writer = watch->writer;
        if (event->ready & FERRY__TO_READ && reader.fn)
            run(loop, event->fd, "reader", reader);
        watch = find(watches, event->fd);
        if (event->ready & FERRY__TO_WRITE && writer.fn && watch && watch->stamp == event->stamp &&
            watch->writer.fn == writer.fn)
            run(loop, event->fd, "writer", watch->writer);
    }
    if (stale)
        watch_anew(loop);
}
