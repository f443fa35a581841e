/* SPDX-License-Identifier: MIT */
/* Children: what they inherit refuses, what they make works, nothing hangs. */
#include "bridge.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/wait.h>

/* Runs in a child of fork(): a failed check ends it with a status. */
#define CHILD_CHECK(condition)                                              \
    do {                                                                    \
        if (!(condition)) {                                                 \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
            _exit(1);                                                       \
        }                                                                   \
    } while (0)

static int status_of(pid_t child)
{
    int status;
    CHECK_INT(child, >, 0);
    CHECK_INT(waitpid(child, &status, 0), ==, child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

/* AddressSanitizer's allocator may be locked in a child for ever, as its threads were allocating
 * (glibc's never is): under it nothing is allocated there, nor here while others fork. */
enum { MAY_ALLOCATE = !CHECK_UNDER_ASAN, MAY_START_THREADS = MAY_ALLOCATE && !CHECK_UNDER_TSAN };

static ferry_executor *plain, *lane;

/* What was inherited says so, at once, whoever held which lock. */
static void refuse_all(ferry_future *pending)
{
    CHILD_CHECK(ferry_run_in_executor(plain, plus_one, 1) == -1 && errno == EOWNERDEAD);
    if (MAY_ALLOCATE) {
        CHILD_CHECK(!ferry_executor_submit(lane, plus_one, 1) && errno == EOWNERDEAD);
        CHILD_CHECK(!ferry_executor_submit(NULL, plus_one, 1) && errno == EOWNERDEAD);
    }
    CHILD_CHECK(ferry_executor_running(plain, NULL, 0) == 0);
    CHILD_CHECK(ferry_executor_queued(plain) == 0);
    if (pending) {
        CHILD_CHECK(ferry_future_await(pending, NULL) == -EOWNERDEAD);
        CHILD_CHECK(ferry_future_cancel(pending) == 0);
        ferry_future_free(pending);
    }
    CHILD_CHECK(ferry_executor_shutdown(plain, NULL) == 0);
    ferry_executor_free(plain);
    ferry_executor_free(lane);
    CHILD_CHECK(ferry_to_thread(plus_one, 1) == 2); /* no loop: in place */
}

static int new_loop(ferry_future *pending)
{
    CHILD_CHECK(ferry_sleep(0.0001) == 0);
    CHILD_CHECK(ferry_run_in_executor(plain, plus_one, 1) == -1 && errno == EOWNERDEAD);
    CHILD_CHECK(ferry_call_outcome().state == FERRY_CALL_NEVER_STARTED);
    CHILD_CHECK(ferry_call_outcome().error == EOWNERDEAD);
    if (pending)
        CHILD_CHECK(ferry_future_await(pending, NULL) == -EOWNERDEAD);
    return 9;
}

static int on_fresh_threads(void)
{
    CHILD_CHECK(ferry_sleep(0.0001) == 0);
    FERRY_WITH_EXECUTOR(fresh, .name = "fresh") {
        CHILD_CHECK(ferry_run_in_executor(fresh, plus_one, 4) == 5);
    } else {
        return 1;
    }
    return 10;
}

static void open_executors(void)
{
    if (check_emulated())
        CHECK_SKIP("qemu-user itself ends in the child of a process with threads");
    ferry_executor_options options = {.lane = true};
    plain = ferry_executor_new(NULL);
    lane = ferry_executor_new(&options);
    CHECK_INT(ferry_run_in_executor(plain, plus_one, 1), ==, 2);
    CHECK_INT(ferry_run_in_executor(lane, plus_one, 1), ==, 2);
    ferry_future *future = ferry_executor_submit(NULL, plus_one, 1);
    CHECK_INT(ferry_future_result(int, future), ==, 2);
    ferry_future_free(future);
}

static void close_executors(void)
{
    ferry_executor_free(plain);
    ferry_executor_free(lane);
}

TEST(a_child_s_inherited_executors_refuse_and_new_ones_work)
{
    open_executors();
    ferry_future *held = hold_worker(plain);
    ferry_future *waits = ferry_executor_submit(plain, hold);
    pid_t child = fork();
    if (child == 0) {
        CHILD_CHECK(!MAY_ALLOCATE || ferry_run(new_loop, waits) == 9);
        refuse_all(held);
        if (MAY_START_THREADS)
            CHILD_CHECK(ferry_run(on_fresh_threads) == 10);
        _exit(0);
    }
    CHECK_INT(status_of(child), ==, 0);
    let_worker_go(held);
    CHECK_INT(ferry_future_result(int, waits), ==, 50);
    ferry_future_free(waits);
    close_executors();
}

/* In tasks. */

static int fork_in_task(void)
{
    ferry_task *other = ferry_create_task(plus_one, 1);
    FERRY_WITH_EXECUTOR(own, .name = "own") {
        FERRY_WITH_WORKER(own)
        {
            CHECK_INT(ferry_run_in_executor(own, plus_one, 1), ==, 2);
            pid_t child = fork();
            if (child == 0) {
                CHILD_CHECK(ferry_sleep(0.001) == -EPERM);
                CHILD_CHECK(!ferry_create_task(plus_one, 1) && errno == EPERM);
                CHILD_CHECK(ferry_join(other, NULL) == -EPERM);
                CHILD_CHECK(!MAY_ALLOCATE || ferry_run(new_loop, (ferry_future *)NULL) == 9);
                refuse_all(NULL);
            } else {
                CHECK_INT(status_of(child), ==, 3);
                CHECK_INT(ferry_run_in_executor(own, plus_one, 2), ==, 3);
            }
            errno = child;
        }
        else
        {
            return 1;
        }
        if (errno == 0)
            goto out_in_child;
    } else {
        return 1;
    }
    return ferry_await(int, other) - 2;
out_in_child: /* the blocks have been left */
    _exit(3);
}

TEST(the_child_of_a_task_is_in_no_task_and_leaves_its_blocks)
{
    open_executors();
    CHECK_INT(ferry_run(fork_in_task), ==, 0);
    close_executors();
}

static pid_t forked;

static int fork_and_return(void)
{
    forked = fork();
    if (forked == 0)
        dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), 2);
    return 4;
}

