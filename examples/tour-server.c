/* SPDX-License-Identifier: MIT */
/*
 * The tour's web server: small, slow on purpose, on this machine only.
 *
 *     tour-server [--parent PID]        prints "http://127.0.0.1:PORT", serves until killed
 *
 *     /delay/SECONDS/BYTES   answers after SECONDS with BYTES of text   (/delay/0.3/5000)
 *     /gate                  answers once somebody has asked for /open  (order without clocks)
 *     /open                  opens the gate for good
 *     /waiting               how many requests stand at the gate
 *     /peak                  the most that were in /delay or /gate at one moment
 *
 * One thread per connection, one request per connection. With --parent it ends when that process
 * ends, however that process ends.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static const double longest_delay = 60;
static const long largest_body = 64L << 20;

static struct {
    pthread_mutex_t lock;
    pthread_cond_t opened;
    bool open;
    int waiting; /* at the gate */
    int inside;  /* in /delay or /gate */
    int peak;
} house = {.lock = PTHREAD_MUTEX_INITIALIZER, .opened = PTHREAD_COND_INITIALIZER};

static bool send_all(int client, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t sent = send(client, bytes, size, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        bytes += sent;
        size -= (size_t)sent;
    }
    return true;
}

static void answer(int client, const char *status, const char *body, size_t size)
{
    char head[200];
    int length = snprintf(head, sizeof head,
                          "HTTP/1.1 %s\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\n"
                          "Connection: close\r\n\r\n",
                          status, size);
    if (send_all(client, head, (size_t)length))
        send_all(client, body, size);
}

static void answer_number(int client, const int *counter)
{
    char text[20];
    pthread_mutex_lock(&house.lock);
    int length = snprintf(text, sizeof text, "%d\n", *counter);
    pthread_mutex_unlock(&house.lock);
    answer(client, "200 OK", text, (size_t)length);
}

static void answer_text(int client, long size)
{
    static const char line[] = "The ferry crosses, and nobody waits on the shore.\n";
    char *body = malloc((size_t)size + 1);
    if (!body) {
        answer(client, "503 Service Unavailable", "no memory\n", 10);
        return;
    }
    for (long at = 0; at < size; at++)
        body[at] = line[(size_t)at % (sizeof line - 1)];
    answer(client, "200 OK", body, (size_t)size);
    free(body);
}

static void delay(double seconds)
{
    struct timespec time = {.tv_sec = (time_t)seconds};
    time.tv_nsec = (long)((seconds - (double)time.tv_sec) * 1e9);
    nanosleep(&time, NULL);
}

static void enter(void)
{
    pthread_mutex_lock(&house.lock);
    if (++house.inside > house.peak)
        house.peak = house.inside;
    pthread_mutex_unlock(&house.lock);
}

static void leave(void)
{
    pthread_mutex_lock(&house.lock);
    house.inside--;
    pthread_mutex_unlock(&house.lock);
}

static void stand_at_gate(void)
{
    pthread_mutex_lock(&house.lock);
    house.waiting++;
    while (!house.open)
        pthread_cond_wait(&house.opened, &house.lock);
    house.waiting--;
    pthread_mutex_unlock(&house.lock);
}

static void open_gate(void)
{
    pthread_mutex_lock(&house.lock);
    house.open = true;
    pthread_cond_broadcast(&house.opened);
    pthread_mutex_unlock(&house.lock);
}

static void serve(int client, const char *path)
{
    double seconds;
    long size;
    char more;

    if (sscanf(path, "/delay/%lf/%ld%c", &seconds, &size, &more) == 2 && seconds >= 0 &&
        seconds <= longest_delay && size >= 0 && size <= largest_body) {
        enter();
        delay(seconds);
        leave(); /* before the answer: whoever has it is out, so a limit of n never shows n + 1 */
        answer_text(client, size);
    } else if (strcmp(path, "/gate") == 0) {
        enter();
        stand_at_gate();
        leave();
        answer(client, "200 OK", "through the gate\n", 17);
    } else if (strcmp(path, "/open") == 0) {
        open_gate();
        answer(client, "200 OK", "open\n", 5);
    } else if (strcmp(path, "/waiting") == 0) {
        answer_number(client, &house.waiting);
    } else if (strcmp(path, "/peak") == 0) {
        answer_number(client, &house.peak);
    } else {
        answer(client, "404 Not Found", "no such page\n", 13);
    }
}

static void *connection(void *argument)
{
    int client = (int)(long)argument;
    char request[4096], path[200];
    size_t have = 0;

    while (have < sizeof request - 1) {
        ssize_t got = recv(client, request + have, sizeof request - 1 - have, 0);
        if (got <= 0)
            break;
        have += (size_t)got;
        request[have] = '\0';
        if (strstr(request, "\r\n\r\n")) {
            if (sscanf(request, "GET %199s HTTP/", path) == 1)
                serve(client, path);
            else
                answer(client, "400 Bad Request", "only GET\n", 9);
            break;
        }
    }
    close(client);
    return NULL;
}

static int listen_on_free_port(void)
{
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof here;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (listener < 0 || bind(listener, (struct sockaddr *)&here, sizeof here) < 0 ||
        listen(listener, 128) < 0 || getsockname(listener, (struct sockaddr *)&here, &length) < 0) {
        perror("tour-server: cannot listen on 127.0.0.1");
        exit(1);
    }
    printf("http://127.0.0.1:%d\n", ntohs(here.sin_port));
    fflush(stdout);
    return listener;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--parent") == 0) {
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (getppid() != atoi(argv[2]))
            return 1; /* it ended before we could ask to be told */
    } else if (argc != 1) {
        fprintf(stderr, "usage: tour-server [--parent PID]\n");
        return 2;
    }

    int listener = listen_on_free_port();
    for (;;) {
        int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        pthread_t thread;
        if (client < 0) {
            delay(0.01); /* out of descriptors, say: those that are open will end */
        } else if (pthread_create(&thread, NULL, connection, (void *)(long)client) != 0) {
            close(client);
        } else {
            pthread_detach(thread);
        }
    }
}
