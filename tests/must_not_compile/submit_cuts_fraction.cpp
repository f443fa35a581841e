/* SPDX-License-Identifier: MIT */
/* expect: ferry: a floating argument for an integer parameter: convert it here */
#include <ferry/ferry.hpp>

int half(int number);
int main()
{
    auto later = ferry::submit(nullptr, half, 2.5f); /* here */
}
