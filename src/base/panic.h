/* SPDX-License-Identifier: MIT */
/*
 * Programmer errors end the program with a sentence, in every build: "ferry: " + what is wrong and
 * what to write instead. What a program can meet in good faith (no memory, no thread, a time limit)
 * is never a panic but an errno.
 */
#ifndef FERRY_BASE_PANIC_H
#define FERRY_BASE_PANIC_H

_Noreturn void ferry__panic(const char *format, ...) __attribute__((format(printf, 1, 2), cold));

/* The same sentence to stderr without the end: for reports (one write, so lines of threads don't
 * mix). */
void ferry__report(const char *format, ...) __attribute__((format(printf, 1, 2), cold));

#endif
