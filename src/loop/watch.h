/* SPDX-License-Identifier: MIT */
/*
 * Watched descriptors: what ferry_loop_add_reader and add_writer asked for, by descriptor number.
 *
 * A descriptor that its user closed without saying so must not make the loop spin:
 *
 * Each watch has a stamp, which comes back with every event. An event whose stamp is not the
 * watch's is of a file that was closed while a duplicate of it lives on; the kernel can't be told
 * to forget that one by number, so the backend forgets all and is told of the living ones anew.
 *
 * A watch that was reported many times is looked at: is the descriptor still open, and still the
 * file it was? If not, it is dropped and the exception handler hears of it.
 */
#ifndef FERRY_LOOP_WATCH_H
#define FERRY_LOOP_WATCH_H

#include "loop/backend.h"

#include <ferry/loop.h>
#include <stdint.h>
#include <sys/types.h>

struct ferry__context;

struct ferry__watch {
    struct ferry__watch_half {
        ferry_descriptor_callback *fn; /* NULL: not watched for this */
        void *context;
        struct ferry__context *locals; /* of who added it, held; it may outlast fn */
    } reader, writer;
    uint32_t stamp;
    unsigned reported; /* in a row */
    dev_t device;      /* of the file when it was added */
    ino_t inode;
};

struct ferry__watches {
    struct ferry__watch **by_fd;
    int room;
    unsigned count;
    uint32_t stamps;
    bool changed; /* since the events that are being handed out were collected */
};

void ferry__watches_deinit(struct ferry__watches *watches);
void ferry__watches_dispatch(struct ferry_loop *loop, const struct ferry__event *events, int count);

#endif
