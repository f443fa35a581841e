/* SPDX-License-Identifier: MIT */
/* expect: ms_abi. attributes are not compatible|ms_abi.? (and|attributes).*not compatible */
#include "../must_not_compile/refused.h"

__attribute__((ms_abi)) int measure(int a);
int main(void)
{
    return AWAIT(measure, 1); /* here */
}
