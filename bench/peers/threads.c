/* SPDX-License-Identifier: MIT */
/*
 * The floor for the sleeps: bare threads that share a counter, no loop, nothing handed over. The
 * threads stand ready when the time begins, as the workers of the others do.
 */
#include "../measure.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

static atomic_int next;
static pthread_barrier_t ready;

static void *work(void *argument)
{
    int64_t *sum = argument;
    pthread_barrier_wait(&ready);
    for (int i; (i = atomic_fetch_add(&next, 1)) < bench.in_flight;)
        *sum += nap(i);
    return NULL;
}

static int sleeps(void)
{
    pthread_t *threads = calloc((size_t)bench.workers, sizeof *threads);
    int64_t *sums = calloc((size_t)bench.workers, sizeof *sums), sum = 0;
    pthread_barrier_init(&ready, NULL, (unsigned)bench.workers + 1);
    for (int i = 0; i < bench.workers; i++)
        pthread_create(&threads[i], NULL, work, &sums[i]);

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
    return bench_is("sleeps") ? sleeps() : bench_refuse();
}
