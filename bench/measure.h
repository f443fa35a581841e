/* SPDX-License-Identifier: MIT */
/*
 * What the benchmark programs have in common: the calls they make, the clock, the cost, the check,
 * the line they print.
 *
 * Each program runs one workload of one peer and prints one line of key=value, which bench/run
 * reads:
 *
 *     PROGRAM workload in_flight workers seconds
 *
 *     rate, latency   in_flight chains: each hands x_plus_1 over to a worker, waits for the
 *                     result, hands it over again. Every completion is told with bench_more(),
 *                     which says when a chain has to end. The first fifth of a second is
 *                     warm-up; then `seconds` are measured. "latency" notes every round trip.
 *     sleeps          in_flight calls of a 1 ms nanosleep, all handed over at once; and before
 *                     that the same, not measured. "sleeps_cold" leaves out what goes before but
 *                     for two calls per worker.
 *     pending         in_flight calls of x_plus_1 queued behind workers that are blocked at the
 *                     gate: their memory, and once the gate opens the time until all are back
 *
 * A process measures one thing, so the state is one global. Only the loop's thread may call these
 * functions, except the calls themselves (x_plus_1, nap, bench_gate_wait).
 */
#ifndef FERRY_BENCH_MEASURE_H
#define FERRY_BENCH_MEASURE_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The calls that workers run: the same object code for every peer. */
int x_plus_1(int x);
int nap(int x); /* sleeps 1 ms, then x + 1 */

struct bench {
    const char *peer, *workload; /* constant after bench_open */
    int in_flight, workers;
    double seconds;

    uint64_t completions, next_look; /* of the chains; see bench_more */
};

extern struct bench bench;

/* Reads the command line; exits with 2 when it makes no sense. */
void bench_open(const char *peer, int argc, char **argv);
bool bench_is(const char *workload);
/* The workload is not one of this program's: says so and returns 2, for main to return. */
int bench_refuse(void);

/* Nanoseconds of the monotonic clock. */
uint64_t bench_now(void);
/* Keeps this thread computing for so many nanoseconds. */
void bench_compute(uint64_t ns);

/* Chains: start the warm-up; tell a completion (false: this chain is over); check and print. `sum`
 * is the sum of the last x of all chains that began at 0: it must be the number of completions. */
void bench_chains_begin(void);
bool bench_look(void);
static inline bool bench_more(void)
{
    return ++bench.completions < bench.next_look || bench_look();
}
void bench_chains_end(int64_t sum);
bool bench_more_for_rust(void);

/* A batch of in_flight calls, the i-th with the argument i: `sum` is the sum of their results.
 * Sleeps are bracketed by begin and end; pending calls by begin, queued (all are handed over, none
 * has run) and end. */
int bench_calls_before(void); /* of the sleeps: how many come first, not measured */
void bench_batch_begin(void);
void bench_batch_queued(void);
void bench_batch_end(int64_t sum);

/* The gate at which workers block: full when all workers stand there, and then opened for all of
 * them. */
int bench_gate_wait(int x); /* a call; returns x + 1 */
bool bench_gate_full(void);
/* By sleeping, for peers whose workers need nothing of the loop to start. */
void bench_gate_wait_full(void);
void bench_gate_open(void);

/* "mixed": in_flight chains of stamped calls, 1 in 1000 of which sleeps 5 ms, while the loop
 * computes 2 ms at a time. Noted is how long each short one was kept waiting between being handed
 * over and starting on a worker. */
struct bench_stamp {
    uint64_t handed_over, started;
    bool slow;
};
int bench_stamped(struct bench_stamp *stamp);          /* the call; returns 0 */
void bench_stamp_hand_over(struct bench_stamp *stamp); /* right before a call */
bool bench_stamp_more(struct bench_stamp *stamp); /* it has come back; false: this chain is over */
void bench_mixed_end(void);
#define BENCH_COMPUTE_NS 2000000

/* Delays or round trips, noted one by one; `bench_print_times` ends the line with p50_us, p99_us,
 * p999_us, max_us. */
void bench_note(uint64_t ns);
void bench_print_times(void);

/* What this process has cost so far, and what it holds. */
uint64_t bench_cpu_ns(void);             /* user + system */
uint64_t bench_voluntary_switches(void); /* context switches that a thread asked for by waiting */
uint64_t bench_resident(void);           /* bytes of RSS, exact */
uint64_t bench_page_tables(void);        /* bytes, which RSS leaves out */

/* Starts the line: "peer=… workload=… in_flight=… workers=…". Fields follow as " key=value", then a
 * newline. */
void bench_print_start(void);
/* Leaves with a sentence when a result is wrong. */
void bench_check(const char *what, int64_t is, int64_t should_be);

#ifdef __cplusplus
}
#endif

#endif
