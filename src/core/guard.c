/* SPDX-License-Identifier: MIT */
/*
 * How the kind is found. madvise(MADV_GUARD_INSTALL) returning 0 proves nothing: qemu-user says yes
 * and does nothing. So a page is marked and then read, by the kernel on our behalf: nanosleep is
 * asked to take its duration from there. From a guard it can't (EFAULT); from a page of zeros it
 * sleeps for 0. No descriptor, no fork, no signal handler.
 */
#include "core/guard.h"

#include "base/atomic.h"
#include "base/error.h"
#include "base/fault.h"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Not in glibc 2.36's headers; from Linux's include/uapi/asm-generic/mman-common.h. */
#define ADVICE_GUARD_INSTALL 102

static atomic_int
    kind_found; /* written by whoever finds it (all find the same), read by all; relaxed */

bool ferry__guard_faults(const void *page)
{
    int before = errno;
    bool faults = syscall(SYS_nanosleep, page, NULL) != 0 && errno == EFAULT;
    errno = before;
    return faults;
}

static enum ferry__guard_kind find_kind(void)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    void *memory = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return FERRY__GUARD_PROTECT;
    bool works = madvise(memory, page, ADVICE_GUARD_INSTALL) == 0 && ferry__guard_faults(memory);
    munmap(memory, page);
    return works ? FERRY__GUARD_MARKER : FERRY__GUARD_PROTECT;
}

enum ferry__guard_kind ferry__guard_kind(void)
{
    enum ferry__guard_kind kind = (enum ferry__guard_kind)ferry__load(&kind_found, relaxed);
    if (kind == FERRY__GUARD_UNKNOWN) {
        kind = find_kind();
        ferry__store(&kind_found, (int)kind, relaxed);
    }
    return kind;
}

void ferry__guard_force(enum ferry__guard_kind kind)
{
    ferry__store(&kind_found, (int)kind, relaxed);
}

int ferry__guard_install(void *low, size_t size)
{
    if (ferry__fault(FERRY__FAULT_PROTECT))
        return ferry__fail(ENOMEM);
    int before = errno;
    /* EINVAL: memory that is locked (mlockall) takes no markers. */
    if (ferry__guard_kind() == FERRY__GUARD_MARKER && madvise(low, size, ADVICE_GUARD_INSTALL) == 0)
        return 0;
    if (mprotect(low, size, PROT_NONE) != 0)
        return ferry__fail(ENOMEM);
    errno = before;
    return 0;
}
