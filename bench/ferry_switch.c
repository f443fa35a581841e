/* SPDX-License-Identifier: MIT */
/*
 * ferry's bare switch between two stacks, there and back, in_flight times: what peers/fcontext.c
 * does with Boost's. The one program here that looks below the public headers.
 */
#include "measure.h"

#include "arch/arch.h"

#include <stdio.h>
#include <stdlib.h>

static void *here, *there;

static void back(void *unused)
{
    (void)unused;
    for (;;)
        ferry__switch(&there, here);
}

int main(int argc, char **argv)
{
    bench_open("ferry", argc, argv);
    if (!bench_is("switch"))
        return bench_refuse();
    enum { SIZE = 65536 };
    char *stack = aligned_alloc(64, SIZE);
    there = ferry__switch_prepare(stack + SIZE, back, NULL);
    for (int i = 0; i < bench.in_flight; i++)
        ferry__switch(&here, there);

    uint64_t begin = bench_now();
    for (int i = 0; i < bench.in_flight; i++)
        ferry__switch(&here, there);
    bench_print_start();
    printf(" switch_ns=%.3f\n", (double)(bench_now() - begin) / 2 / bench.in_flight);
    free(stack);
    return 0;
}
