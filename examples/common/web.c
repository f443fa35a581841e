/* SPDX-License-Identifier: MIT */
#include "web.h"
#include "timeline.h"
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

static int connect_to(const char *host, const char *port)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found;
    int web = -1;

    if (getaddrinfo(host, port, &hints, &found) != 0) {
        errno = EHOSTUNREACH;
        return -1;
    }
    for (struct addrinfo *at = found; at && web < 0; at = at->ai_next) {
        web = socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, at->ai_protocol);
        if (web >= 0 && connect(web, at->ai_addr, at->ai_addrlen) < 0) {
            web_close(web);
            web = -1;
        }
    }
    freeaddrinfo(found);
    return web;
}

static int ask(const char *url)
{
    char host[200], port[6] = "80", path[300] = "", request[600];

    if (sscanf(url, "http://%199[^:/]:%5[0-9]/%299s", host, port, path) < 2 &&
        sscanf(url, "http://%199[^:/]/%299s", host, path) < 1) {
        errno = EINVAL;
        return -1;
    }
    int web = connect_to(host, port);
    if (web < 0)
        return -1;
    int size = snprintf(request, sizeof request,
                        "GET /%s HTTP/1.0\r\nHost: %s\r\nConnection: close\r\n\r\n", path, host);
    if (send(web, request, (size_t)size, MSG_NOSIGNAL) < size) {
        web_close(web);
        return -1;
    }
    return web;
}

int web_ask(const char *url)
{
    int mark = timeline_begin();
    int web = ask(url);
    timeline_end(mark);
    return web;
}

int web_wait(int web, int seconds)
{
    struct timeval time = {.tv_sec = seconds};
    fd_set set;
    int mark = timeline_begin();

    FD_ZERO(&set);
    FD_SET(web, &set);
    int ready = select(web + 1, &set, NULL, NULL, &time);
    timeline_end(mark);
    if (ready == 0)
        errno = ETIMEDOUT;
    return ready > 0 ? 0 : -1;
}

static long read_page(int web, char *page, size_t room)
{
    char head[1000] = "", buffer[1000];
    const char *body = NULL;
    size_t have = 0, size = 0;
    ssize_t got = 0;

    while (!body && have < sizeof head - 1 &&
           (got = recv(web, head + have, sizeof head - 1 - have, 0)) > 0) {
        have += (size_t)got;
        body = strstr(head, "\r\n\r\n");
    }
    if (got < 0)
        return -1;
    if (!body || strncmp(head, "HTTP/1.", 7) != 0 || strncmp(head + 8, " 200 ", 5) != 0) {
        errno = EPROTO;
        return -1;
    }
    body += 4;
    size = have - (size_t)(body - head);
    memcpy(page, body, size < room ? size : room);
    while ((got = recv(web, buffer, sizeof buffer, 0)) > 0) {
        if (size < room)
            memcpy(page + size, buffer, (size_t)got < room - size ? (size_t)got : room - size);
        size += (size_t)got;
    }
    return got < 0 ? -1 : (long)size;
}

long web_read(int web, char *page, size_t room)
{
    int mark = timeline_begin();
    long size = read_page(web, page, room);
    timeline_end(mark);
    return size;
}

void web_close(int web)
{
    int error = errno;
    close(web);
    errno = error;
}
