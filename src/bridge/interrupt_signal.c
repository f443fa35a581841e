/* SPDX-License-Identifier: MIT */
/*
 * Interrupting by a signal: the worker's thread gets one whose handler does nothing, so that the
 * system call under way returns EINTR. bound.h has the law of `target`.
 *
 * Two races are closed here. A signal that comes before the system call has begun is lost: so
 * bound.c sends another, until the call is over. A signal that was sent while the call ended must
 * not reach the worker's next call: nobody sends once `target` is 0, the signal is blocked from
 * then on, and one that is pending still is delivered when it is unblocked, before the next call
 * begins.
 */
#include "base/error.h"
#include "bridge/bound.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Law: both are changed under the lock, `number` only while `installed` is false; read by workers
 * and loops without it, relaxed, once installed. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static atomic_int number = SIGURG;
static atomic_bool installed;

void ferry__interrupt_signal_forget(void)
{
    pthread_mutex_init(&lock, NULL);
}

static void nothing(int received)
{
    (void)received;
}

static bool is_free(int signal_number)
{
    struct sigaction now;
    return sigaction(signal_number, NULL, &now) == 0 && !(now.sa_flags & SA_SIGINFO) &&
           (now.sa_handler == SIG_DFL || now.sa_handler == SIG_IGN);
}

static int install(void)
{
    struct sigaction action = {.sa_handler = nothing}; /* without SA_RESTART */
    int wanted = ferry__load(&number, relaxed);
    if (!is_free(wanted))
        return -EBUSY;
    sigemptyset(&action.sa_mask);
    if (sigaction(wanted, &action, NULL) != 0)
        return -EINVAL;
    ferry__store(&installed, true, release);
    return 0;
}

int ferry__interrupt_ready(void)
{
    if (ferry__load(&installed, acquire))
        return 0;
    pthread_mutex_lock(&lock);
    int status = ferry__load(&installed, relaxed) ? 0 : install();
    pthread_mutex_unlock(&lock);
    return status;
}

int ferry_set_interrupt_signal(int wanted)
{
    struct sigaction now;
    if (wanted <= 0 || wanted == SIGKILL || wanted == SIGSTOP || wanted == SIGSEGV ||
        wanted == SIGBUS || wanted == SIGFPE || wanted == SIGILL ||
        sigaction(wanted, NULL, &now) != 0)
        return ferry__fail(EINVAL);
    pthread_mutex_lock(&lock);
    bool same = ferry__load(&number, relaxed) == wanted;
    bool busy = !same && (ferry__load(&installed, relaxed) || !is_free(wanted));
    if (!busy)
        ferry__store(&number, wanted, relaxed);
    pthread_mutex_unlock(&lock);
    return busy ? ferry__fail(EBUSY) : 0;
}

static void mask(int how)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, ferry__load(&number, relaxed));
    pthread_sigmask(how, &set, NULL);
}

void ferry__interrupt_open(struct ferry__bound *bound)
{
    mask(SIG_UNBLOCK);
    ferry__store(&bound->target, (uint32_t)syscall(SYS_gettid), release);
}

void ferry__interrupt_close(struct ferry__bound *bound)
{
    uint32_t seen = ferry__load(&bound->target, relaxed);
    while (seen & FERRY__TARGET_LOCKED || !ferry__cas_weak(&bound->target, &seen, 0, acq_rel)) {
        sched_yield(); /* the loop is in tgkill */
        seen = ferry__load(&bound->target, relaxed);
    }
    mask(SIG_BLOCK);
}

bool ferry__interrupt_send(struct ferry__bound *bound)
{
    uint32_t thread = ferry__load(&bound->target, acquire);
    if (!thread || !ferry__cas(&bound->target, &thread, thread | FERRY__TARGET_LOCKED, acquire))
        return false;
    syscall(SYS_tgkill, getpid(), (int)thread, ferry__load(&number, relaxed));
    ferry__store(&bound->target, thread, release);
    return true;
}
