/* SPDX-License-Identifier: MIT */
/*
 * 7. A database, through an executor of its own.
 *
 * One executor per old library: its calls never stand in the way of others, and "at most four at
 * once" is written where the library is used. The database is SQLite, in this process and blocking;
 * its rows are the lines of the folder's files. The ticker shows that the loop stays free.
 *
 *     07-database DATABASE FOLDER       (DATABASE is made anew)
 */
#include "common/lines.h"
#include "common/timeline.h"
#include <ferry/ferry.h>
#include <stdio.h>

static const struct question {
    const char *title, *sql;
} questions[] = {
    {"lines", "SELECT count(*) || ' in ' || count(DISTINCT file) || ' files' FROM line"},
    {"longest files", "SELECT file || ' ' || count(*) FROM line GROUP BY file"
                      " ORDER BY count(*) DESC, file LIMIT 3"},
    {"longest line", "SELECT file || ':' || number || ' with ' || length(text) || ' characters'"
                     " FROM line ORDER BY length(text) DESC, file, number LIMIT 1"},
    {"first words", "SELECT substr(text, 1, instr(text || ' ', ' ') - 1) AS word FROM line"
                    " WHERE word > ' ' GROUP BY word ORDER BY count(*) DESC, word LIMIT 3"},
};
enum { COUNT = sizeof questions / sizeof *questions };

static int ask(ferry_executor *sqlite, const char *database, const struct question *question)
{
    struct answer answer = {"the question was not asked"};
    int rows = ferry_run_in_executor(sqlite, lines_ask, database, question->sql, &answer);
    if (rows < 0)
        fprintf(stderr, "07-database: %s: %s\n", question->title, answer.text);
    else
        printf("  %s: %s\n", question->title, answer.text);
    return rows;
}

static int ticker(void)
{
    for (;;) {
        timeline_tick();
        if (ferry_sleep(0.02) < 0)
            return 0; /* cancelled */
    }
}

static int ask_all(ferry_executor *sqlite, const char *database, const char *folder)
{
    struct answer failure = {"the database was not filled"};
    ferry_task *tasks[COUNT];
    int results[COUNT];

    long rows = ferry_run_in_executor(sqlite, lines_fill, database, folder, &failure);
    if (rows < 0) {
        fprintf(stderr, "07-database: %s\n", failure.text);
        return 1;
    }
    printf("  %ld rows written\n", rows);

    for (int i = 0; i < COUNT; i++)
        tasks[i] = ferry_create_task(ask, sqlite, database, &questions[i]);
    int failures = ferry_gather(tasks, COUNT, results) < 0;
    for (int i = 0; i < COUNT && !failures; i++)
        failures = results[i] < 0;
    return failures;
}

static int async_main(const char *database, const char *folder)
{
    int result = 1;

    timeline_start();
    ferry_task *ticking = ferry_create_task(ticker);
    FERRY_WITH_EXECUTOR(sqlite, .name = "sqlite", .max_workers = 4) {
        result = ask_all(sqlite, database, folder);
    } else {
        perror("07-database: cannot make an executor");
    }
    ferry_task_cancel(ticking);
    ferry_join(ticking, NULL);
    timeline_print();
    return result;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: 07-database DATABASE FOLDER\n");
        return 2;
    }
    return ferry_run(async_main, argv[1], argv[2]);
}
