/* SPDX-License-Identifier: MIT */
/*
 * The web module of an old program: plain HTTP over a socket, blocking, errors as -1 and errno. It
 * has worked for fifteen years, it has many callers, and nothing in it knows of ferry.
 */
#ifndef WEB_H
#define WEB_H

#include <stddef.h>

/* Asks for a page (http://HOST[:PORT]/PATH). The handle for what follows; or -1 and errno. */
int web_ask(const char *url);

/* Waits until the answer begins to come, at most that long. 0; or -1 and errno (ETIMEDOUT). */
int web_wait(int web, int seconds);

/* Reads the answer to its end; the first `room` bytes of the page are kept. The page's size; or -1
 * and errno (EPROTO: the server had no such page). */
long web_read(int web, char *page, size_t room);

/* Gives the handle back. Doesn't wait, and leaves errno alone. */
void web_close(int web);

#endif
