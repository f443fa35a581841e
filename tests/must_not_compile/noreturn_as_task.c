/* SPDX-License-Identifier: MIT */
/* expect: ferry: a noreturn function can't be a deferred call or a task */
/* flags: link */
/* only: clang (gcc takes the attribute off) */
#include "../must_not_compile/refused.h"

__attribute__((noreturn)) void leave(int a);
int main(void)
{
    return LATER(leave, 1) != NULL; /* here */
}
