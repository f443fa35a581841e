/* SPDX-License-Identifier: MIT */
/*
 * The floor for the sleeps: bare threads that share a counter, no loop, nothing handed over. The
 * threads stand ready when the time begins, as the workers of the others do.
 */
#include "../measure.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

static atomic_int next_before, next;
static pthread_barrier_t ready;

static int64_t share(atomic_int *counter, int count)
{
    int64_t sum = 0;
    for (int i; (i = atomic_fetch_add(counter, 1)) < count;)
        sum += nap(i);
    return sum;
}

static void *work(void *sum)
{
    share(&next_before, bench_calls_before());
    pthread_barrier_wait(&ready);
    *(int64_t *)sum = share(&next, bench.in_flight);
    return NULL;
}

static int sleeps(void)
{
    pthread_t *threads = calloc((size_t)bench.workers, sizeof *threads);
    int64_t *sums = calloc((size_t)bench.workers, sizeof *sums), sum = 0;
    pthread_barrier_init(&ready, NULL, (unsigned)bench.workers + 1);
    for (int i = 0; i < bench.workers; i++)
        pthread_create(&threads[i], NULL, work, &sums[i]);

    while (atomic_load(&next_before) < bench_calls_before() + bench.workers)
        nap(0); /* the threads come to the barrier */
    bench_batch_begin();
    pthread_barrier_wait(&ready);
    for (int i = 0; i < bench.workers; i++) {
        pthread_join(threads[i], NULL);
        sum += sums[i];
    }
    bench_batch_end(sum);
    free(sums);
    free(threads);
    return 0;
}

int main(int argc, char **argv)
{
    bench_open("threads", argc, argv);
    bool mine = bench_is("sleeps") || bench_is("sleeps_cold");
    return mine ? sleeps() : bench_refuse();
}
