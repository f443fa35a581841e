/* SPDX-License-Identifier: MIT */
/* expect: (incompatible|makes pointer from integer|int-conversion) */
#include "../must_not_compile/refused.h"

int measure(const char *text);
int main(void)
{
    return LATER(measure, 5) != NULL; /* here */
}
