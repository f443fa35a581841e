/* SPDX-License-Identifier: MIT */
/*
 * A small in-house module over SQLite: the lines of all text files of a folder, in one table
 *
 *     line(file TEXT, number INTEGER, text TEXT)
 *
 * and questions to it. Blocking, as such modules are; each call opens the database for itself, so
 * calls may run on several threads at once. Nothing in it knows of ferry.
 */
#ifndef LINES_H
#define LINES_H

struct answer {
    char text[400]; /* the rows, with commas between; after a failure: one sentence */
};

/* Fills the database file, made anew, from the folder. Returns the number of rows; -1 on failure.
 */
long lines_fill(const char *database, const char *folder, struct answer *ret_failure);

/* What one may want to know of the lines. */
struct lines_question {
    const char *title, *sql;
};
enum { LINES_QUESTIONS = 4 };
extern const struct lines_question lines_questions[LINES_QUESTIONS];

/* Runs one SELECT with one column. Returns the number of rows, or -1 and the reason in ret_answer.
 */
int lines_ask(const char *database, const char *sql, struct answer *ret_answer);

#endif
