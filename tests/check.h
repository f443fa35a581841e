/* SPDX-License-Identifier: MIT */
/*
 * The test harness: one header, for C and C++.
 *
 *     #include "check.h"
 *
 *     TEST(a_list_keeps_its_order)
 *     {
 *         CHECK_INT(length, ==, 3);
 *         CHECK_PANIC(ferry_task_cancel(NULL), "no such task");
 *     }
 *
 *     TEST_MAIN
 *
 * Each test runs in a process of its own, forked from a parent that has no threads, so that a
 * test may crash, hang, exhaust its descriptors or leave threads behind without harm to the next.
 * What it prints is kept and shown only when it fails. The program speaks TAP on stdout:
 *
 *     ./list                 all tests
 *     ./list NAME…           these
 *     ./list --list          the names
 *     CHECK_HERE=1 ./list NAME   in this process, output as it comes: for a debugger
 *
 * A test that runs for longer than 60 seconds is killed and failed; TEST_WITHIN gives another
 * limit, and CHECK_SLOWER=8 in the environment multiplies all of them (valgrind, emulation).
 * A failed check prints its place and the values, and ends its test at once.
 */
#ifndef CHECK_H
#define CHECK_H

#include <errno.h>
#include <poll.h>
#include <regex.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifdef __SANITIZE_THREAD__
#define CHECK_UNDER_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define CHECK_UNDER_TSAN 1
#endif
#if __has_feature(address_sanitizer)
#define CHECK_UNDER_ASAN 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define CHECK_UNDER_ASAN 1
#endif
#ifndef CHECK_UNDER_TSAN
#define CHECK_UNDER_TSAN 0
#endif
#ifndef CHECK_UNDER_ASAN
#define CHECK_UNDER_ASAN 0
#endif

#define CHECK__HELPER __attribute__((unused)) static

