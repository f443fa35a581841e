/* SPDX-License-Identifier: MIT */
/* Readers and writers, and descriptors that are closed under the loop's nose. */
#include "check.h"

#include "loop/loop.h"

#include <fcntl.h>
#include <ferry/future.h>
#include <ferry/loop.h>
#include <ferry/run.h>
#include <ferry/scope.h>
#include <sys/socket.h>

static int reads, writes, complaints;
static char last_message[128];

static void on_readable(int fd, void *context)
{
    char byte;
    CHECK_PTR(context, ==, &reads);
    if (read(fd, &byte, 1) == 1)
        reads++;
}

static void on_writable(int fd, void *context)
{
    CHECK_PTR(context, ==, &writes);
    if (++writes == 3)
        CHECK_INT(ferry_loop_remove_writer(fd), ==, 1);
}

static int watch(void)
{
    int ends[2];
    CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), ==, 0);
    CHECK_INT(ferry_loop_add_reader(ends[0], on_readable, &reads), ==, 0);
    CHECK_INT(ferry_loop_add_writer(ends[0], on_writable, &writes), ==, 0);
    ferry_sleep(0.005);
    CHECK_INT(writes, ==, 3);
    CHECK_INT(reads, ==, 0);
    CHECK_INT(write(ends[1], "abc", 3), ==, 3);
    ferry_sleep(0.005);
    CHECK_INT(reads, ==, 3);
    CHECK_INT(ferry_loop_remove_writer(ends[0]), ==, 0);
    CHECK_INT(ferry_loop_remove_reader(ends[0]), ==, 1);
    CHECK_INT(ferry_loop_remove_reader(ends[0]), ==, 0);
    CHECK_INT(write(ends[1], "abc", 3), ==, 3);
    ferry_sleep(0.005);
    CHECK_INT(reads, ==, 3);
    close(ends[0]);
    close(ends[1]);
    return 0;
}

TEST(readers_and_writers)
{
    CHECK_INT(ferry_run(watch), ==, 0);
}

static int refusals(void)
{
    FILE *file = tmpfile();
    CHECK_INT(ferry_loop_add_reader(fileno(file), on_readable, NULL), ==, -EPERM);
    CHECK_INT(errno, ==, EPERM);
    fclose(file);
    CHECK_INT(ferry_loop_add_reader(-1, on_readable, NULL), ==, -EBADF);
    CHECK_INT(ferry_loop_add_reader(900, on_readable, NULL), ==, -EBADF);
    CHECK_INT(ferry_loop_add_reader(0, NULL, NULL), ==, -EINVAL);
    CHECK_INT(ferry_loop_remove_reader(-1), ==, 0);
    CHECK_INT(ferry_loop_remove_reader(1 << 30), ==, 0);
    CHECK_INT(ferry__loop_current()->watches.count, ==, 0);
    return 0;
}

TEST(what_cannot_be_watched)
{
    CHECK_INT(ferry_run(refusals), ==, 0);
}

static void on_complaint(ferry_loop *loop, const ferry_exception *exception, void *context)
{
    (void)loop, (void)context;
    complaints++;
    snprintf(last_message, sizeof last_message, "%s", exception->message);
}

static int calls;

/* Reads nothing, as a callback does whose descriptor has become another's: the loop would spin. */
static void on_event(int fd, void *context)
{
    (void)fd, (void)context;
    calls++;
}

static double processor_seconds(void)
{
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}

static int close_watched(void)
{
    int ends[2], others[2];
    ferry_loop_set_exception_handler(on_complaint, NULL);
    CHECK_INT(pipe(ends), ==, 0);
    CHECK_INT(pipe(others), ==, 0);
    CHECK_INT(ferry_loop_add_reader(others[0], on_readable, &reads), ==, 0);
    CHECK_INT(ferry_loop_add_reader(ends[0], on_event, NULL), ==, 0);
    CHECK_INT(write(ends[1], "x", 1), ==, 1);
    int duplicate = dup(ends[0]);
    close(ends[0]); /* the kernel goes on reporting it, as the duplicate lives */
    ferry_sleep(0.02);
    CHECK_INT(calls, <=, 64);
    CHECK_INT(complaints, ==, 1);
    CHECK_MATCH(last_message, "descriptor [0-9]+ was closed while the loop watched it");
    int so_far = calls;
    double before = processor_seconds();
    ferry_sleep(0.3);
    CHECK_INT(calls, ==, so_far); /* silence */
    CHECK_DOUBLE(processor_seconds() - before, <, 0.1);
    CHECK_INT(write(others[1], "y", 1), ==, 1);
    ferry_sleep(0.005);
    CHECK_INT(reads, ==, 1); /* the others are still watched */
    close(duplicate);
    return 0;
}

