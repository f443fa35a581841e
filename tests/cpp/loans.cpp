/* SPDX-License-Identifier: MIT */
/* Debug mode in C++, where the parameters' types are known: which registers carry arguments. */
#include <ferry/ferry.h>

#include "check.h"

static bool finish;
static int reported;
static char last[512];

static int look(long, double, const int *number, const char *)
{
    int was = *number;
    while (!finish && ferry_sleep(0.0005) == 0) {
    }
    return was - 7;
}

static int nothing(double)
{
    return 0;
}

static void keep(ferry_loop *, const ferry_exception *exception, void *)
{
    if (!strstr(exception->message, "points into"))
        return;
    reported++;
    snprintf(last, sizeof last, "%s: %s", exception->message, exception->name);
}

static ferry_task *child;

static int parent()
{
    int number = 7;
    child = ferry_create_task(look, 1, 2, &number, nullptr);
    CHECK_INT(ferry_await(int, ferry_create_task(nothing, number)), ==, 0);
    return 0;
}

static int run_parent()
{
    ferry_loop_set_exception_handler(keep, nullptr);
    CHECK_INT(ferry_await(int, ferry_create_task(parent)), ==, 0);
    finish = true;
    return ferry_join(child, static_cast<int *>(nullptr));
}

TEST(an_address_behind_numbers)
{
    ferry_run_options options = {};
    options.debug = true;
    CHECK_INT(ferry_run_with(&options, run_parent), ==, 0);
    CHECK_INT(reported, ==, 1);
    CHECK_MATCH(last,
                "^an argument points into the stack of the task \"parent\", made at .*, which "
                "has ended: look$");
}

TEST_MAIN
