/* SPDX-License-Identifier: MIT */
#include "probe.h"
#include "fetch.h"
#include <unistd.h>

struct report probe(const char *url, unsigned char times, double pause, bool give_up,
                    struct range accepted, char best)
{
    struct report report = {.grade = best};
    while (report.asked < times && !(give_up && report.grade > best)) {
        struct page page;
        fetch_url(url, &page);
        report.asked++;
        report.seconds += page.seconds;
        if (page.status >= accepted.low && page.status <= accepted.high)
            report.good++;
        else
            report.grade++;
        page_free(&page);
        usleep((useconds_t)(pause * 1e6));
    }
    return report;
}
