/* SPDX-License-Identifier: MIT */
/* expect: ferry: pass a pointer: a vector of more than 16 bytes */
/* flags: -c -mavx */
#include "../must_not_compile/refused.h"

typedef float wide __attribute__((vector_size(32)));
struct wrapped {
    wide a;
};
int measure(struct wrapped);
int main(void)
{
    struct wrapped wrapped = {{1}};
    return AWAIT(measure, wrapped); /* here */
}
