/* SPDX-License-Identifier: MIT */
/* expect: (incompatible types when|initializing .int. with an expression of incompatible) */
#include "../must_not_compile/refused.h"

struct pair {
    int a, b;
};
struct pair make(int);
int main(void)
{
    int made = AWAIT(make, 3); /* here */
    return made;
}
