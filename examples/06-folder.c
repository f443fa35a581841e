/* SPDX-License-Identifier: MIT */
/*
 * 6. All files of a folder, read at once.
 *
 * Files block too: on a cold disk or a network folder every open and read may take as long as a
 * web page. Here scandir, open, read and close all run on workers; the loop never touches the disk.
 *
 *     06-folder FOLDER
 */
#include "common/files.h"
#include "common/timeline.h"
#include <errno.h>
#include <ferry/ferry.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SHOWN = 12 };

static long size_of(const char *name)
{
    long size = ferry_to_thread(read_whole, name);
    return size < 0 ? -errno : size; /* errno is this task's own, whatever others did meanwhile */
}

static int async_main(const char *folder)
{
    struct dirent **files;
    int count = -1, failures = 0;
    long total = 0;

    timeline_start();
    if (ferry_to_thread(chdir, folder) == 0)
        count = ferry_to_thread(scandir, ".", &files, is_file, alphasort);
    ferry_task **tasks = count < 0 ? NULL : calloc((size_t)count + 1, sizeof *tasks);
    if (!tasks) {
        fprintf(stderr, "06-folder: cannot open the folder %s: %s\n", folder, strerror(errno));
        return 1;
    }

    for (int i = 0; i < count; i++)
        tasks[i] = ferry_create_task(size_of, files[i]->d_name);
    for (int i = 0; i < count; i++) {
        long size = ferry_await(long, tasks[i]); /* in this order, whatever the order they end in */
        if (size < 0)
            fprintf(stderr, "06-folder: cannot read %s/%s: %s\n", folder, files[i]->d_name,
                    strerror((int)-size));
        else if (i < SHOWN)
            printf("  %9ld bytes  %s\n", size, files[i]->d_name);
        failures += size < 0;
        total += size < 0 ? 0 : size;
        free(files[i]);
    }
    free(files);
    free(tasks);
    if (count > SHOWN)
        printf("  and %d more\n", count - SHOWN);
    printf("  %9ld bytes in %d files\n", total, count - failures);
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
