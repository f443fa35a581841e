/* SPDX-License-Identifier: MIT */
#include "loop/overflow.h"

#include "base/atomic.h"
#include "base/fault.h"
#include "core/guard.h"
#include "core/task.h"
#include "core/valgrind.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define ALTERNATE_BYTES ((size_t)64 * 1024) /* sanitizers' handlers, chained to, need much */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned watching;       /* under the lock: loops of the process */
static struct sigaction before; /* written under the lock while no handler is installed */

static _Thread_local void *alternate;

/* Only what a signal handler may call. */
static void say(const char *text)
{
    ssize_t ignored = write(STDERR_FILENO, text, strlen(text));
    (void)ignored;
}

static void report(const struct ferry__task *task)
{
    say("ferry: stack overflow in task \"");
    say(ferry__task_name(task));
    say("\", made at ");
    say(ferry__site_place(task->site));
    say(": a larger stack_size in ferry_run_with, or less in its frames\n");
}

static bool is_guard_of(const struct ferry__task *task, const char *address)
{
    const char *low = task->stack ? task->stack->low : NULL;
    return low && address >= low && address < low + FERRY__GUARD_BYTES;
}

/* On with whoever was there before us. */
static void chain(int number, siginfo_t *info, void *context)
{
    if (before.sa_flags & SA_SIGINFO) {
        before.sa_sigaction(number, info, context);
    } else if (before.sa_handler == SIG_DFL || before.sa_handler == SIG_IGN) {
        /* Returning meets the fault again, which now ends the process. */
        signal(number, SIG_DFL);
        if (info->si_code <= 0)
            raise(number); /* somebody sent it: it would not come again */
    } else {
        before.sa_handler(number);
    }
}

static void on_fault(int number, siginfo_t *info, void *context)
{
    int error = errno;
    struct ferry__task *task = ferry__task_current();
    if (task && info->si_code > 0 && is_guard_of(task, info->si_addr))
        report(task);
    chain(number, info, context);
    errno = error;
}

static void install(void)
{
    struct sigaction action = {.sa_sigaction = on_fault,
                               .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
    sigemptyset(&action.sa_mask);
    sigaction(SIGSEGV, NULL, &before);
    sigaction(SIGSEGV, &action, NULL);
}

static void uninstall(void)
{
    struct sigaction now;
    if (sigaction(SIGSEGV, NULL, &now) == 0 && now.sa_flags & SA_SIGINFO &&
        now.sa_sigaction == on_fault)
        sigaction(SIGSEGV, &before, NULL);
}

static void *alternate_open(void)
{
    stack_t stack;
    if (sigaltstack(NULL, &stack) != 0 || !(stack.ss_flags & SS_DISABLE) ||
        ferry__fault(FERRY__FAULT_MAP))
        return NULL;
    void *memory = mmap(NULL, ALTERNATE_BYTES, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        return NULL;
    stack = (stack_t){.ss_sp = memory, .ss_size = ALTERNATE_BYTES};
    if (sigaltstack(&stack, NULL) == 0)
        return memory;
    munmap(memory, ALTERNATE_BYTES);
    return NULL;
}

void ferry__overflow_forget(void)
{
    pthread_mutex_init(&lock, NULL);
}

void ferry__overflow_watch(void)
{
    int error = errno;
    alternate = alternate_open();
    pthread_mutex_lock(&lock);
    if (watching++ == 0)
        install();
    pthread_mutex_unlock(&lock);
    errno = error;
}

void ferry__overflow_unwatch(void)
{
    int error = errno;
    pthread_mutex_lock(&lock);
    if (--watching == 0)
        uninstall();
    pthread_mutex_unlock(&lock);
    /* valgrind goes on using a stack that was disabled: there it stays. */
    if (alternate && !ferry__on_valgrind()) {
        stack_t off = {.ss_flags = SS_DISABLE};
        sigaltstack(&off, NULL);
        munmap(alternate, ALTERNATE_BYTES);
        alternate = NULL;
    }
    errno = error;
}
