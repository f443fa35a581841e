/* SPDX-License-Identifier: MIT */
/* expect: ferry: pass a pointer: a deferred call outlives this statement */
#include "../must_not_compile/refused.h"

struct large {
    char text[17];
};
int measure(int a, struct large b);
int main(void)
{
    struct large large = {"text"};
    return LATER(measure, 1, large) != NULL; /* here */
}
