/* SPDX-License-Identifier: MIT */
/* expect: (incompatible|makes pointer from integer|int-conversion) */
#include <ferry/map.h>

int measure(const char *text);
int main(void)
{
    int results[3];
    return ferry_executor_map(NULL, 1, 3, results, i, measure, i); /* here */
}
