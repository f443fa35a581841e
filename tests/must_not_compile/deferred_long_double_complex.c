/* SPDX-License-Identifier: MIT */
/* expect: ferry: a deferred call gives a scalar or nothing */
#include "../must_not_compile/refused.h"

long double _Complex make(int);
int main(void)
{
    return LATER(make, 3) != NULL; /* here */
}