/* A test, and one with a time limit of its own. */
#define TEST(name) TEST_WITHIN(name, 60)
#define TEST_WITHIN(name, limit)                                                              \
    static void check__test_##name(void);                                                     \
    static struct check__test check__entry_##name = {#name, check__test_##name, limit, NULL}; \
    __attribute__((constructor)) static void check__add_##name(void)                          \
    {                                                                                         \
        check__add(&check__entry_##name);                                                     \
    }                                                                                         \
    static void check__test_##name(void)

/* Ends the file: main(). */
#define TEST_MAIN                       \
    int main(int argc, char **argv)     \
    {                                   \
        return check__main(argc, argv); \
    }

/* Holds, or the test fails here. */
#define CHECK(...)                                                      \
    do {                                                                \
        if (!(__VA_ARGS__))                                             \
            check__fail(__FILE__, __LINE__, "CHECK(%s)", #__VA_ARGS__); \
    } while (0)

/* CHECK_INT(n, ==, 3): integers of any type, booleans, enums; the values are shown. */
#define CHECK_INT(left, operator_, right)                                                       \
    do {                                                                                        \
        long long check__left = (long long)(left), check__right = (long long)(right);           \
        if (!(check__left operator_ check__right))                                              \
            check__fail(__FILE__, __LINE__, "CHECK_INT(%s %s %s): left is %lld, right is %lld", \
                        #left, #operator_, #right, check__left, check__right);                  \
    } while (0)

/* The same for floating point and for pointers. */
#define CHECK_DOUBLE(left, operator_, right)                                            \
    do {                                                                                \
        double check__left = (double)(left), check__right = (double)(right);            \
        if (!(check__left operator_ check__right))                                      \
            check__fail(__FILE__, __LINE__,                                             \
                        "CHECK_DOUBLE(%s %s %s): left is %.17g, right is %.17g", #left, \
                        #operator_, #right, check__left, check__right);                 \
    } while (0)

#define CHECK_PTR(left, operator_, right)                                                          \
    do {                                                                                           \
        const void *check__left = (const void *)(left), *check__right = (const void *)(right);     \
        if (!(check__left operator_ check__right))                                                 \
            check__fail(__FILE__, __LINE__, "CHECK_PTR(%s %s %s): left is %p, right is %p", #left, \
                        #operator_, #right, check__left, check__right);                            \
    } while (0)

/* The two strings are equal; either may be NULL. */
#define CHECK_STR(left, right) check__strings(__FILE__, __LINE__, #left, #right, left, right)

/* The first string contains the second, or matches it as an extended regular expression. */
#define CHECK_MATCH(text, pattern) check__match(__FILE__, __LINE__, text, pattern)

/*
 * The statement, run in a forked child, must end by abort() after printing to stderr what the
 * pattern describes (a part of it, or an extended regular expression). Fork it before the test
 * has threads: ThreadSanitizer can't start any in a process forked from one that had them.
 */
#define CHECK_PANIC(statement, pattern)                                         \
    do {                                                                        \
        struct check__child check__child = check__fork(__FILE__, __LINE__);     \
        if (check__child.pid == 0) {                                            \
            statement;                                                          \
            _exit(0);                                                           \
        }                                                                       \
        check__panicked(__FILE__, __LINE__, check__child, #statement, pattern); \
    } while (0)

/* This machine can't run the test; it passes, and the reason is shown. */
#define CHECK_SKIP(...) check__skip(__VA_ARGS__)

/* qemu-user shows an aarch64 program the description of the x86 processor it runs on. */
CHECK__HELPER bool check_emulated(void)
{
    bool found = false;
#ifdef __aarch64__
    char line[256];
    FILE *processor = fopen("/proc/cpuinfo", "r");
    while (processor && !found && fgets(line, sizeof line, processor))
        found = strncmp(line, "vendor_id", 9) == 0;
    if (processor)
        fclose(processor);
#endif
    return found;
}

/* Seconds since some fixed moment, for tests that compare durations generously. */
CHECK__HELPER double check_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* What follows is the machinery. */

struct check__test {
    const char *name;
    void (*run)(void);
    int limit;
    struct check__test *next;
};

struct check__child {
    pid_t pid;
    int stderr_pipe;
};

enum { CHECK__FAILED = 101, CHECK__SKIPPED = 77 };

static struct check__test *check__first, **check__last = &check__first;

CHECK__HELPER void check__add(struct check__test *test)
{
    *check__last = test;
    check__last = &test->next;
}

/* No stdio locks, no exit handlers: a check may fail on any thread and on any stack. */
__attribute__((unused, noreturn, format(printf, 3, 4))) static void
check__fail(const char *file, int line, const char *format, ...)
{
    char text[4096];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    dprintf(STDERR_FILENO, "%s:%d: %s\n", file, line, text);
    _exit(CHECK__FAILED);
}

__attribute__((unused, noreturn, format(printf, 1, 2))) static void check__skip(const char *format,
                                                                                ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    dprintf(STDERR_FILENO, "%s\n", text);
    _exit(CHECK__SKIPPED);
}

CHECK__HELPER void check__strings(const char *file, int line, const char *left_name,
                                  const char *right_name, const char *left, const char *right)
{
    if (left == right || (left && right && strcmp(left, right) == 0))
        return;
    check__fail(file, line, "CHECK_STR(%s, %s):\n  left:  \"%s\"\n  right: \"%s\"", left_name,
                right_name, left ? left : "(NULL)", right ? right : "(NULL)");
}

CHECK__HELPER bool check__matches(const char *text, const char *pattern)
{
    if (strstr(text, pattern))
        return true;
    regex_t regex;
    if (regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB) != 0)
        return false;
    bool found = regexec(&regex, text, 0, NULL, 0) == 0;
    regfree(&regex);
    return found;
}

CHECK__HELPER void check__match(const char *file, int line, const char *text, const char *pattern)
{
    if (!text || !check__matches(text, pattern))
        check__fail(file, line, "CHECK_MATCH: \"%s\"\n  does not match \"%s\"",
                    text ? text : "(NULL)", pattern);
}

CHECK__HELPER struct check__child check__fork(const char *file, int line)
{
    int ends[2];
    fflush(NULL);
    if (pipe(ends) != 0)
        check__fail(file, line, "pipe: %s", strerror(errno));
    pid_t pid = fork();
    if (pid < 0)
        check__fail(file, line, "fork: %s", strerror(errno));
    if (pid == 0) {
        struct rlimit no_core = {0, 0};
        setrlimit(RLIMIT_CORE, &no_core);
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
    }
    close(ends[1]);
    struct check__child child = {pid, ends[0]};
    return child;
}

CHECK__HELPER size_t check__read_all(int fd, char *text, size_t room)
{
    size_t length = 0;
    while (length < room - 1) {
        ssize_t got = read(fd, text + length, room - 1 - length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        length += (size_t)got;
    }
    text[length] = '\0';
    return length;
}

CHECK__HELPER void check__panicked(const char *file, int line, struct check__child child,
                                   const char *statement, const char *pattern)
{
    static char text[65536];
    check__read_all(child.stderr_pipe, text, sizeof text);
    close(child.stderr_pipe);
    int status = 0;
    while (waitpid(child.pid, &status, 0) < 0 && errno == EINTR)
        continue;
    if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGABRT)
        check__fail(file, line, "CHECK_PANIC(%.200s): no abort, wait status 0x%x; it said:\n%s",
                    statement, (unsigned)status, text);
    if (!check__matches(text, pattern))
        check__fail(file, line, "CHECK_PANIC(%.200s): it said\n%s  which does not match \"%s\"",
                    statement, text, pattern);
}

CHECK__HELPER double check__limit(const struct check__test *test)
{
    const char *slower = getenv("CHECK_SLOWER");
    double factor = slower ? atof(slower) : 1;
    return test->limit * (factor > 0 ? factor : 1);
}

/* The test's process: its output into a file, its end by exit() so that leaks are looked for. */
__attribute__((unused, noreturn)) static void check__child_main(const struct check__test *test,
                                                                int output, const sigset_t *mask)
{
    setpgid(0, 0);
    sigprocmask(SIG_SETMASK, mask, NULL);
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    close(output);
    setvbuf(stdout, NULL, _IONBF, 0);
    test->run();
    exit(0);
}

/* Waits for the child, or kills its process group at the limit. */
CHECK__HELPER int check__wait(pid_t pid, double limit, const sigset_t *child_signal, bool *hung)
{
    double end = check_seconds() + limit;
    int status = 0;
    *hung = false;
    while (waitpid(pid, &status, WNOHANG) == 0) {
        double left = end - check_seconds();
        if (left <= 0) {
            *hung = true;
            kill(-pid, SIGKILL);
            kill(pid, SIGKILL);
            while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
                continue;
            break;
        }
        struct timespec nap = {(time_t)left, (long)((left - (double)(time_t)left) * 1e9)};
        sigtimedwait(child_signal, NULL, &nap);
    }
    kill(-pid, SIGKILL); /* whatever the test left running */
    return status;
}

CHECK__HELPER void check__quote(int fd)
{
    static char text[1 << 18];
    lseek(fd, 0, SEEK_SET);
    check__read_all(fd, text, sizeof text);
    for (char *rest = text, *row; (row = strtok_r(rest, "\n", &rest));)
        printf("# %s\n", row);
}

CHECK__HELPER bool check__run(const struct check__test *test, int number)
{
    sigset_t child_signal, mask;
    sigemptyset(&child_signal);
    sigaddset(&child_signal, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child_signal, &mask);
    FILE *output = tmpfile();
    if (!output) {
        printf("not ok %d - %s\n# tmpfile: %s\n", number, test->name, strerror(errno));
        return false;
    }
    fflush(NULL);
    double start = check_seconds();
    pid_t pid = fork();
    if (pid == 0)
        check__child_main(test, fileno(output), &mask);
    bool hung = false;
    int status = pid < 0 ? -1 : check__wait(pid, check__limit(test), &child_signal, &hung);
    double took = check_seconds() - start;
    sigprocmask(SIG_SETMASK, &mask, NULL);

    bool skipped = !hung && WIFEXITED(status) && WEXITSTATUS(status) == CHECK__SKIPPED;
    bool passed = skipped || (!hung && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    printf("%s %d - %s%s\n", passed ? "ok" : "not ok", number, test->name,
           skipped ? " # SKIP" : "");
    if (hung)
        printf("# hung: killed after %.0f seconds\n", took);
    else if (pid < 0)
        printf("# fork failed\n");
    else if (!passed && WIFSIGNALED(status))
        printf("# killed by signal %d (%s)\n", WTERMSIG(status), strsignal(WTERMSIG(status)));
    else if (!passed && WEXITSTATUS(status) != CHECK__FAILED)
        printf("# exit status %d\n", WEXITSTATUS(status));
    if (!passed || skipped)
        check__quote(fileno(output));
    fclose(output);
    fflush(stdout);
    return passed;
}

CHECK__HELPER bool check__wanted(const struct check__test *test, int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], test->name) == 0)
            return true;
    return argc < 2;
}

CHECK__HELPER int check__main(int argc, char **argv)
{
    bool list = argc == 2 && strcmp(argv[1], "--list") == 0;
    int count = 0, number = 0, failed = 0;
    for (struct check__test *test = check__first; test; test = test->next)
        count += check__wanted(test, argc, argv);
    if (!list)
        printf("1..%d\n", count);
    for (struct check__test *test = check__first; test; test = test->next) {
        if (list) {
            puts(test->name);
        } else if (check__wanted(test, argc, argv)) {
            if (getenv("CHECK_HERE"))
                test->run();
            else
                failed += !check__run(test, ++number);
        }
    }
    if (!list && count == 0)
        fprintf(stderr, "no such test; --list shows the names\n");
    return failed > 0 || (!list && count == 0);
}

#endif
