/* SPDX-License-Identifier: MIT */
/*
 * Boost.Context: the bare switch between two stacks, there and back, in_flight times. Its assembly
 * routines are called directly, as Boost's own fiber and coroutine classes do.
 */
#include "../measure.h"

#include <stdio.h>
#include <stdlib.h>

/* boost/context/detail/fcontext.hpp, in C */
struct transfer {
    void *context, *data;
};
struct transfer jump_fcontext(void *to, void *data);
void *make_fcontext(void *stack_top, size_t size, void (*entry)(struct transfer));

static void back(struct transfer from)
{
    for (;;)
        from = jump_fcontext(from.context, NULL);
}

int main(int argc, char **argv)
{
    bench_open("fcontext", argc, argv);
    if (!bench_is("switch"))
        return bench_refuse();
    enum { SIZE = 65536 };
    char *stack = aligned_alloc(64, SIZE);
    struct transfer other = {make_fcontext(stack + SIZE, SIZE, back), NULL};
    for (int i = 0; i < bench.in_flight; i++)
        other = jump_fcontext(other.context, NULL);

    uint64_t begin = bench_now();
    for (int i = 0; i < bench.in_flight; i++)
        other = jump_fcontext(other.context, NULL);
    bench_print_start();
    printf(" switch_ns=%.3f\n", (double)(bench_now() - begin) / 2 / bench.in_flight);
    free(stack);
    return 0;
}
