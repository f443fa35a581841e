/* SPDX-License-Identifier: MIT */
/* ferry_executor_map: results in order, chunks, the window. */
#include "bridge.h"

enum { MANY = 1000 };

static int twice(int x)
{
    return 2 * x;
}

static void map_plain(size_t chunk)
{
    int results[MANY], inputs[MANY];
    for (int i = 0; i < MANY; i++)
        inputs[i] = i + 1;
    CHECK_INT(ferry_executor_map(NULL, chunk, MANY, results, k, twice, inputs[k]), ==, 0);
    for (int i = 0; i < MANY; i++)
        CHECK_INT(results[i], ==, 2 * (i + 1));
}

static void map_plain_all(void)
{
    size_t chunks[] = {0, 1, 7, MANY - 1, MANY, MANY + 1, SIZE_MAX};
    for (size_t c = 0; c < sizeof chunks / sizeof *chunks; c++)
        map_plain(chunks[c]);
}

TEST(a_thread_maps_in_order_whatever_the_chunk)
{
    map_plain_all();
}

IN_TASK(a_task_maps_in_order_whatever_the_chunk)
{
    map_plain_all();
    return 0;
}

struct pair {
    int a;
    double b;
};

static double weigh(struct pair pair, const char *text, long double x, int a, int b, int c, int d,
                    int e)
{
    size_t length = strlen(text);
    return pair.a + pair.b + (double)length + (double)x + a + b + c + d + e;
}

static const char *nth(const char *const *words, size_t n)
{
    return words[n];
}

static bool is_odd(unsigned char c)
{
    return c & 1;
}

static long double third(int x)
{
    return x / 3.0L;
}

static int sum_here;
static void add_up(_Atomic(int) *sum, int x)
{
    atomic_fetch_add(sum, x);
}

TEST(any_prototype_goes_and_results_are_of_its_own_type)
{
    double weights[20];
    struct pair pairs[20];
    for (int i = 0; i < 20; i++)
        pairs[i] = (struct pair){i, 0.5};
    CHECK_INT(ferry_executor_map(NULL, 3, 20, weights, i, weigh, pairs[i], "abc", 4.0L, 5, 6, 7, 8,
                                 (int)i),
              ==, 0);
    for (int i = 0; i < 20; i++)
        CHECK_DOUBLE(weights[i], ==, 2 * i + 0.5 + 3 + 4 + 5 + 6 + 7 + 8);
    static const char *const words[] = {"one", "two", "three"};
    const char *picked[3];
    CHECK_INT(ferry_executor_map(NULL, 1, 3, picked, i, nth, words, 2 - i), ==, 0);
    CHECK(picked[0] == words[2] && picked[1] == words[1] && picked[2] == words[0]);
    bool odd[5];
    CHECK_INT(ferry_executor_map(NULL, 2, 5, odd, i, is_odd, (unsigned char)i), ==, 0);
    CHECK(!odd[0] && odd[1] && !odd[2] && odd[3] && !odd[4]);
    long double thirds[4];
    CHECK_INT(ferry_executor_map(NULL, 2, 4, thirds, i, third, (int)i), ==, 0);
    for (int i = 0; i < 4; i++)
        CHECK(thirds[i] == third(i));
    _Atomic(int) sum = 0;
    CHECK_INT(ferry_executor_map(NULL, 2, 5, NULL, i, add_up, &sum, (int)i), ==, 0);
    CHECK_INT(sum, ==, 10);
    CHECK_INT(ferry_executor_map(NULL, 2, 5, NULL, i, twice, (int)i), ==, 0);
    int (*functions[])(int) = {plus_one, twice};
    int results[2];
    CHECK_INT(ferry_executor_map(NULL, 2, 2, results, i, functions[i], 10), ==, 0);
    CHECK_INT(results[0], ==, 11);
    CHECK_INT(results[1], ==, 20);
}

TEST(of_nothing_nothing_is_called_or_evaluated)
{
    CHECK_INT(ferry_executor_map(NULL, 1, 0, NULL, i, twice, sum_here++), ==, 0);
    CHECK_INT(sum_here, ==, 0);
}

/* A macro that says only "void *" of its results can't be checked. */
TEST(results_of_no_type_end_with_a_sentence)
{
    int results[2];
    void *untyped = results;
    CHECK_PANIC(ferry_executor_map(NULL, 1, 2, untyped, i, twice, 1), "results is a void \\*");
}

static int rows(int row, int columns)
{
    int cells[10], sum = 0;
    CHECK_INT(ferry_executor_map(NULL, 2, (size_t)columns, cells, i, twice, row * (int)i), ==, 0);
    for (int i = 0; i < columns; i++)
        sum += cells[i];
    return sum;
}

static int inner(size_t i)
{
    int cells[3];
    int status = ferry_executor_map(NULL, 1, 3, cells, j, twice, (int)j);
    return status ? status : cells[0] + cells[1] + cells[2] + (int)i;
}

