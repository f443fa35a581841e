/* SPDX-License-Identifier: MIT */
/* expect: a noreturn function can */
/* only: clang (gcc takes the attribute off) */
#include "../must_not_compile/refused.h"

__attribute__((noreturn)) void leave(int a);
int main(void)
{
    return LATER(leave, 1) != NULL; /* here */
}
