/* SPDX-License-Identifier: MIT */
/* expect: ferry: pass a pointer: a vector of more than 16 bytes */
#include "../must_not_compile/refused.h"

typedef float wide __attribute__((vector_size(64)));
wide make(int b);
int main(void)
{
    return (int)AWAIT(make, 1)[0]; /* here */
}
