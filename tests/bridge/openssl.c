/* SPDX-License-Identifier: MIT */
/* OpenSSL keeps its errors per thread: they are fetched on the worker that made them. */
#include <ferry/ferry.h>

#include "check.h"

#include <openssl/err.h>
#include <openssl/pem.h>

static EVP_PKEY *read_key(const char *text)
{
    BIO *memory = BIO_new_mem_buf(text, -1);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(memory, NULL, NULL, NULL);
    BIO_free(memory);
    return key;
}

/* What a plain call leaves behind on its own thread. */
static unsigned long expected_error(void)
{
    read_key("no key");
    unsigned long error = ERR_get_error();
    CHECK(error != 0);
    ERR_clear_error();
    return error;
}

static void fetch_errors(void *argument)
{
    unsigned long *first = argument;
    *first = ERR_get_error();
    ERR_clear_error();
}

static int nap(void)
{
    usleep(1000);
    return 0;
}

static int busy(int rounds)
{
    for (int i = 0; i < rounds; i++)
        ferry_to_thread(nap);
    return 0;
}

static int fetch_by_after(void)
{
    unsigned long expected = expected_error();
    ferry_task *others[3];
    for (int i = 0; i < 3; i++)
        others[i] = ferry_create_task(busy, 20);
    for (int i = 0; i < 30; i++) {
        unsigned long error = 0;
        EVP_PKEY *key = ferry_call_with(
            FERRY_OPTIONS(.after = fetch_errors, .after_argument = &error), read_key, "no key");
        CHECK(key == NULL);
        CHECK_INT(error, ==, expected);
        CHECK_INT(ERR_peek_error(), ==, 0); /* nothing of it is left on the loop's thread */
    }
    ferry_gather(others, 3, (int *)NULL);
    return 0;
}

TEST(an_error_queue_of_the_worker_is_fetched_by_after)
{
    CHECK_INT(ferry_run(fetch_by_after), ==, 0);
}

static int fetch_in_block(void)
{
    unsigned long expected = expected_error();
    FERRY_WITH_WORKER(NULL)
    {
        CHECK(ferry_to_thread(read_key, "no key") == NULL);
        CHECK_INT(ferry_to_thread(ERR_get_error), ==, expected);
    }
    else
    {
        return 1;
    }
    return 0;
}

TEST(or_by_a_block_on_one_worker)
{
    CHECK_INT(ferry_run(fetch_in_block), ==, 0);
}

TEST_MAIN
