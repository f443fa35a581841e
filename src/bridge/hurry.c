/* SPDX-License-Identifier: MIT */
#include "bridge/hurry.h"
#include "base/error.h"
#include "base/memory.h"
#include "core/task.h"
#include "executor/stuck.h"
#include "loop/loops.h"

#include <stdio.h>

/* To one loop. The executor may be gone when it arrives: so it is known by its number. */
struct request {
    struct ferry__mail mail;
    struct ferry_loop *loop;
    uint64_t executor;
    uint32_t policies;
};

/* One that has been told already why it should end is left alone. */
static void hurry_bound(struct ferry__bound *bound)
{
    if (bound->reached || bound->told)
        return;
    bound->reached = FERRY_LIMIT_SHUTDOWN;
    ferry__crossing_news(bound->crossing);
}

/* executor 0: of any. */
static void hurry_loop(struct ferry_loop *loop, uint64_t executor, uint32_t policies)
{
    for (struct ferry__list *link = loop->bounds.next; link != &loop->bounds; link = link->next) {
        struct ferry__bound *bound = FERRY__LIST_OF(link, struct ferry__bound, of_loop);
        if ((!executor || bound->executor == executor) && (policies & (1u << bound->policy)))
            hurry_bound(bound);
    }
}

static void request_arrived(struct ferry__mail *mail)
{
    struct request *request = FERRY__CONTAINER(mail, struct request, mail);
    hurry_loop(request->loop, request->executor, request->policies);
    ferry__free(request);
}

/* Under the lock of the loops: none ends meanwhile. */
static void send(struct ferry_loop *loop, void *first_)
{
    struct request *first = first_;
    if (ferry_loop_is_closed(loop))
        return;
    struct request *request = ferry__alloc(sizeof *request);
    if (!request) {
        first->loop = loop; /* the first that heard nothing */
        return;
    }
    *request = *first;
    request->loop = loop;
    if (!ferry__mailbox_try_push(&loop->mailbox, &request->mail))
        ferry__free(request);
}

int ferry__hurry(const struct ferry_executor *executor, uint32_t policies)
{
    struct request first = {
        .mail.deliver = request_arrived, .executor = executor->serial, .policies = policies};
    ferry__loops_each(send, &first);
    return first.loop ? ferry__fail(ENOMEM) : 0;
}

/* The loop's tasks were cancelled, and have not ended for as long as its options allow. */
static void overdue(struct ferry_loop *loop)
{
    ferry__executors_report(NULL, stderr, ferry__debug_is_on(loop));
    hurry_loop(loop, 0, FERRY__HURRY_INTERRUPT | FERRY__HURRY_ABANDON);
}

void ferry__hurry_expect(struct ferry_loop *loop)
{
    loop->overdue_calls = overdue;
}

void ferry__hurry_enter(struct ferry__bound *bound)
{
    ferry__list_put_last(&bound->crossing->loop->bounds, &bound->of_loop);
}

void ferry__hurry_leave(struct ferry__bound *bound)
{
    ferry__list_remove(&bound->of_loop);
}
