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
#include <ferry/ferry.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN = 12 };

/* Ordinary blocking code: reads a whole file, returns its size, or -1 and errno. */
static long read_whole(const char *folder, const char *name)
{
    char path[4096], buffer[65536];
    size_t got, size = 0;
    int mark = timeline_begin();

    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "re");
    while (file && (got = fread(buffer, 1, sizeof buffer, file)) > 0)
        size += got;
    int error = !file || ferror(file) ? errno : 0;
    if (file)
        fclose(file);
    timeline_end(mark);
    errno = error;
    return error ? -1 : (long)size;
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

static int async_main(const char *folder)
{
    struct dirent **entries;
    long total = 0;
    int failures = 0;

    timeline_start();
    int count = ferry_to_thread(scandir, folder, &entries, is_file, alphasort);
    if (count < 0) {
        fprintf(stderr, "06-folder: cannot open the folder %s: %s\n", folder, strerror(errno));
        return 1;
    }

    ferry_task **tasks = calloc((size_t)count, sizeof *tasks);
    long *sizes = calloc((size_t)count, sizeof *sizes);
    for (int i = 0; i < count && tasks && sizes; i++)
        tasks[i] = ferry_create_task(size_of, folder, entries[i]->d_name);
    if (ferry_gather(tasks, (size_t)count, sizes) < 0) {
        perror("06-folder: cannot read the files");
        return 1;
    }

    for (int i = 0; i < count; i++) {
        if (sizes[i] < 0)
            fprintf(stderr, "06-folder: cannot read %s/%s: %s\n", folder, entries[i]->d_name,
                    strerror((int)-sizes[i]));
        else if (i < SHOWN)
            printf("  %9ld bytes  %s\n", sizes[i], entries[i]->d_name);
        failures += sizes[i] < 0;
        total += sizes[i] < 0 ? 0 : sizes[i];
        free(entries[i]);
    }
    free(entries);
    free(tasks);
    free(sizes);
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
