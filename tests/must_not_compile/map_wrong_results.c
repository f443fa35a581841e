/* SPDX-License-Identifier: MIT */
/* expect: results must point at the type that the function returns */
#include <ferry/map.h>

int measure(const char *text);
int main(void)
{
    long results[3];
    return ferry_executor_map(NULL, 1, 3, results, i, measure, "a"); /* here */
}
