/* SPDX-License-Identifier: MIT */
/* expect: (ms_abi|ferry: ) */
#include "../must_not_compile/refused.h"

__attribute__((ms_abi)) int measure(int a);
int main(void)
{
    return AWAIT(measure, 1); /* here */
}
