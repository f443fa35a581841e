/* SPDX-License-Identifier: MIT */
/*
 * Copies a file of any size through a task that counts its lines, in half a megabyte of memory.
 *
 *     read_blocks (worker) --> stream --> the task --> stream --> write_blocks (worker)
 *
 * One call reads, one writes, both blocking; the task is in between, and the loop stays free. Who
 * is slowest sets the pace: the others wait, as a stream has room for so many blocks and no more.
 *
 *     stream-file FROM TO
 */
#include <errno.h>
#include <fcntl.h>
#include <ferry/ferry.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { ROOM = 4 };

struct block {
    size_t size;
    char bytes[65528];
};

static int read_blocks(ferry_stream *blocks, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC), result = 0;
    if (fd < 0)
        return -errno;
    for (;;) {
        struct block block;
        ssize_t n = read(fd, block.bytes, sizeof block.bytes);
        result = n < 0 ? -errno : 0;
        block.size = n > 0 ? (size_t)n : 0;
        if (n <= 0 || ferry_stream_put(blocks, &block) < 0)
            break; /* the end, an error, or nobody gets them any more */
    }
    close(fd);
    return result;
}

static int write_all(int fd, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t n = write(fd, bytes, size);
        if (n < 0)
            return -errno;
        bytes += n;
        size -= (size_t)n;
    }
    return 0;
}

static int write_blocks(ferry_stream *blocks, const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666), result;
    if (fd < 0)
        return -errno;
    struct block block;
    while ((result = ferry_stream_get(blocks, &block)) > 0)
        if ((result = write_all(fd, block.bytes, block.size)) < 0)
            break;
    if (close(fd) < 0 && result == 0)
        result = -errno;
    return result;
}

struct counts {
    long long bytes, lines;
};

static void count(struct counts *counts, const struct block *block)
{
    counts->bytes += (long long)block->size;
    const char *at = block->bytes, *end = at + block->size;
    while ((at = memchr(at, '\n', (size_t)(end - at)))) {
        counts->lines++;
        at++;
    }
}

/* 0, or a negative errno: of the reader, of the writer, or what ended the wait. */
static int pass_on(ferry_stream *from, ferry_stream *to, struct counts *counts)
{
    struct block block; /* 64 KiB of a task's 256 KiB */
    int said;
    while ((said = ferry_stream_get(from, &block)) > 0) {
        count(counts, &block);
        if ((said = ferry_stream_put(to, &block)) < 0)
            return said;
    }
    ferry_stream_close(to); /* that was the last one */
    return said < 0 ? said : ferry_stream_wait_closed(to);
}

static int async_main(const char *from_path, const char *to_path)
{
    struct counts counts = {0, 0};
    int said = -ENOMEM;
    FERRY_WITH_STREAM(from, struct block, ROOM)
    {
        FERRY_WITH_STREAM(to, struct block, ROOM)
        {
            ferry_stream_start(from, NULL, read_blocks, from, from_path);
            ferry_stream_start(to, NULL, write_blocks, to, to_path);
            said = pass_on(from, to, &counts);
        }
    }
    if (said < 0) {
        fprintf(stderr, "stream-file: %s\n", strerror(-said));
        return 1;
    }
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("%lld bytes, %lld lines, at most %ld KiB of memory\n", counts.bytes, counts.lines,
           usage.ru_maxrss);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: stream-file FROM TO\n");
        return 2;
    }
    return ferry_run(async_main, argv[1], argv[2]);
}
