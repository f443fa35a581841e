/* SPDX-License-Identifier: MIT */
/* expect: ferry: pass a pointer: a vector of more than 16 bytes */
#include "../must_not_compile/refused.h"

typedef float wide __attribute__((vector_size(32)));
int measure(wide a, int b);
int main(void)
{
    wide wide = {1};
    return AWAIT(measure, wide, 1); /* here */
}
