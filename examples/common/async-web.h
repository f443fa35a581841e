/* SPDX-License-Identifier: MIT */
/*
 * web.h for tasks: what may wait has a twin here, with the same arguments, result and errors, so
 * that a caller is moved by changing the name. (web_close doesn't wait: it has none.)
 *
 * Where no loop runs the twins do what the originals do: a caller that was moved early still works.
 */
#ifndef ASYNC_WEB_H
#define ASYNC_WEB_H

#include "web.h"
#include <stdbool.h>

/* Makes the module's executor; 0, or -1 and errno. close: after the last call. */
int async_web_open(void);
void async_web_close(void);

int async_web_ask(const char *url);
int async_web_wait(int web, int seconds);
long async_web_read(int web, char *page, size_t room);

/* Whether async_web_wait is the native one. Only the tour wants to choose: you would simply replace
 * the function's body, and no caller would notice. */
extern bool async_web_native;

#endif