TEST(maps_nest_in_calls_and_in_arguments)
{
    int sums[4];
    FERRY_WITH_EXECUTOR(executor, .max_workers = 2) {
        CHECK_INT(ferry_executor_map(executor, 1, 4, sums, i, rows, (int)i, 10), ==, 0);
    } else {
        CHECK(false);
    }
    for (int i = 0; i < 4; i++)
        CHECK_INT(sums[i], ==, 2 * i * 45);
    CHECK_INT(ferry_executor_map(NULL, 1, 4, sums, i, twice, inner(i)), ==, 0);
    for (int i = 0; i < 4; i++)
        CHECK_INT(sums[i], ==, 2 * (6 + i));
}

/* What comes to errno, and when arguments are evaluated. */
static int says_errno(void)
{
    int error = errno;
    errno = ENOENT;
    return error;
}

TEST(each_call_starts_with_errno_0_and_the_callers_stays)
{
    int results[10];
    errno = EXDEV;
    CHECK_INT(ferry_executor_map(NULL, 5, 10, results, i, says_errno), ==, 0);
    CHECK_INT(errno, ==, EXDEV);
    for (int i = 0; i < 10; i++)
        CHECK_INT(results[i], ==, 0);
}

/* The window: with the workers held, not all arguments are evaluated. */
static atomic_int evaluated;
static int evaluate(size_t i)
{
    atomic_fetch_add(&evaluated, 1);
    return (int)i;
}

static int wait_then_twice(int x)
{
    while (!atomic_load(&let_go))
        usleep(200);
    return 2 * x;
}

static int map_many(ferry_executor *executor, size_t chunk, int *results, size_t count)
{
    return ferry_executor_map(executor, chunk, count, results, i, wait_then_twice, evaluate(i));
}

static int all_twice(const int *results, int count)
{
    for (int i = 0; i < count; i++)
        if (results[i] != 2 * i)
            return i;
    return -1;
}

IN_TASK(a_long_map_has_few_calls_in_memory)
{
    static int results[10 * MANY];
    FERRY_WITH_EXECUTOR(executor, .max_workers = 2) {
        ferry_task *task = ferry_create_task(map_many, executor, 1, results, 10 * MANY);
        do
            ferry_sleep(0.001);
        while (atomic_load(&evaluated) < 256);
        ferry_sleep(0.02);
        CHECK_INT(atomic_load(&evaluated), ==, 256);
        atomic_store(&let_go, 1);
        CHECK_INT(ferry_await(int, task), ==, 0);
        CHECK_INT(all_twice(results, 10 * MANY), ==, -1);
        CHECK_INT(atomic_load(&evaluated), ==, 10 * MANY);
    } else {
        return 1;
    }
    return 0;
}

TEST(large_chunks_are_two_for_each_worker)
{
    static int results[10 * MANY];
    FERRY_WITH_EXECUTOR(executor, .max_workers = 3) {
        ferry_future *future =
            ferry_executor_submit(NULL, map_many, executor, 500, results, 10 * MANY);
        while (atomic_load(&evaluated) < 3000)
            usleep(200);
        usleep(20000);
        CHECK_INT(atomic_load(&evaluated), ==, 3000);
        atomic_store(&let_go, 1);
        CHECK_INT(ferry_future_result(int, future), ==, 0);
        CHECK_INT(all_twice(results, 10 * MANY), ==, -1);
        ferry_future_free(future);
    } else {
        CHECK(false);
    }
}

static long tick_count;
static int tick(void)
{
    while (ferry_sleep(0) == 0)
        tick_count++;
    return 0;
}

static long ticks_by_then;
static int look_at_ticks(size_t i)
{
    if (i == 1500)
        ticks_by_then = tick_count;
    return (int)i;
}

/* An executor that may have so many workers lets 2000 calls be on their way: the map waits for
 * nobody before. */
IN_TASK(others_run_while_a_task_maps)
{
    static int results[2 * MANY];
    ferry_task *ticker = ferry_create_task(tick);
    FERRY_WITH_EXECUTOR(executor, .max_workers = 1000) {
        CHECK_INT(ferry_executor_map(executor, 1, 2 * MANY, results, i, twice, look_at_ticks(i)),
                  ==, 0);
        CHECK_INT(all_twice(results, 2 * MANY), ==, -1);
        CHECK_INT(ticks_by_then, >=, 1500 / 256 - 1);
    } else {
        return 1;
    }
    ferry_task_cancel(ticker);
    ferry_await(int, ticker);
    return 0;
}

/* A chunk is one worker's. */
TEST(a_chunk_runs_in_order_on_one_thread)
{
    long threads[40];
    FERRY_WITH_EXECUTOR(executor, .max_workers = 4) {
        CHECK_INT(ferry_executor_map(executor, 10, 40, threads, i, thread_id), ==, 0);
    } else {
        CHECK(false);
    }
    for (int i = 0; i < 40; i++)
        CHECK_INT(threads[i], ==, threads[i / 10 * 10]);
}

static ferry_local request = FERRY_LOCAL_INIT;

static void *get_request(void)
{
    return ferry_local_get(&request);
}

IN_TASK(task_locals_travel)
{
    int mine;
    ferry_local_set(&request, &mine);
    void *seen[20];
    CHECK_INT(ferry_executor_map(NULL, 3, 20, seen, i, get_request), ==, 0);
    for (int i = 0; i < 20; i++)
        CHECK_PTR(seen[i], ==, &mine);
    return 0;
}

TEST_MAIN