static int fork_and_sleep_on(void)
{
    ferry_sleep(0.001);
    return fork_and_return();
}

static int call_that_forks(void)
{
    return ferry_to_thread(fork_and_return);
}

static int call_that_forks_in_a_block(void)
{
    int got = 1;
    FERRY_WITH_WORKER(NULL)
    {
        got = ferry_to_thread(fork_and_return);
    }
    else
    {
        perror("a worker");
    }
    return got;
}

TEST(a_child_that_comes_back_to_its_parent_s_loop_or_worker_ends)
{
    CHECK_INT(ferry_run(fork_and_sleep_on), ==, 4);
    CHECK_INT(status_of(forked), ==, 70);
    CHECK_INT(ferry_run(call_that_forks), ==, 4);
    CHECK_INT(status_of(forked), ==, 70);
    CHECK_INT(ferry_run(call_that_forks_in_a_block), ==, 4);
    CHECK_INT(status_of(forked), ==, 70);
    ferry_future *future = ferry_executor_submit(NULL, fork_and_return);
    CHECK_INT(ferry_future_result(int, future), ==, 4);
    ferry_future_free(future);
    CHECK_INT(status_of(forked), ==, 70);
}

static ferry_loop *loop;

static int fork_with_a_loop(void)
{
    loop = ferry_get_running_loop();
    pid_t child = fork();
    if (child == 0) {
        CHILD_CHECK(ferry_loop_is_closed(loop));
        CHILD_CHECK(ferry_call_soon_threadsafe(loop, plus_one, 1) == -ESHUTDOWN);
        struct sigaction now;
        CHILD_CHECK(sigaction(SIGINT, NULL, &now) == 0 && now.sa_handler == SIG_DFL);
        _exit(0);
    }
    CHECK_INT(status_of(child), ==, 0);
    CHECK(!ferry_loop_is_closed(loop));
    return ferry_sleep(0.0001);
}

TEST(inherited_loops_are_closed)
{
    signal(SIGINT, SIG_DFL); /* a shell's background job ignores it */
    CHECK_INT(ferry_run(fork_with_a_loop), ==, 0);
}

/* Under load: other threads hold whatever there is to hold. */

static atomic_int over;

static void *submit_on(void *unused)
{
    (void)unused;
    while (!MAY_ALLOCATE && !atomic_load(&over))
        CHECK_INT(ferry_run_in_executor(plain, plus_one, 2), ==, 3);
    while (!atomic_load(&over)) {
        ferry_future *future = ferry_executor_submit(plain, plus_one, 1);
        ferry_executor *own = ferry_executor_new(&(ferry_executor_options){.max_workers = 1});
        CHECK_INT(ferry_run_in_executor(own, plus_one, 2), ==, 3);
        CHECK_INT(ferry_future_result(int, future), ==, 2);
        ferry_future_free(future);
        ferry_executor_free(own);
    }
    return NULL;
}

static int await_on(void)
{
    while (!atomic_load(&over)) {
        CHECK_INT(ferry_run_in_executor(plain, plus_one, 1), ==, 2);
        CHECK_INT(ferry_run_in_executor(lane, plus_one, 2), ==, 3);
    }
    return 0;
}

static void *run_on(void *unused)
{
    (void)unused;
    while (!atomic_load(&over))
        CHECK_INT(ferry_run(await_on), ==, 0);
    return NULL;
}

