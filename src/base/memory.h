/* SPDX-License-Identifier: MIT */
/* Memory, with its fault point. Where the machine has none, NULL and ENOMEM: never an abort. */
#ifndef FERRY_BASE_MEMORY_H
#define FERRY_BASE_MEMORY_H

#include <stddef.h>

/* Zeroed. */
void *ferry__alloc(size_t size) __attribute__((malloc, warn_unused_result));
/* Zeroed, and starting on a multiple of `alignment` (a power of two). */
void *ferry__alloc_aligned(size_t alignment, size_t size)
    __attribute__((malloc, warn_unused_result));
void *ferry__realloc(void *memory, size_t size) __attribute__((warn_unused_result));
void ferry__free(void *memory);

#define FERRY__CONTAINER(pointer, type, member) ((type *)((char *)(pointer)-offsetof(type, member)))

#endif
