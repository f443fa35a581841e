/* SPDX-License-Identifier: MIT */
/*
 * Calls with all policies and limits at once, by a seed: they nap, poll, ask their task, end their
 * thread; their tasks are cancelled and run out of time; their executors come and go. Each call is
 * accounted for exactly once: it returned (in time, late, interrupted), or was abandoned and its
 * result discarded, or died, or never started.
 */
#include "bridge.h"

#include <pthread.h>

enum { TASKS = 10, ROUNDS = 30, SLOTS = 3, MOST = 4000, DEEPEST = 2 };
enum kind { QUICK, SPINS, NAPS, POLLS, ASKS, DIES };

struct slot {
    ferry_executor *executor; /* NULL: the default one */
    int users;
};

/* One loop and its tasks; the loop's thread's. */
struct world {
    unsigned seed;
    struct slot *slots[SLOTS];
    ferry_task *tasks[TASKS];
    int running;
    int used;
    struct record {
        struct world *world;
        ferry_task *task;
        unsigned seed; /* whose turn it is: the worker's, or its task's that it asks */
        int number, depth;
        enum kind kind;
        bool of_default;
        atomic_int begun, ended, discarded, stop;
        ferry_outcome outcome;
    } records[MOST];
};

static unsigned draw(unsigned *seed, unsigned below)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (*seed >> 8) % below;
}

static void call(struct world *world, struct slot *slot, int depth);

/* On the loop, in the task whose call asks. */
static int serve(struct record *record)
{
    struct world *world = record->world;
    CHECK_PTR(ferry_current_task(), ==, record->task);
    double seconds = draw(&record->seed, 100) * 1e-6, before = ferry_loop_time();
    switch (draw(&record->seed, 4)) {
    case 0:
        if (ferry_sleep(seconds) == 0)
            CHECK_DOUBLE(ferry_loop_time() - before, >=, seconds - 1e-9);
        break;
    case 1:
        if (record->depth < DEEPEST)
            call(world, world->slots[draw(&record->seed, SLOTS)], record->depth + 1);
        break;
    default:
        break;
    }
    return record->number;
}

static void ask(struct record *record)
{
    for (unsigned times = 1 + draw(&record->seed, 3); times > 0; times--) {
        int said = ferry_from_thread(serve, record);
        CHECK(said == record->number || (said == -1 && errno == ECANCELED));
    }
}

static int work(struct record *record)
{
    struct timespec nap = {0, 1000 * (long)draw(&record->seed, 200)};
    atomic_fetch_add(&record->begun, 1);
    switch (record->kind) {
    case QUICK:
        break;
    case SPINS:
        spin_for(nap.tv_nsec / 4);
        break;
    case NAPS:
        nanosleep(&nap, NULL);
        break;
    case POLLS:
        for (int i = 0; i < 20 && !atomic_load(&record->stop) && !ferry_check_cancelled(); i++)
            usleep(20);
        break;
    case ASKS:
        ask(record);
        break;
    case DIES:
        pthread_exit(NULL);
    }
    atomic_fetch_add(&record->ended, 1);
    errno = ENOTTY;
    return record->number;
}

static void interrupt(void *record)
{
    atomic_store(&((struct record *)record)->stop, 1);
}

static void discard(void *result, void *record_)
{
    struct record *record = record_;
    CHECK_INT(*(int *)result, ==, record->number);
    atomic_fetch_add(&record->discarded, 1);
}

static double some_limit(struct world *world)
{
    return draw(&world->seed, 3) ? 0 : (1 + draw(&world->seed, 150)) * 1e-6;
}

/* What can be said as soon as it is over. */
static void look_at(const struct record *record, int said, int error)
{
    const ferry_outcome *outcome = &record->outcome;
    bool returned = outcome->state == FERRY_CALL_DONE || outcome->state == FERRY_CALL_LATE ||
                    outcome->state == FERRY_CALL_INTERRUPTED;
    CHECK_INT(said, ==, returned ? record->number : -1);
    CHECK_INT(error, ==, returned ? ENOTTY : outcome->error);
    CHECK_INT(outcome->error == 0, ==, outcome->state == FERRY_CALL_DONE);
    if (outcome->state == FERRY_CALL_DONE)
        CHECK_INT(outcome->limit, ==, FERRY_LIMIT_NONE);
    if (outcome->state == FERRY_CALL_ABANDONED || (returned && outcome->state != FERRY_CALL_DONE))
        CHECK(outcome->limit == FERRY_LIMIT_CANCEL || outcome->limit == FERRY_LIMIT_RUN);
}

static void call(struct world *world, struct slot *slot, int depth)
{
    CHECK_INT(world->used, <, MOST);
    struct record *record = &world->records[world->used];
    unsigned kind = draw(&world->seed, 60);
    *record = (struct record){
        .world = world,
        .task = ferry_current_task(),
        .seed = world->seed,
        .number = world->used++,
        .depth = depth,
        .kind = kind ? (enum kind)(kind % DIES) : DIES,
        .of_default = !slot->executor,
    };
    ferry_call_options options = {
        .executor = slot->executor,
        .outcome = &record->outcome,
        .policy = (ferry_policy)draw(&world->seed, 4),
        .interrupt = draw(&world->seed, 2) ? interrupt : NULL,
        .interrupt_argument = record,
        .discard = discard,
        .discard_argument = record,
        .queue_limit = some_limit(world),
        .run_limit = some_limit(world),
    };
    double around = draw(&world->seed, 3) ? 10 : draw(&world->seed, 200) * 1e-6;
    slot->users++;
    FERRY_TIMEOUT(around) {
        int said = ferry_call_with(options, work, record);
        look_at(record, said, errno);
    }
    slot->users--;
}

