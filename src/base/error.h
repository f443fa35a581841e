/* SPDX-License-Identifier: MIT */
/* ferry's own functions say what went wrong twice: a negative errno as the result, and errno for
 * perror. */
#ifndef FERRY_BASE_ERROR_H
#define FERRY_BASE_ERROR_H

#include <errno.h>
#include <stddef.h>

static inline int ferry__fail(int error)
{
    errno = error;
    return -error;
}

/* The constructors' way: NULL and errno. */
static inline void *ferry__fail_null(int error)
{
    errno = error;
    return NULL;
}

#endif
