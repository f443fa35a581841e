/* SPDX-License-Identifier: MIT */
/* A monitoring module as one finds them: blocking, with arguments of many types. */
#ifndef PROBE_H
#define PROBE_H

#include <stdbool.h>

struct range {
    long low, high;
};

struct report {
    int asked, good;
    double seconds;
    char grade;
};

/* Asks a server several times, with pauses in seconds. An answer is good when its status is within
 * `accepted`; each other one lowers the grade, and ends it if give_up. */
struct report probe(const char *url, unsigned char times, double pause, bool give_up,
                    struct range accepted, char best);

#endif
