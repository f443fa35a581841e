/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "lines.h"
#include "timeline.h"
#include <dirent.h>
#include <errno.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const struct lines_question lines_questions[LINES_QUESTIONS] = {
    {"lines", "SELECT count(*) || ' in ' || count(DISTINCT file) || ' files' FROM line"},
    {"longest files", "SELECT file || ' ' || count(*) FROM line GROUP BY file"
                      " ORDER BY count(*) DESC, file LIMIT 3"},
    {"longest line", "SELECT file || ':' || number || ' with ' || length(text) || ' characters'"
                     " FROM line ORDER BY length(text) DESC, file, number LIMIT 1"},
    {"first words", "SELECT substr(text, 1, instr(text || ' ', ' ') - 1) AS word FROM line"
                    " WHERE word > ' ' GROUP BY word ORDER BY count(*) DESC, word LIMIT 3"},
};

static long fail(struct answer *answer, const char *what, const char *which, const char *why)
{
    snprintf(answer->text, sizeof answer->text, "%s %.150s: %.150s", what, which, why);
    return -1;
}

/* Inserts the lines of one file. Returns how many; 0 for what isn't a readable file. */
static long fill_from(sqlite3_stmt *insert, const char *folder, const char *name)
{
    char path[4096], *line = NULL;
    struct stat info;
    size_t room = 0;
    long number = 0;
    ssize_t length;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    bool regular = stat(path, &info) == 0 && S_ISREG(info.st_mode);
    FILE *file = regular ? fopen(path, "re") : NULL;
    while (file && (length = getline(&line, &room, file)) >= 0) {
        sqlite3_bind_text(insert, 1, name, -1, SQLITE_STATIC);
        sqlite3_bind_int64(insert, 2, ++number);
        sqlite3_bind_text(insert, 3, line, (int)strcspn(line, "\n"), SQLITE_STATIC);
        sqlite3_step(insert);
        sqlite3_reset(insert);
    }
    free(line);
    if (file)
        fclose(file);
    return number;
}

static long fill(sqlite3 *handle, const char *folder, struct answer *ret_failure)
{
    sqlite3_stmt *insert = NULL;
    struct dirent *entry;
    long rows = 0;

    DIR *directory = opendir(folder);
    if (!directory)
        return fail(ret_failure, "cannot open the folder", folder, strerror(errno));
    sqlite3_exec(handle, "BEGIN; CREATE TABLE line(file TEXT, number INTEGER, text TEXT)", NULL,
                 NULL, NULL);
    sqlite3_prepare_v2(handle, "INSERT INTO line VALUES (?, ?, ?)", -1, &insert, NULL);
    while ((entry = readdir(directory)))
        rows += fill_from(insert, folder, entry->d_name);
    closedir(directory);
    sqlite3_finalize(insert);
    if (sqlite3_exec(handle, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
        return fail(ret_failure, "cannot write the rows of", folder, sqlite3_errmsg(handle));
    return rows;
}

long lines_fill(const char *database, const char *folder, struct answer *ret_failure)
{
    sqlite3 *handle;
    long rows;
    int mark = timeline_begin();

    unlink(database);
    if (sqlite3_open(database, &handle) == SQLITE_OK)
        rows = fill(handle, folder, ret_failure);
    else
        rows = fail(ret_failure, "cannot make the database", database, sqlite3_errmsg(handle));
    sqlite3_close(handle);
    timeline_end(mark);
    return rows;
}

int lines_ask(const char *database, const char *sql, struct answer *ret_answer)
{
    sqlite3 *handle;
    sqlite3_stmt *select = NULL;
    size_t used = 0, room = sizeof ret_answer->text;
    int rows = 0, code, mark = timeline_begin();

    ret_answer->text[0] = '\0';
    code = sqlite3_open_v2(database, &handle, SQLITE_OPEN_READONLY, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_prepare_v2(handle, sql, -1, &select, NULL);
    while (code == SQLITE_OK || code == SQLITE_ROW) {
        code = sqlite3_step(select);
        if (code == SQLITE_ROW && used < room) {
            int length = snprintf(ret_answer->text + used, room - used, "%s%s", rows++ ? ", " : "",
                                  (const char *)sqlite3_column_text(select, 0));
            used += (size_t)length;
        }
    }
    if (code != SQLITE_DONE)
        rows = (int)fail(ret_answer, "cannot ask the database", database, sqlite3_errmsg(handle));
    sqlite3_finalize(select);
    sqlite3_close(handle);
    timeline_end(mark);
    return rows;
}
