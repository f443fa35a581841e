/* SPDX-License-Identifier: MIT */
/* expect: ferry: a deferred call gives a scalar or nothing */
#include "../must_not_compile/refused.h"

struct pair {
    int a, b;
};
struct pair make(int);
int main(void)
{
    return LATER(make, 3) != NULL; /* here */
}
