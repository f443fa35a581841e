/* SPDX-License-Identifier: MIT */
#include "ground.h"

#include "core/call.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef SHAPES_ALONE
_Noreturn void ferry__panic(const char *format, ...) __attribute__((format(printf, 1, 2)));
_Noreturn void ferry__panic(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vfprintf(stderr, format, list);
    va_end(list);
    abort();
}

void (*ferry__uncaught)(void); /* the bridge's */
#endif

void poisoned_replay(struct ferry__image *image, ferry__any *fn);

int poison_ymm;
int replay_here;
int died;

static int checks, failures;

void check(int holds, const char *what, int line)
{
    checks++;
    if (holds)
        return;
    failures++;
    printf("# line %d: %s\n", line, what);
}

/* x87 and its tags as the ABI wants them between calls: a result too many or too few would stay for
 * ever. */
static bool x87_is_empty(void)
{
#ifdef __x86_64__
    struct {
        unsigned short words[14];
    } environment;
    __asm__ volatile("fnstenv %0\n\tfldenv %0" : "+m"(environment));
    return environment.words[4] == 0xffff;
#else
    return true;
#endif
}

int checked_all(const char *program)
{
    check(x87_is_empty(), "the x87 stack is empty at the end", __LINE__);
    printf("%s - %s: %d checks, %d failed\n", failures ? "not ok" : "ok", program, checks,
           failures);
    return failures > 0;
}

/* Fills stack that nobody owns. */
__attribute__((noinline)) static void fill_dead_stack(void)
{
    volatile char dead[24 << 10];
    for (size_t i = 0; i < sizeof dead; i++)
        dead[i] = (char)0xc3;
}

/* The thread that replays: a new one per call, its stack and registers spoilt first. */
struct job {
    struct ferry__image *image;
    ferry__any *function;
    bool returned;
};

static void *work(void *argument)
{
    struct job *job = argument;
#ifdef __x86_64__
    poison_ymm = __builtin_cpu_supports("avx");
#endif
    fill_dead_stack();
    poisoned_replay(job->image, job->function);
    job->returned = true;
    return NULL;
}

static void replay_there(struct ferry__image *image, ferry__any *function)
{
    struct job job = {image, function, false};
    struct ferry__calls *calls = ferry__calls_here;
    pthread_t thread;
    if (pthread_create(&thread, NULL, work, &job) || pthread_join(thread, NULL))
        abort();
    if (!job.returned)
        died++;
    ferry__calls_here = calls;
}

static void on_await(const struct ferry__call *call, struct ferry__image *image)
{
    int before = died;
    if (replay_here)
        ferry__replay(image, call->function);
    else
        replay_there(image, call->function);
    if (died != before)
        ferry__image_skip(image, call->result);
    poison();
}

struct later {
    ferry__any *function;
    uint16_t result;
    struct ferry__image *image;
};

static void on_submit(const struct ferry__call *call, struct ferry__image *image)
{
    struct later *later = malloc(sizeof *later);
    if (!later)
        abort();
    later->function = call->function;
    later->result = call->result;
    later->image = aligned_alloc(16, ferry__image_size(image));
    if (!later->image)
        abort();
    ferry__image_copy(later->image, image);
    ferry__call_make(later, 0);
    poison();
}

struct ferry__value finish(void *of, unsigned *ret_code)
{
    struct later *later = of;
    struct ferry__value value;
    fill_dead_stack();
    replay_there(later->image, later->function);
    ferry__image_value(later->image, later->result, &value);
    *ret_code = later->result;
    free(later->image);
    free(later);
    return value;
}

ferry__handler *const ferry__handlers[FERRY__KINDS] = {
    [FERRY__TO_THREAD] = on_await,
    [FERRY__SUBMIT] = on_submit,
};

/* The others: one stack beside the caller's. */
static void *caller_sp, *others_sp;
static struct ferry__calls others_calls;
static void (*others_body)(void);
static bool others_live;
enum { STACK_BYTES = 256 << 10 };
static void *others_stack;

/* ASan and the like must be told of stacks (core does); here the main stack is left for short, and
 * only the leaving and arriving need care. */
#if defined __SANITIZE_ADDRESS__
#define HAS_ASAN 1
#elif defined __has_feature
#if __has_feature(address_sanitizer)
#define HAS_ASAN 1
#endif
#endif
#ifdef HAS_ASAN
#include <sanitizer/common_interface_defs.h>
static void *fake;
static const void *caller_bottom;
static size_t caller_size;
static void leave(const void *bottom, size_t size)
{
    __sanitizer_start_switch_fiber(&fake, bottom, size);
}
static void arrive(void *from)
{
    __sanitizer_finish_switch_fiber(from, &caller_bottom, &caller_size);
}
#else
static void *fake;
static const void *caller_bottom;
static size_t caller_size;
static void leave(const void *bottom, size_t size)
{
    (void)bottom, (void)size;
}
static void arrive(void *from)
{
    (void)from;
}
#endif

static void switch_out(void)
{
    void *mine;
    leave(caller_bottom, caller_size);
    mine = fake;
    ferry__calls_here = NULL;
    ferry__switch(&others_sp, caller_sp);
    arrive(mine);
}

static void others_begin(void *unused)
{
    (void)unused;
    arrive(NULL);
    others_body();
    others_live = false;
    for (;;)
        switch_out();
}

static void switch_in(void)
{
    void *mine;
    leave(others_stack, STACK_BYTES);
    mine = fake;
    ferry__calls_here = &others_calls;
    ferry__switch(&caller_sp, others_sp);
    arrive(mine);
}

void others_run(void (*body)(void))
{
    if (!others_stack)
        others_stack = malloc(STACK_BYTES);
    others_body = body;
    others_live = true;
    ferry__calls_init(&others_calls);
    others_sp =
        ferry__switch_prepare((char *)others_stack + STACK_BYTES - 1024, others_begin, NULL);
}

/* From the main stack: lets the others run until they call this; from theirs: the other way round.
 */
void others_turn(void)
{
    if (ferry__calls_here == &others_calls)
        switch_out();
    else if (others_live)
        switch_in();
}
