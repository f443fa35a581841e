/* SPDX-License-Identifier: MIT */
#include "core/locals.h"

#include "base/error.h"
#include "base/memory.h"
#include "core/task.h"

_Thread_local struct ferry__context **ferry__context_here
    __attribute__((tls_model("initial-exec")));

void ferry__context_drop_link(struct ferry__context *context)
{
    while (context && ferry__sub(&context->holders, 1, acq_rel) == 1) {
        struct ferry__context *next = context->next;
        ferry__free(context);
        context = next;
    }
}

struct ferry__context *ferry__context_find(struct ferry__context *context, const ferry_local *key)
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

struct ferry__context *ferry__context_link(const ferry_local *key, void *value)
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
    struct ferry__context *old = ferry__context_find(chain, key);
    struct ferry__context *first = ferry__context_link(key, value);
    struct ferry__context **end = first ? &first->next : NULL;
    if (!old) {
        if (first)
            first->next = ferry__context_hold(chain);
        return first;
    }
    for (struct ferry__context *link = chain; end && link && link != old; link = link->next) {
        *end = ferry__context_link(link->key, link->value);
        end = *end ? &(*end)->next : NULL;
    }
    if (!end) {
        ferry__context_drop(first);
        return NULL;
    }
    *end = ferry__context_hold(old->next);
    return first;
}

int ferry__context_set(struct ferry__context **place, const ferry_local *key, void *value)
{
    struct ferry__context *own = find_own(*place, key);
    if (own) {
        own->value = value;
        return 0;
    }
    struct ferry__context *chain = replace(*place, key, value);
    if (!chain)
        return -ENOMEM;
    ferry__context_drop(*place);
    *place = chain;
    return 0;
}

int ferry_local_set(const ferry_local *local, void *value)
{
    struct ferry__context **place = ferry__context_place();
    int error = place ? ferry__context_set(place, local, value) : -EPERM;
    return error ? ferry__fail(-error) : 0;
}

void *ferry_local_get(const ferry_local *local)
{
    struct ferry__context *link = ferry__context_find(ferry__context_now(), local);
    return link ? link->value : local->otherwise;
}
