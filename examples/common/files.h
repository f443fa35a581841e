/* SPDX-License-Identifier: MIT */
/* Files, read the ordinary, blocking way. */
#ifndef FILES_H
#define FILES_H

#include <dirent.h>

/* Reads a whole file. Its size; or -1 and errno. */
long read_whole(const char *name);

/* For scandir: a regular file of the current folder (or one that can't be looked at). */
int is_file(const struct dirent *entry);

#endif
