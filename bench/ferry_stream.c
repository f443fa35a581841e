/* SPDX-License-Identifier: MIT */
/*
 * Rows of a cursor that steps in no time, read in a task for `seconds` in each way:
 *
 *     each     a call to a worker for each row
 *     stream   one call that puts the rows into a stream of in_flight rows, got one by one
 *     many     the same, put and got up to 64 at once
 */
#include "measure.h"

#include <ferry/ferry.h>
#include <stdio.h>

enum { BATCH = 64, ROW_WORDS = 8 };

struct row {
    int64_t words[ROW_WORDS];
};

static int next_row(int64_t *cursor, struct row *row)
{
    for (int i = 0; i < ROW_WORDS; i++)
        row->words[i] = *cursor + i;
    ++*cursor;
    return 1;
}

static int put_rows(ferry_stream *rows)
{
    struct row row;
    int64_t cursor = 0;
    while (next_row(&cursor, &row) == 1)
        if (ferry_stream_put(rows, &row) < 0)
            break;
    return 0;
}

static int put_rows_in_batches(ferry_stream *rows)
{
    struct row batch[BATCH];
    int64_t cursor = 0;
    do {
        for (int i = 0; i < BATCH; i++)
            next_row(&cursor, &batch[i]);
    } while (ferry_stream_put_many(rows, batch, BATCH) == BATCH);
    return 0;
}

/* How many rows were read by when, of which so many in the warm-up. */
struct reading {
    int64_t rows, warm;
    uint64_t begin, end;
};

static void look(struct reading *reading)
{
    uint64_t now = bench_now(), second = 1000000000;
    if (reading->begin == 0)
        reading->begin = now + second / 5;
    if (reading->warm == 0 && now >= reading->begin) {
        reading->begin = now;
        reading->warm = reading->rows;
    }
    if (reading->warm && now >= reading->begin + (uint64_t)(bench.seconds * (double)second))
        reading->end = now;
}

/* False: it is time to stop. */
static bool take(struct reading *reading, const struct row *rows, int count)
{
    for (int i = 0; i < count; i++) {
        bench_check("a row", rows[i].words[ROW_WORDS - 1], reading->rows + ROW_WORDS - 1);
        if (reading->rows++ % 64 == 0)
            look(reading);
    }
    return reading->end == 0;
}

static double rate(const struct reading *reading)
{
    return (double)(reading->rows - reading->warm) * 1e9 / (double)(reading->end - reading->begin);
}

static double read_each(ferry_executor *workers)
{
    struct reading reading = {0};
    struct row row;
    int64_t cursor = 0;
    while (ferry_run_in_executor(workers, next_row, &cursor, &row) == 1)
        if (!take(&reading, &row, 1))
            break;
    return rate(&reading);
}

static double read_stream(ferry_executor *workers, int (*put)(ferry_stream *), size_t at_once)
{
    struct reading reading = {0};
    FERRY_WITH_STREAM(rows, struct row, (size_t)bench.in_flight)
    {
        struct row batch[BATCH];
        int got;
        ferry_stream_start(rows, workers, put, rows);
        while ((got = ferry_stream_get_many(rows, batch, at_once)) > 0)
            if (!take(&reading, batch, got))
                break;
    }
    else
    {
        perror("stream");
    }
    return rate(&reading);
}

static int async_main(void)
{
    if (!bench_is("stream"))
        return bench_refuse();
    FERRY_WITH_EXECUTOR(workers, .name = "bench", .max_workers = (unsigned)bench.workers) {
        double each = read_each(workers);
        double stream = read_stream(workers, put_rows, 1);
        double many = read_stream(workers, put_rows_in_batches, BATCH);
        bench_print_start();
        printf(" each_rate=%.0f stream_rate=%.0f many_rate=%.0f\n", each, stream, many);
    } else {
        perror("executor");
        return 1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    bench_open("ferry", argc, argv);
    return ferry_run(async_main);
}
