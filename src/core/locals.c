/* SPDX-License-Identifier: MIT */
#include "core/locals.h"

#include "base/error.h"
#include "base/memory.h"
#include "core/task.h"

_Thread_local struct ferry__context *ferry__context_here __attribute__((tls_model("initial-exec")));

struct ferry__context *ferry__context_hold(struct ferry__context *context)
{
    if (context)
        ferry__add(&context->holders, 1, relaxed);
    return context;
}

void ferry__context_drop(struct ferry__context *context)
{
    while (context && ferry__sub(&context->holders, 1, acq_rel) == 1) {
        struct ferry__context *next = context->next;
        ferry__free(context);
        context = next;
    }
}

static struct ferry__context *find(struct ferry__context *context, const ferry_local *key)
{
    while (context && context->key != key)
        context = context->next;
    return context;
}

/* The link of `key`, if no one else can see it: all links up to it have one holder. */
static struct ferry__context *find_own(struct ferry__context *context, const ferry_local *key)
{
    /* acquire: who dropped it had read it */
    while (context && ferry__load(&context->holders, acquire) == 1) {
        if (context->key == key)
            return context;
        context = context->next;
    }
    return NULL;
}

static struct ferry__context *link_new(const ferry_local *key, void *value)
{
    struct ferry__context *link = ferry__alloc(sizeof *link);
    if (!link)
        return NULL;
    link->key = key;
    link->value = value;
    atomic_init(&link->holders, 1);
    return link;
}

/* A new chain: the new value, copies of the links before the old value's, and the old tail: so a
 * chain is never longer than there are keys. NULL without memory. */
static struct ferry__context *replace(struct ferry__context *chain, const ferry_local *key,
                                      void *value)
{
    struct ferry__context *old = find(chain, key);
    struct ferry__context *first = link_new(key, value);
    struct ferry__context **end = first ? &first->next : NULL;
    if (!old) {
        if (first)
            first->next = ferry__context_hold(chain);
        return first;
    }
    for (struct ferry__context *link = chain; end && link != old; link = link->next) {
        *end = link_new(link->key, link->value);
        end = *end ? &(*end)->next : NULL;
    }
    if (!end) {
        ferry__context_drop(first);
        return NULL;
    }
    *end = ferry__context_hold(old->next);
    return first;
}

int ferry_local_set(const ferry_local *local, void *value)
{
    struct ferry__task *task = ferry__task_current();
    if (!task)
        return ferry__fail(EPERM);
    struct ferry__context *own = find_own(task->context, local);
    if (own) {
        own->value = value;
        return 0;
    }
    struct ferry__context *chain = replace(task->context, local, value);
    if (!chain)
        return ferry__fail(ENOMEM);
    ferry__context_drop(task->context);
    task->context = chain;
    return 0;
}

void *ferry_local_get(const ferry_local *local)
{
    struct ferry__task *task = ferry__task_current();
    struct ferry__context *link = find(task ? task->context : ferry__context_here, local);
    return link ? link->value : NULL;
}
