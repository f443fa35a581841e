/* SPDX-License-Identifier: MIT */
/*
 * A web page fetched the way C programs have done it for twenty years: libcurl's easy interface,
 * which blocks until the page is there. Nothing in it knows of ferry.
 */
#ifndef FETCH_H
#define FETCH_H

#include <stddef.h>

struct page {
    char *body; /* malloc'ed, ends with a NUL; give it back with page_free */
    size_t size;
    long status;
    double seconds;  /* how long the server took */
    char error[320]; /* after a failure: one sentence */
};

/* Fetches url into *ret_page. Returns 0; or -1, with a sentence in ret_page->error and no body. */
int fetch_url(const char *url, struct page *ret_page);

void page_free(struct page *page);

#endif
