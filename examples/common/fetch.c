/* SPDX-License-Identifier: MIT */
#include "fetch.h"
#include "timeline.h"
#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void initialize(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

static size_t append(char *bytes, size_t one, size_t count, void *argument)
{
    struct page *page = argument;
    char *body = realloc(page->body, page->size + count + 1);
    (void)one; /* always 1, says libcurl's manual */
    if (!body)
        return 0;
    memcpy(body + page->size, bytes, count);
    page->body = body;
    page->size += count;
    body[page->size] = '\0';
    return count;
}

static CURLcode transfer(CURL *curl, const char *url, struct page *page, char *reason)
{
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L); /* as libcurl asks of programs with threads */
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, 10L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 60L);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, append);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, page);

    CURLcode code = curl_easy_perform(curl); /* <- here the thread stands still */

    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &page->status);
    curl_easy_getinfo(curl, CURLINFO_TOTAL_TIME, &page->seconds);
    return code;
}

int fetch_url(const char *url, struct page *ret_page)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    char reason[CURL_ERROR_SIZE] = "";
    int mark = timeline_begin(); /* the tour's only line in here, and timeline_end */

    pthread_once(&once, initialize);
    *ret_page = (struct page){0};
    CURL *curl = curl_easy_init();
    CURLcode code = curl ? transfer(curl, url, ret_page, reason) : CURLE_OUT_OF_MEMORY;
    curl_easy_cleanup(curl);
    if (code != CURLE_OK) {
        page_free(ret_page);
        snprintf(ret_page->error, sizeof ret_page->error, "cannot fetch %.150s: %.140s", url,
                 *reason ? reason : curl_easy_strerror(code));
    }
    timeline_end(mark);
    return code == CURLE_OK ? 0 : -1;
}

void page_free(struct page *page)
{
    free(page->body);
    page->body = NULL;
    page->size = 0;
}