static void block(struct world *world, struct slot *slot)
{
    slot->users++;
    FERRY_WITH_WORKER(slot->executor)
    {
        call(world, slot, DEEPEST);
        call(world, slot, DEEPEST);
    }
    else
    {
        CHECK(errno == ECANCELED || errno == ESHUTDOWN);
    }
    slot->users--;
}

static int make_calls(struct world *world)
{
    for (int round = 0; round < ROUNDS; round++) {
        unsigned which = draw(&world->seed, SLOTS + 1);
        struct slot own = {NULL, 0}, *slot = which < SLOTS ? world->slots[which] : &own;
        if (draw(&world->seed, 10))
            call(world, slot, 0);
        else
            block(world, slot);
        while (ferry_task_uncancel(ferry_current_task()) > 0)
            continue;
    }
    world->running--;
    return 0;
}

static struct slot *new_slot(struct world *world)
{
    static const ferry_policy policies[] = {FERRY_POLICY_WAIT, FERRY_POLICY_INTERRUPT,
                                            FERRY_POLICY_ABANDON};
    struct slot *slot = calloc(1, sizeof *slot);
    CHECK(slot != NULL);
    slot->executor = ferry_executor_new(&(ferry_executor_options){
        .max_workers = 1 + draw(&world->seed, 3), .policy = policies[draw(&world->seed, 3)]});
    CHECK(slot->executor != NULL);
    return slot;
}

static void free_slot(struct slot *slot)
{
    while (slot->users > 0)
        ferry_sleep(0.0001);
    ferry_executor_free(slot->executor);
    free(slot);
}

static int shut_down(struct world *world)
{
    while (world->running > 0) {
        ferry_sleep(0.0005);
        struct slot **place = &world->slots[draw(&world->seed, SLOTS)], *old = *place;
        ferry_shutdown_options options = {.no_wait = true, .cancel_pending = draw(&world->seed, 2)};
        *place = new_slot(world);
        CHECK_INT(ferry_executor_shutdown(old->executor, &options), ==, 0);
        free_slot(old);
    }
    return 0;
}

static int cancel_some(struct world *world)
{
    while (world->running > 0) {
        ferry_task_cancel(world->tasks[draw(&world->seed, TASKS)]);
        ferry_sleep(0.0001);
    }
    return 0;
}

static bool settled(struct record *record)
{
    if (record->outcome.state != FERRY_CALL_ABANDONED || !record->of_default)
        return true; /* its executor has been freed, and waited for it */
    return record->kind == DIES ? atomic_load(&record->begun) : atomic_load(&record->discarded);
}

static void account_for(struct record *record)
{
    int begun = atomic_load(&record->begun), ended = atomic_load(&record->ended);
    int discarded = atomic_load(&record->discarded);
    CHECK_INT(ended, ==, record->kind == DIES ? 0 : begun);
    switch (record->outcome.state) {
    case FERRY_CALL_DONE:
    case FERRY_CALL_LATE:
    case FERRY_CALL_INTERRUPTED:
        CHECK_INT(ended, ==, 1);
        CHECK_INT(discarded, ==, 0);
        break;
    case FERRY_CALL_ABANDONED: /* as a shutdown took it out of the queue: neither */
        CHECK_INT(begun, <=, 1);
        CHECK_INT(discarded, ==, ended);
        break;
    case FERRY_CALL_DIED:
        CHECK_INT(record->kind, ==, DIES);
        CHECK_INT(begun, ==, 1);
        CHECK_INT(discarded, ==, 0);
        break;
    case FERRY_CALL_NEVER_STARTED:
        CHECK_INT(begun, ==, 0);
        CHECK_INT(discarded, ==, 0);
    }
}

static int live(struct world *world)
{
    ferry_task *helpers[2];
    world->running = TASKS;
    for (int i = 0; i < SLOTS; i++)
        world->slots[i] = new_slot(world);
    for (int i = 0; i < TASKS; i++)
        world->tasks[i] = ferry_create_task(make_calls, world);
    helpers[0] = ferry_create_task(shut_down, world);
    helpers[1] = ferry_create_task(cancel_some, world);
    CHECK_INT(ferry_gather(world->tasks, TASKS, NULL), ==, 0);
    CHECK_INT(ferry_gather(helpers, 2, NULL), ==, 0);
    for (int i = 0; i < SLOTS; i++)
        free_slot(world->slots[i]);
    for (int i = 0; i < world->used; i++) {
        while (!settled(&world->records[i]))
            ferry_sleep(0.0005);
        account_for(&world->records[i]);
    }
    return 0;
}

static struct world worlds[2];

static void *run_world(void *world)
{
    CHECK_INT(ferry_run(live, (struct world *)world), ==, 0);
    return NULL;
}

TEST(each_call_is_accounted_for_exactly_once)
{
    const char *first = getenv("FERRY_TEST_SEED");
    unsigned seed = first ? (unsigned)strtoul(first, NULL, 10) : 1;
    for (unsigned i = 0; i < 12; i++, seed++) {
        pthread_t threads[2];
        printf("seed %u\n", seed);
        for (int k = 0; k < 2; k++) {
            worlds[k].seed = 2 * seed + (unsigned)k;
            worlds[k].used = 0;
            CHECK_INT(pthread_create(&threads[k], NULL, run_world, &worlds[k]), ==, 0);
        }
        for (int k = 0; k < 2; k++)
            pthread_join(threads[k], NULL);
    }
}

TEST_MAIN
