/* SPDX-License-Identifier: MIT */
/*
 * Debug mode: addresses in a task's stack that it gave to calls which outlive the statement: tasks,
 * callbacks, submitted calls.
 *
 *      top  +-------------+
 *           | main's      |
 *           | load_all's  | <--- argument of a child:     a loan
 *     sp -> | ...         |
 *           +-------------+
 *
 * A loan is good for as long as its frame lives, or the borrower has ended. Frames come and go in
 * the lender's own steps alone, so it is enough to look when one of them is over. When the lender
 * has ended all are lost. Before, an address below its stack pointer lies in a frame that has
 * returned. Above it, one that was lent by the very function whose frame it is in is lost when the
 * function's return address isn't in its place any more:
 *
 *     frame + 8   return address    the function has returned, and its caller called another:
 *     frame       caller's frame    something else is here
 *                 locals            <- address
 *
 * What is seen is always wrong, and not all that is wrong is seen.
 *
 * A callback that was not called yet may never be (a timer is cancelled, the loop ends): its loan
 * is marked as lost, and reported when it is called. The same goes for a child that a cancel, or
 * the main task's end, keeps from beginning, which is not reported at all.
 */
#include "core/task.h"
#include "core/valgrind.h"
#include "loop/debug.h"
#include "loop/future.h"
#include "loop/loop.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum loan_state {
    LOAN_GOOD,
    LOAN_FRAME_GONE,
    LOAN_LENDER_GONE,
};

struct ferry__debug_loan {
    struct ferry__debug_loan *next; /* of the same bucket */
    const ferry_task *lender;
    char lender_name[48]; /* when it has ended */
    const char *lender_place;
    const char *address;
    const void *const *return_place; /* of the function whose frame it is in; NULL: not known */
    const void *return_address;
    unsigned argument; /* from 1; 0: which one isn't known */
    const char *site;  /* of the call that borrows */
    /* the borrower: one of these */
    const ferry_task *task;
    struct ferry_future *future; /* held */
    bool is_callback;            /* which has this loan, and frees it when it isn't in a bucket */
    bool called;
    enum loan_state state;
};

static struct ferry__debug_loan **bucket_of(struct ferry_loop *loop, const ferry_task *lender)
{
    return &loop->debug.loans[(uintptr_t)lender % FERRY__DEBUG_BUCKETS];
}

/* The lowest address among the arguments that lies in [low, top), and in which it is. */
static const char *lowest(const struct ferry__call *call, const struct ferry__image *image,
                          const char *low, const char *top, unsigned *ret_argument)
{
    const char *found = NULL;
    for (unsigned i = 0; i < call->flags / FERRY__GIVEN; i++) {
        const char *address = (const char *)(uintptr_t)image->ints[i]; /* NOLINT */
        if (address < low || address >= top || (found && found <= address))
            continue;
        found = address;
        *ret_argument = call->flags & FERRY__PLAIN ? i + 1 : 0;
    }
    return found;
}

/* Stacks are read where frames have come and gone, and left poison. */
__attribute__((no_sanitize_address, noinline)) static const void *
read_stack(const void *const *place)
{
    return *(const void *const volatile *)place;
}

/* Where the function that lends has its own locals below its frame address, as on x86-64 and with
 * Clang elsewhere: else addresses in its frame aren't told from its callers'. */
static void note_return(struct ferry__debug_loan *loan, const struct ferry__call *call)
{
    const char *frame = ferry__call_frame(call);
    if (!frame || loan->address >= frame || ferry__on_valgrind())
        return;
    loan->return_place = (const void *const *)(const void *)(frame + sizeof(void *));
    loan->return_address = read_stack(loan->return_place);
}

/* Its lender lives, and has stopped. */
static bool frame_lives(const struct ferry__debug_loan *loan, const struct ferry__task *lender)
{
    return loan->address >= (const char *)lender->fiber.sp &&
           (!loan->return_place || read_stack(loan->return_place) == loan->return_address);
}

static const char *argument_text(unsigned argument, char text[24])
{
    if (argument == 0)
        return "an argument";
    snprintf(text, 24, "argument %u", argument);
    return text;
}

/* Whose stack the caller is on: no wider than what lies between the capture and the first frame. */
static const char *find(struct ferry_loop *loop, const struct ferry__call *call,
                        const struct ferry__image *image, unsigned *ret_argument)
{
    const struct ferry__task *lender = loop->sched.current;
    const char *top = lender ? (const char *)lender->calls : loop->debug.callback_base;
    const char *low = (const char *)image;
    return top && low < top ? lowest(call, image, low, top, ret_argument) : NULL;
}

