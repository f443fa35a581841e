/* SPDX-License-Identifier: MIT */
#include "loop/future.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/panic.h"
#include "core/kind.h"

#include <limits.h>
#include <string.h>

void ferry__future_init(struct ferry_future *future, const struct ferry__future_kind *kind,
                        uint16_t result, unsigned holders)
{
    atomic_init(&future->word, 0);
    atomic_init(&future->holders, holders);
    future->kind = kind;
    future->result = result;
    future->error = 0;
    future->value[0] = future->value[1] = 0;
}

void ferry__future_drop(struct ferry_future *future)
{
    /* acq_rel: who destroys it sees what the others did */
    if (ferry__sub(&future->holders, 1, acq_rel) == 1)
        future->kind->destroy(future);
}

bool ferry__future_settle(struct ferry_future *future, int error, const void *value16)
{
    uintptr_t word = ferry__word_lock(&future->word);
    if (word & FERRY__FUTURE_DONE) {
        ferry__word_unlock(&future->word, word);
        return false;
    }
    future->error = error;
    if (value16)
        memcpy(future->value, value16, sizeof future->value);
    ferry__word_unlock(&future->word, FERRY__FUTURE_DONE); /* the last touch */
    ferry__future_tell(ferry__future_watchers(word));
    return true;
}

static void destroy(struct ferry_future *future)
{
    ferry__free(future);
}

static const struct ferry__future_kind by_hand = {.destroy = destroy};

ferry_future *ferry_future_new(void)
{
    struct ferry_future *future = ferry__alloc(sizeof *future);
    if (!future)
        return NULL;
    ferry__future_init(future, &by_hand, FERRY__POINTER << 8 | sizeof(void *), 1);
    return future;
}

void ferry_future_free(ferry_future *future)
{
    if (!future)
        return;
    if (ferry__future_is_awaited(future))
        ferry__panic("ferry_future_free of a future that somebody waits for");
    if (future->kind == &by_hand) /* nobody will settle it: its done callbacks hold it, and wait */
        ferry__future_settle(future, ECANCELED, NULL);
    ferry__future_drop(future);
}

int ferry_future_set_result(ferry_future *future, void *value)
{
    uint64_t words[2] = {(uintptr_t)value, 0};
    if (!future)
        return ferry__fail(EINVAL);
    return ferry__future_settle(future, 0, words) ? 0 : ferry__fail(EALREADY);
}

int ferry_future_set_error(ferry_future *future, int error)
{
    if (!future || error == 0 || error == INT_MIN)
        return ferry__fail(EINVAL);
    return ferry__future_settle(future, error < 0 ? -error : error, NULL) ? 0
                                                                          : ferry__fail(EALREADY);
}

int ferry_future_cancel(ferry_future *future)
{
    if (!future)
        return ferry__fail(EINVAL);
    if (ferry__future_is_done(future))
        return 0;
    if (future->kind->cancel)
        return future->kind->cancel(future);
    return ferry__future_settle(future, ECANCELED, NULL);
}

bool ferry_future_done(const ferry_future *future)
{
    return future && ferry__future_is_done(future);
}

bool ferry_future_cancelled(const ferry_future *future)
{
    return ferry_future_done(future) && future->error == ECANCELED;
}

int ferry_future_error(const ferry_future *future)
{
    if (!future)
        return ferry__fail(EINVAL);
    if (!ferry__future_is_done(future))
        return ferry__fail(EAGAIN);
    return future->error ? ferry__fail(future->error) : 0;
}

bool ferry_future_running(const ferry_future *future)
{
    return future && !ferry__future_is_done(future) && future->kind->running &&
           future->kind->running(future);
}

bool ferry__future_failed(const struct ferry_future *future)
{
    if (future->error)
        return future->error != ECANCELED;
    return ferry__result_negative(future->result, future->value) < 0;
}

int ferry_future_await(ferry_future *future, void **ret)
{
    int said = future ? ferry__future_wait(future) : ferry__fail(EINVAL);
    if (said)
        return said;
    if (future->error)
        return ferry__fail(future->error);
    if (ret)
        *ret = (void *)(uintptr_t)future->value[0];
    return 0;
}

struct ferry__value ferry__future_result(ferry_future *future, unsigned result, const char *place)
{
    char made[FERRY__KIND_TEXT], wanted[FERRY__KIND_TEXT];
    if (future && result != future->result)
        ferry__panic("ferry_future_result at %s wants %s, but the future has %s", place,
                     ferry__kind_text(result, wanted), ferry__kind_text(future->result, made));
    struct ferry__value value = {{0, 0}};
    int said = future ? ferry__future_wait(future) : -EINVAL;
    if (said == 0)
        said = -future->error;
    if (said == 0)
        memcpy(&value, future->value, sizeof value);
    return ferry__kind_value(result, value, said, "ferry_future_result", place,
                             "ask ferry_future_await first");
}