TEST(closed_while_watched_with_a_duplicate)
{
    CHECK_INT(ferry_run(close_watched), ==, 0);
}

static int reuse_number(void)
{
    int ends[2], fresh[2];
    ferry_loop_set_exception_handler(on_complaint, NULL);
    CHECK_INT(pipe(ends), ==, 0);
    CHECK_INT(ferry_loop_add_reader(ends[0], on_event, NULL), ==, 0);
    CHECK_INT(write(ends[1], "x", 1), ==, 1);
    int duplicate = dup(ends[0]);
    close(ends[0]);
    CHECK_INT(pipe(fresh), ==, 0);
    CHECK_INT(fresh[0], ==, ends[0]); /* the same number, another file */
    CHECK_INT(ferry_loop_add_reader(fresh[0], on_readable, &reads), ==, 0);
    ferry_sleep(0.01);
    CHECK_INT(calls, ==, 0);
    CHECK_INT(write(fresh[1], "yz", 2), ==, 2);
    ferry_sleep(0.01);
    CHECK_INT(reads, ==, 2);
    CHECK_INT(calls, ==, 0);
    close(duplicate);
    int again[2];
    CHECK_INT(pipe(again), ==, 0);
    /* closed without a duplicate: the kernel forgets it, and nobody tells the loop */
    CHECK_INT(dup2(again[0], fresh[0]), ==, fresh[0]);
    CHECK_INT(ferry_loop_add_reader(fresh[0], on_readable, &reads), ==, 0);
    CHECK_INT(write(again[1], "z", 1), ==, 1);
    ferry_sleep(0.01);
    CHECK_INT(reads, ==, 3);
    return 0;
}

TEST(a_number_that_is_used_again)
{
    CHECK_INT(ferry_run(reuse_number), ==, 0);
}

static void remove_the_other(int fd, void *context)
{
    int other = *(int *)context;
    calls++;
    ferry_loop_remove_reader(fd);
    ferry_loop_remove_reader(other);
}

static int remove_in_callback(void)
{
    int a[2], b[2];
    CHECK_INT(pipe(a), ==, 0);
    CHECK_INT(pipe(b), ==, 0);
    CHECK_INT(ferry_loop_add_reader(a[0], remove_the_other, &b[0]), ==, 0);
    CHECK_INT(ferry_loop_add_reader(b[0], remove_the_other, &a[0]), ==, 0);
    CHECK_INT(write(a[1], "x", 1) + write(b[1], "x", 1), ==, 2);
    ferry_sleep(0.01);
    CHECK_INT(calls, ==, 1);
    CHECK_INT(ferry__loop_current()->watches.count, ==, 0);
    return 0;
}

TEST(a_callback_may_remove_what_was_reported_with_it)
{
    CHECK_INT(ferry_run(remove_in_callback), ==, 0);
}

static void settle(int fd, void *future)
{
    ferry_loop_remove_reader(fd);
    ferry_future_set_result(future, future);
}

static int busy_meanwhile(void)
{
    int ends[2];
    CHECK_INT(pipe(ends), ==, 0);
    ferry_future *future = ferry_future_new();
    CHECK_INT(ferry_loop_add_reader(ends[0], settle, future), ==, 0);
    CHECK_INT(write(ends[1], "x", 1), ==, 1);
    double start = check_seconds();
    while (
        !ferry_future_done(future)) { /* a task that is always ready doesn't starve descriptors */
        CHECK_INT(ferry_sleep(0), ==, 0);
        CHECK_DOUBLE(check_seconds() - start, <, 5);
    }
    ferry_future_free(future);
    return 0;
}

TEST(busy_tasks_do_not_starve_descriptors)
{
    CHECK_INT(ferry_run(busy_meanwhile), ==, 0);
}

TEST_MAIN
