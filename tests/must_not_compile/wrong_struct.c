/* SPDX-License-Identifier: MIT */
/* expect: (incompatible type for argument 1|passing .struct other. to parameter of incompat) */
#include "../must_not_compile/refused.h"

struct one {
    int a;
};
struct other {
    int a;
};
int measure(struct one);
int main(void)
{
    struct other other = {1};
    return AWAIT(measure, other); /* here */
}