enum { FORKS = CHECK_UNDER_TSAN ? 100 : 1000 };

static void under_load(void (*fork_once)(int))
{
    pthread_t threads[3];
    open_executors();
    for (int i = 0; i < 3; i++)
        CHECK_INT(pthread_create(&threads[i], NULL, i ? submit_on : run_on, NULL), ==, 0);
    for (int i = 0; i < FORKS; i++)
        fork_once(i);
    atomic_store(&over, 1);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    close_executors();
}

static void fork_plainly(int i)
{
    ferry_future *pending =
        i % 2 && MAY_ALLOCATE ? ferry_executor_submit(plain, plus_one, i) : NULL;
    pid_t child = fork();
    if (child == 0) {
        if (pending) {
            int said = ferry_future_await(pending, NULL);
            CHILD_CHECK(said == 0 || said == -EOWNERDEAD);
        }
        CHILD_CHECK(ferry_run_in_executor(lane, plus_one, 1) == -1 && errno == EOWNERDEAD);
        if (!MAY_ALLOCATE)
            _exit(0);
        refuse_all(NULL);
        CHILD_CHECK(ferry_run(new_loop, (ferry_future *)NULL) == 9);
        if (MAY_START_THREADS && i % 10 == 0)
            CHILD_CHECK(ferry_run(on_fresh_threads) == 10);
        _exit(0);
    }
    CHECK_INT(status_of(child), ==, 0);
    if (pending)
        CHECK_INT(ferry_future_result(int, pending), ==, i + 1);
    ferry_future_free(pending);
}

TEST_WITHIN(forks_in_the_middle_of_load_never_hang, 300)
{
    under_load(fork_plainly);
}

static int use_revived(void)
{
    CHILD_CHECK(ferry_run_in_executor(plain, plus_one, 1) == 2);
    CHILD_CHECK(ferry_run_in_executor(lane, plus_one, 1) == 2);
    CHILD_CHECK(ferry_to_thread(plus_one, 1) == 2);
    return 11;
}

static void fork_by_ferry(int i)
{
    (void)i;
    pid_t child = ferry_fork(60);
    if (child == 0) {
        if (MAY_START_THREADS) {
            CHILD_CHECK(ferry_run(use_revived) == 11);
            close_executors();
        }
        _exit(0);
    }
    CHECK_INT(status_of(child), ==, 0);
}

TEST_WITHIN(children_of_ferry_fork_have_executors_of_their_own, 300)
{
    under_load(fork_by_ferry);
}

TEST(ferry_fork_waits_for_calls_and_gives_up)
{
    open_executors();
    ferry_future *held = hold_worker(plain);
    CHECK_INT(ferry_fork(0.01), ==, -ETIMEDOUT);
    CHECK_INT(errno, ==, ETIMEDOUT);
    CHECK_INT(ferry_run_in_executor(lane, plus_one, 1), ==, 2);
    CHECK_INT(ferry_fork(0.0 / 0.0), ==, -EINVAL);
    let_worker_go(held);
    pid_t child = ferry_fork(60);
    if (child == 0) {
        if (MAY_START_THREADS)
            CHILD_CHECK(ferry_run(use_revived) == 11);
        _exit(0);
    }
    CHECK_INT(status_of(child), ==, 0);
    CHECK_INT(ferry_run_in_executor(plain, plus_one, 1), ==, 2);
    close_executors();
}

static int fork_here(void)
{
    return ferry_fork(1);
}

TEST(ferry_fork_is_for_threads_of_the_program)
{
    CHECK_INT(ferry_run(fork_here), ==, -EPERM);
    ferry_future *future = ferry_executor_submit(NULL, fork_here);
    CHECK_INT(ferry_future_result(int, future), ==, -EDEADLK);
    ferry_future_free(future);
}

/* The first is held until the second's argument has forked. */
static int fork_at(size_t i)
{
    if (i != 1)
        return (int)i;
    while (atomic_load(&holding) == 0)
        usleep(200);
    forked = fork();
    if (forked > 0)
        atomic_store(&let_go, 1);
    return 1;
}

static int hold_first(int i)
{
    return i == 0 ? hold() : i;
}

TEST(a_child_leaves_a_map)
{
    open_executors();
    int results[3];
    int status = ferry_executor_map(plain, 1, 3, results, i, hold_first, fork_at(i));
    if (forked == 0) {
        CHILD_CHECK(status == -EOWNERDEAD && results[2] == -1);
        _exit(0);
    }
    CHECK_INT(status, ==, 0);
    CHECK_INT(results[0] + results[1] + results[2], ==, 53);
    CHECK_INT(status_of(forked), ==, 0);
    close_executors();
}

TEST_MAIN