static struct ferry__debug_loan *lend(struct ferry_loop *loop, const struct ferry__call *call,
                                      const struct ferry__image *image, ferry_exception borrower)
{
    unsigned argument = 0;
    char text[24];
    struct ferry__task *lender = loop->sched.current;
    const char *address = loop->debug.on ? find(loop, call, image, &argument) : NULL;
    if (!address)
        return NULL;
    if (!lender) {
        ferry__loop_report(loop, borrower,
                           "%s points into the stack of a callback, which can't wait for it",
                           argument_text(argument, text));
        return NULL;
    }
    int before = errno;
    struct ferry__debug_loan *loan = ferry__alloc(sizeof *loan);
    errno = before;
    if (!loan)
        return NULL; /* then this one isn't looked at */
    loan->lender = ferry__task_handle(lender);
    loan->address = address;
    loan->argument = argument;
    loan->site = call->site;
    note_return(loan, call);
    struct ferry__debug_loan **bucket = bucket_of(loop, loan->lender);
    loan->next = *bucket;
    *bucket = loan;
    return loan;
}

void ferry__debug_lend_task(struct ferry__sched *sched, const struct ferry__call *call,
                            const struct ferry__image *image, struct ferry__task *task)
{
    struct ferry_loop *loop = FERRY__CONTAINER(sched, struct ferry_loop, sched);
    struct ferry__debug_loan *loan = lend(loop, call, image, ferry__about_task(task));
    if (loan)
        loan->task = ferry__task_handle(task);
}

void ferry__debug_lend_future(struct ferry__sched *sched, const struct ferry__call *call,
                              const struct ferry__image *image, struct ferry_future *future)
{
    struct ferry_loop *loop = FERRY__CONTAINER(sched, struct ferry_loop, sched);
    struct ferry__debug_loan *loan = lend(loop, call, image, ferry__about_site(call->site));
    if (!loan)
        return;
    loan->future = future;
    ferry__add(&future->holders, 1, relaxed);
}

struct ferry__debug_loan *ferry__debug_lend_callback(struct ferry_loop *loop,
                                                     const struct ferry__call *call,
                                                     const struct ferry__image *image)
{
    struct ferry__debug_loan *loan = lend(loop, call, image, ferry__about_site(call->site));
    if (loan)
        loan->is_callback = true;
    return loan;
}

static void give_up(struct ferry__debug_loan *loan)
{
    if (loan->future)
        ferry__future_drop(loan->future);
    ferry__free(loan);
}

/* The borrower doesn't need it any more, or never will. */
static bool is_over(const struct ferry__debug_loan *loan, bool main_has_ended)
{
    if (loan->future)
        return ferry__future_is_done(loan->future);
    if (loan->is_callback)
        return loan->called;
    struct ferry__task *task;
    return ferry__task_find(loan->task, &task) != 0 || task->state == FERRY__TASK_DONE ||
           (!task->began && (task->cancels > 0 || main_has_ended));
}

static void report(struct ferry_loop *loop, const struct ferry__debug_loan *loan)
{
    char text[24];
    ferry__loop_report(loop, ferry__about(loan->task, loan->site),
                       "%s points into %s of the task \"%s\", made at %s, %s",
                       argument_text(loan->argument, text),
                       loan->state == LOAN_FRAME_GONE ? "a frame" : "the stack", loan->lender_name,
                       loan->lender_place,
                       loan->state == LOAN_FRAME_GONE ? "that has returned" : "which has ended");
}

/* Of a loan in the list: false when it isn't there any more. */
static bool look_at(struct ferry_loop *loop, struct ferry__debug_loan **at,
                    const struct ferry__task *lender)
{
    struct ferry__debug_loan *loan = *at;
    bool ended = lender->state == FERRY__TASK_DONE;
    bool over = is_over(loan, ended && lender->is_main);
    if (!over && !ended && frame_lives(loan, lender))
        return true;
    if (!over && loan->state == LOAN_GOOD) {
        loan->state = ended ? LOAN_LENDER_GONE : LOAN_FRAME_GONE;
        snprintf(loan->lender_name, sizeof loan->lender_name, "%s", ferry__task_name(lender));
        loan->lender_place = ferry__site_place(lender->site);
    }
    *at = loan->next;
    if (over || !loan->is_callback)
        loan->next = loop->debug.lost, loop->debug.lost = loan;
    else
        loan->next = NULL; /* its callback has it */
    return false;
}

void ferry__debug_look_at_loans(struct ferry_loop *loop, const struct ferry__task *lender)
{
    const ferry_task *handle = ferry__task_handle(lender);
    struct ferry__debug_loan **at = bucket_of(loop, handle);
    while (*at)
        if ((*at)->lender != handle || look_at(loop, at, lender))
            at = &(*at)->next;
    struct ferry__debug_loan *loan;
    while ((loan = loop->debug.lost)) { /* the handler may do what it likes with the lists */
        loop->debug.lost = loan->next;
        if (loan->state != LOAN_GOOD && loop->debug.on)
            report(loop, loan);
        give_up(loan);
    }
}

void ferry__debug_repay(struct ferry_loop *loop, struct ferry__debug_loan *loan, bool called)
{
    loan->called = true;
    if (loan->state == LOAN_GOOD)
        return; /* the lender's next look finds it over */
    if (called && loop->debug.on)
        report(loop, loan);
    give_up(loan);
}
