/* SPDX-License-Identifier: MIT */
/* expect: ferry: pass a pointer: a call carries at most 1 KiB */
#include "../must_not_compile/refused.h"

struct large {
    char text[1020];
};
int measure(struct large a);
int main(void)
{
    struct large large = {"text"};
    return AWAIT(measure, large); /* here */
}
