/* SPDX-License-Identifier: MIT */
/* expect: (not a function|indirection requires pointer|invalid type argument) */
#include "../must_not_compile/refused.h"

int main(void)
{
    int number = 3;
    return AWAIT(number, 3); /* here */
}
