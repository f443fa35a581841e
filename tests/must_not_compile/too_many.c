/* SPDX-License-Identifier: MIT */
/* expect: too many arguments */
#include "../must_not_compile/refused.h"

int add(int a, int b);
int main(void)
{
    return AWAIT(add, 1, 2, 3); /* here */
}
