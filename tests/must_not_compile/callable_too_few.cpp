/* SPDX-License-Identifier: MIT */
/* expect: ferry: the callable can't be called with these arguments */
#include <ferry/ferry.hpp>

int main()
{
    return ferry::to_thread([](int a, int b) { return a + b; }, 1); /* here */
}
