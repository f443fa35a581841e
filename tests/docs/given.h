/* SPDX-License-Identifier: MIT */
/*
 * The world of the examples in the headers: what they take for granted. man_test.py compiles each
 * example of a man page inside it; none is run.
 */
#ifndef FERRY_TESTS_DOCS_GIVEN_H
#define FERRY_TESTS_DOCS_GIVEN_H

#include <ferry/ferry.h>

#include <dlfcn.h>
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Blocking functions as one has them, and what they work on. */
struct user {
    int id;
};
int fetch_user(const char *url, struct user *user);
int fetch_one(ferry_executor *executor, const char *url, struct user *user);
extern struct user user, users[100];
extern const char *url, *urls[100], *path;
extern char *line;
extern int fd, balance, stock, got, results[100];
extern char buffer[100];
extern size_t size;
extern ssize_t n;

/* Callbacks. */
bool is_there(void *context);
int compare_users(const void *left, const void *right);
void task_ended(ferry_task *task, void *context);
void future_done(ferry_future *future, void *context);
void can_read(int descriptor, void *context);
void got_signal(int signal, void *context);
void on_exception(ferry_loop *loop, const ferry_exception *exception, void *context);

/* One of everything. */
extern ferry_task *task, *tasks[100];
extern ferry_executor *executor, *http;
extern ferry_future *future, *futures[100];
extern ferry_loop *loop;
extern ferry_timer *timer;
extern ferry_runner *runner;
extern ferry_queue *queue;
extern ferry_threadsafe_queue *thread_queue;
extern ferry_stream *stream;
int list_users(ferry_stream *users, int fd);
extern ferry_local request;
extern ferry_context *context;
extern ferry_lock lock;
extern ferry_event ready;
extern ferry_condition changed;
extern ferry_semaphore connections;
extern ferry_barrier phase;
extern ferry_threadsafe_lock thread_lock;
extern ferry_threadsafe_event event;
extern ferry_threadsafe_semaphore permits;

#endif
