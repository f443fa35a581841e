/* SPDX-License-Identifier: MIT */
/* expect: ignoring return value of */
#include <ferry/ferry.hpp>

int main()
{
    ferry::create_task([] {}); /* here */
}
