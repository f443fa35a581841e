/* SPDX-License-Identifier: MIT */
/*
 * The rows of a query, one by one as SQLite finds them, in a task.
 *
 * One call on a worker steps through the cursor and puts its rows into a stream with room for 64;
 * the task gets them while the loop stays free. Leaving the block early is enough: the call is told
 * at its next row, ends its statement and closes its database, and the block waits for that.
 *
 *     stream-rows DATABASE SQL [ROWS]     (a number and a text per row; at most so many ROWS)
 */
#include <errno.h>
#include <ferry/ferry.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

struct row {
    long long number;
    char text[56];
};

/* What the call says besides its errno; read once it has ended. */
struct report {
    char message[200];
    long long stepped;
};

static int step_through(ferry_stream *rows, sqlite3_stmt *statement, struct report *report)
{
    int code;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        struct row row = {.number = sqlite3_column_int64(statement, 0)};
        const unsigned char *text = sqlite3_column_text(statement, 1);
        snprintf(row.text, sizeof row.text, "%s", text ? (const char *)text : "");
        report->stepped++;
        if (ferry_stream_put(rows, &row) < 0)
            return SQLITE_DONE; /* nobody wants more */
    }
    return code;
}

/* Blocking, on a worker: all of SQLite is used here, on one thread. */
static int query(ferry_stream *rows, const char *path, const char *sql, struct report *report)
{
    sqlite3 *database = NULL;
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_open_v2(path, &database, SQLITE_OPEN_READONLY, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_prepare_v2(database, sql, -1, &statement, NULL);
    if (code == SQLITE_OK)
        code = step_through(rows, statement, report);
    if (code != SQLITE_DONE)
        snprintf(report->message, sizeof report->message, "%s", sqlite3_errmsg(database));
    sqlite3_finalize(statement);
    sqlite3_close(database);
    return code == SQLITE_DONE ? 0 : -EIO;
}

static int async_main(const char *path, const char *sql, long long most)
{
    struct report report = {"no stream", 0};
    struct row row = {0, ""};
    long long count = 0, sum = 0;
    int said = -1;
    FERRY_WITH_STREAM(rows, struct row, 64)
    {
        ferry_stream_start(rows, NULL, query, rows, path, sql, &report);
        while (count < most && (said = ferry_stream_get(rows, &row)) > 0) {
            count++;
            sum += row.number;
        }
    } /* the call has ended */
    if (said < 0) {
        fprintf(stderr, "stream-rows: %s\n", report.message);
        return 1;
    }
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("%lld rows, sum %lld, last \"%s\"\n", count, sum, row.text);
    printf("%lld stepped, at most %ld KiB of memory\n", report.stepped, usage.ru_maxrss);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc < 3 || argc > 4) {
        fprintf(stderr, "usage: stream-rows DATABASE SQL [ROWS]\n");
        return 2;
    }
    return ferry_run(async_main, argv[1], argv[2], argc > 3 ? atoll(argv[3]) : (1LL << 62));
}
