/* SPDX-License-Identifier: MIT */
/* expect: ferry: the callable can't be called with these arguments, copied */
#include <ferry/ferry.hpp>

void count(int &number);
int main()
{
    int number = 0;
    auto task = ferry::create_task(count, number); /* here */
}
