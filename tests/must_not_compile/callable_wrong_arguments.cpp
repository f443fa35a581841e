/* SPDX-License-Identifier: MIT */
/* expect: ferry: the callable can't be called with these arguments */
#include <ferry/ferry.hpp>

int take(int *number);
int main()
{
    return ferry::to_thread(take, "a string"); /* here */
}
