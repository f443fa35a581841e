/* SPDX-License-Identifier: MIT */
/* expect: ferry: a floating argument for an integer parameter: convert it here */
#include <ferry/ferry.hpp>

int main()
{
    return ferry::to_thread([](long seconds) { return seconds > 0 ? 1 : 0; }, 0.5); /* here */
}
