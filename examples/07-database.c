/* SPDX-License-Identifier: MIT */
/*
 * 7. A database, through an executor of its own.
 *
 * One executor per old library: its calls never stand in the way of others, and "at most four at
 * once" is written where the library is used. The library is SQLite, in this process and blocking;
 * the rows are the lines of the folder's files. The ticker shows that the loop stays free.
 *
 *     07-database DATABASE FOLDER       (DATABASE is made anew)
 */
#include "common/lines.h"
#include "common/timeline.h"
#include <ferry/ferry.h>
#include <stdio.h>

static int ask(ferry_executor *sqlite, const char *database, const struct lines_question *question)
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
    ferry_task *tasks[LINES_QUESTIONS];
    int results[LINES_QUESTIONS];

    long rows = ferry_run_in_executor(sqlite, lines_fill, database, folder, &failure);
    if (rows < 0) {
        fprintf(stderr, "07-database: %s\n", failure.text);
        return 1;
    }
    printf("  %ld rows written\n", rows);

    for (int i = 0; i < LINES_QUESTIONS; i++)
        tasks[i] = ferry_create_task(ask, sqlite, database, &lines_questions[i]);
    int failures = ferry_gather(tasks, LINES_QUESTIONS, results) < 0;
    for (int i = 0; i < LINES_QUESTIONS && !failures; i++)
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
