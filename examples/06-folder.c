/* SPDX-License-Identifier: MIT */
/*
 * 6. All files of a folder, read at once.
 *
 * Files block too: on a cold disk or a network folder every open and read may take as long as a
 * web page. Here scandir, open, read and close all run on workers; the loop never touches the disk.
 *
 *     06-folder FOLDER
 */
#include "common/timeline.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ferry/ferry.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Ordinary blocking code: reads a whole file, returns its size, or -1 and errno. */
static long read_whole(const char *folder, const char *name)
{
    char path[4096], buffer[65536];
    long size = 0, got;
    int mark = timeline_begin();

    snprintf(path, sizeof path, "%s/%s", folder, name);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    while ((got = file < 0 ? -1 : read(file, buffer, sizeof buffer)) > 0)
        size += got;
    int error = errno;
    if (file >= 0)
        close(file);
    timeline_end(mark);
    errno = error;
    return got < 0 ? -1 : size;
}

static int is_file(const struct dirent *entry)
{
    return entry->d_type != DT_DIR;
}

static long size_of(const char *folder, const char *name)
{
    long size = ferry_to_thread(read_whole, folder, name);
    return size < 0 ? -errno : size; /* errno is this task's own, whatever others did meanwhile */
}

static int read_folder(const char *folder, struct dirent **entries, size_t count)
{
    enum { SHOWN = 12 };
    ferry_task **tasks = calloc(count + 1, sizeof *tasks);
    long *sizes = calloc(count + 1, sizeof *sizes), total = 0;
    int failures = 0;

    for (size_t i = 0; i < count; i++)
        tasks[i] = ferry_create_task(size_of, folder, entries[i]->d_name);
    ferry_gather(tasks, count, sizes);

    for (size_t i = 0; i < count; i++) {
        if (sizes[i] < 0)
            fprintf(stderr, "06-folder: cannot read %s/%s: %s\n", folder, entries[i]->d_name,
                    strerror((int)-sizes[i]));
        else if (i < SHOWN)
            printf("  %9ld bytes  %s\n", sizes[i], entries[i]->d_name);
        failures += sizes[i] < 0;
        total += sizes[i] < 0 ? 0 : sizes[i];
    }
    if (count > SHOWN)
        printf("  and %zu more\n", count - SHOWN);
    printf("  %9ld bytes in %zu files\n", total, count - (size_t)failures);
    free(tasks);
    free(sizes);
    return failures;
}

static int async_main(const char *folder)
{
    struct dirent **entries;

    timeline_start();
    int count = ferry_to_thread(scandir, folder, &entries, is_file, alphasort);
    if (count < 0) {
        fprintf(stderr, "06-folder: cannot open the folder %s: %s\n", folder, strerror(errno));
        return 1;
    }
    int failures = read_folder(folder, entries, (size_t)count);
    for (int i = 0; i < count; i++)
        free(entries[i]);
    free(entries);
    timeline_print();
    return failures ? 1 : 0;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: 06-folder FOLDER\n");
        return 2;
    }
    return ferry_run(async_main, argv[1]);
}
