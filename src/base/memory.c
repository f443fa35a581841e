/* SPDX-License-Identifier: MIT */
#include "base/memory.h"
#include "base/error.h"
#include "base/fault.h"

#include <stdlib.h>
#include <string.h>

void *ferry__alloc(size_t size)
{
    if (ferry__fault(FERRY__FAULT_ALLOC))
        return ferry__fail_null(ENOMEM);
    return calloc(1, size);
}

void *ferry__alloc_aligned(size_t alignment, size_t size)
{
    if (ferry__fault(FERRY__FAULT_ALLOC))
        return ferry__fail_null(ENOMEM);
    void *memory = NULL;
    int error = posix_memalign(&memory, alignment, size);
    if (error)
        return ferry__fail_null(error);
    return memset(memory, 0, size);
}

void *ferry__realloc(void *memory, size_t size)
{
    if (ferry__fault(FERRY__FAULT_ALLOC))
        return ferry__fail_null(ENOMEM);
    return realloc(memory, size);
}

void ferry__free(void *memory)
{
    free(memory);
}
