/* SPDX-License-Identifier: MIT */
/* Images in C: owned copies, and results as values. */
#include "arch/arch.h"

#include <stdbool.h>
#include <string.h>

size_t ferry__image_size(const struct ferry__image *image)
{
    if (image->flags & FERRY__PLAIN)
        return FERRY__IMAGE_PLAIN;
    return FERRY__IMAGE_VECTORS + 16u * image->vectors + image->stack_bytes;
}

void ferry__image_copy(void *to, const struct ferry__image *image)
{
    size_t own = ferry__image_size(image) - image->stack_bytes;
    memcpy(to, image, own);
    if (!image->stack_bytes)
        return;
    char *stack = (char *)to + own;
    ferry__copy16(stack, image->stack, image->stack_bytes);
    ((struct ferry__image *)to)->stack = stack;
}

enum { MOST_TOPS = 2 };

static bool in_integers(unsigned class)
{
    return class < FERRY__FLOATING;
}

/* The caller has said where the result goes, and on x86-64 wants to hear it again. */
static void skip_memory(struct ferry__image *image)
{
#if defined __x86_64__
    void *to = (void *)(uintptr_t)image->ints[0];
#else
    void *to = (void *)(uintptr_t)image->x8;
#endif
    memset(to, 0, image->result_bytes);
    image->tops = 0;
}

void ferry__image_skip(struct ferry__image *image, uint16_t result)
{
    unsigned class = result >> 8;
    if (image->flags & FERRY__MEMORY) {
        skip_memory(image);
        return;
    }
    image->ints[0] = image->ints[1] = class == FERRY__SIGNED ? UINT64_MAX : 0;
    image->tops = class == FERRY__X87 ? 1 : class == FERRY__X87_COMPLEX ? MOST_TOPS : 0;
    if (image->vectors)
        memset(image->vector, 0, 4 * sizeof image->vector[0]);
}

void ferry__image_take_result(struct ferry__image *image, const struct ferry__image *copy)
{
    memcpy(image->ints, copy->ints, 2 * sizeof image->ints[0]);
    if (image->vectors)
        memcpy(image->vector, copy->vector, 4 * sizeof image->vector[0]);
    image->tops = copy->tops;
}

void ferry__image_value(const struct ferry__image *image, uint16_t result, void *to16)
{
    unsigned class = result >> 8;
    size_t size = result & 255;
    unsigned char *to = to16;
    memset(to, 0, 16);
    if (size > 16)
        return;
    if (in_integers(class))
        memcpy(to, image->ints, size);
    else if (class == FERRY__FLOATING)
        memcpy(to, image->vector[0], size);
    else if (class == FERRY__X87)
        memcpy(to, image->vector[2], 10);
    else if (class == FERRY__COMPLEX && size == 8 && FERRY__HAS_X87)
        memcpy(to, image->vector[0], size); /* x86-64 packs both parts of a float _Complex */
    else if (class == FERRY__COMPLEX) {
        memcpy(to, image->vector[0], size / 2);
        memcpy(to + size / 2, image->vector[1], size / 2);
    }
}
