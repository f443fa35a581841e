/* SPDX-License-Identifier: MIT */
/* expect: too few arguments */
#include "../must_not_compile/refused.h"

int add(int a, int b);
int main(void)
{
    return AWAIT(add, 1); /* here */
}
