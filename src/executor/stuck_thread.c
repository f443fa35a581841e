/* SPDX-License-Identifier: MIT */
/* /proc/self/task/N/syscall: which system call a thread waits in. */
#include "executor/stuck.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Those in which threads wait; others bear their number. */
static const struct {
    long number;
    const char *name;
} names[] = {
#define NAMED(name)       \
    {                     \
        SYS_##name, #name \
    }
    NAMED(read),        NAMED(write),           NAMED(readv),           NAMED(writev),
    NAMED(pread64),     NAMED(pwrite64),        NAMED(openat),          NAMED(close),
    NAMED(fsync),       NAMED(fdatasync),       NAMED(ftruncate),       NAMED(fallocate),
    NAMED(flock),       NAMED(fcntl),           NAMED(ioctl),           NAMED(futex),
    NAMED(nanosleep),   NAMED(clock_nanosleep), NAMED(ppoll),           NAMED(pselect6),
    NAMED(epoll_pwait), NAMED(accept),          NAMED(accept4),         NAMED(connect),
    NAMED(recvfrom),    NAMED(recvmsg),         NAMED(sendto),          NAMED(sendmsg),
    NAMED(wait4),       NAMED(waitid),          NAMED(getdents64),      NAMED(unlinkat),
    NAMED(renameat2),   NAMED(mount),           NAMED(rt_sigtimedwait), NAMED(rt_sigsuspend),
    NAMED(semtimedop),  NAMED(msgrcv),          NAMED(msgsnd),          NAMED(splice),
    NAMED(sendfile),    NAMED(copy_file_range),
#ifdef SYS_poll
    NAMED(poll),        NAMED(select),          NAMED(epoll_wait),      NAMED(open),
    NAMED(pause),       NAMED(unlink),
#endif
};

static const char *name_of(long number)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].number == number)
            return names[i].name;
    return NULL;
}

/* "running", or "NUMBER six-arguments SP PC", or "-1 SP PC" where it waits in no system call. */
static bool read_file(int thread, char *text, size_t room)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/self/task/%d/syscall", thread);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t length = read(fd, text, room - 1);
    close(fd);
    text[length > 0 ? length : 0] = '\0';
    return length > 0;
}

void ferry__thread_whereabouts(int thread, struct ferry__whereabouts *ret)
{
    char text[256], *rest;
    *ret = (struct ferry__whereabouts){.doing = "doing what can't be told"};
    if (!read_file(thread, text, sizeof text))
        return;
    if (strncmp(text, "running", 7) == 0) {
        strcpy(ret->doing, "computing");
        return;
    }
    long number = strtol(text, &rest, 10);
    uint64_t words[8] = {0};
    int count = 0;
    for (char *end; count < 8; rest = end, count++) {
        words[count] = strtoull(rest, &end, 16);
        if (end == rest)
            break;
    }
    if (count >= 2) {
        ret->sp = (uintptr_t)words[count - 2];
        ret->pc = (uintptr_t)words[count - 1];
    }
    const char *name = name_of(number);
    if (number < 0)
        strcpy(ret->doing, "waiting in no system call");
    else if (name)
        snprintf(ret->doing, sizeof ret->doing, "in system call %s", name);
    else
        snprintf(ret->doing, sizeof ret->doing, "in system call %ld", number);
}
