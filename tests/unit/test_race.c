/* SPDX-License-Identifier: MIT */
/*
 * Threads of one program that touch, map, unmap, protect and move memory, fork, and truncate what
 * is mapped, all at once: the tests' scheduler changes threads wherever a lock is taken or
 * released. What is to be found is a stale TLB entry, a page freed too early or never, a lost
 * write.
 *
 * The arena has pages that everybody fights about (any access may fault) and one page for each
 * thread, which nobody unmaps: what its thread writes there must stay.
 */
#include "arch/host/user.h"
#include "kernel/base/abi/mman.h"
#include "mm/mm.h"
#include "mm/object.h"
#include "tests/unit/audit.h"
#include "tests/unit/test.h"

#define ARENA   0x20000000UL
#define PAGES   24
#define OWN     0x30000000UL /* pages of the threads' own */
#define THREADS 6
#define STEPS   60

static struct mm *mm;
static struct backing backing;
static const struct mm_caller who = { MM_NO_LIMIT, MM_NO_LIMIT, MM_NO_LIMIT, MM_NO_LIMIT,
                                      MM_NO_LIMIT, 0,           false };

struct worker {
        unsigned number;
        u64 state;
        u64 value; /* in the page of its own */
};

static unsigned below(struct worker *w, unsigned n)
{
        return test_random_below(&w->state, n);
}

static uaddr any_page(struct worker *w)
{
        return ARENA + below(w, PAGES) * PAGE_SIZE;
}

static void map_something(struct worker *w)
{
        unsigned kind = below(w, 3);
        struct mmap_request req = {
                .addr = any_page(w),
                .len = (1 + below(w, 4)) * PAGE_SIZE,
                .prot = PROT_READ | PROT_WRITE,
                .flags = MAP_FIXED | (kind == 2 ? MAP_SHARED : MAP_PRIVATE) |
                         (kind ? 0 : MAP_ANONYMOUS),
                .offset = kind ? below(w, 8) * PAGE_SIZE : 0,
                .backing = kind ? &backing : NULL,
                .readable = true,
                .writable = true,
        };

        EXPECT_EQ(mm_mmap(mm, &who, &req), req.addr);
}

static void fork_and_look(struct worker *w)
{
        u64 value = 0, own = w->value;
        struct mm *child;
        int err;

        child = mm_fork(mm, &who, &err);
        ASSERT_TRUE(child);
        host_yield();
        host_load(child, &who, OWN + w->number * PAGE_SIZE, &value, 8);
        EXPECT_EQ(value, own);
        host_store(child, &who, OWN + w->number * PAGE_SIZE, &(u64){ 1 }, 8);
        host_store(child, &who, any_page(w), &value, 8);
        mm_put(child);
}

static void step(struct worker *w)
{
        uaddr own = OWN + w->number * PAGE_SIZE;
        u64 value = 0;

        host_load(mm, &who, own, &value, 8);
        ASSERT_EQ(value, w->value);
        w->value = test_random(&w->state);
        host_store(mm, &who, own, &w->value, 8);
        switch (below(w, 12)) {
        case 0: map_something(w); break;
        case 1: mm_munmap(mm, &who, any_page(w), PAGE_SIZE * (1 + below(w, 3))); break;
        case 2: mm_mprotect(mm, &who, any_page(w), PAGE_SIZE * 2, below(w, 4)); break;
        case 3:
                mm_mremap(mm, &who, any_page(w), PAGE_SIZE, PAGE_SIZE,
                          MREMAP_MAYMOVE | MREMAP_FIXED, any_page(w));
                break;
        case 4: object_truncate(backing.object, below(w, 12) * PAGE_SIZE); break;
        case 5: object_punch(backing.object, 0, below(w, 12) * PAGE_SIZE); break;
        case 6: fork_and_look(w); break;
        case 7:
        case 8: host_load(mm, &who, any_page(w), &value, 8); break;
        default: host_store(mm, &who, any_page(w) + 8, &value, 8); break;
        }
}

static void work(void *arg)
{
        for (int i = 0; i < STEPS; i++)
                step(arg);
}

static void release_object(struct backing *b)
{
        object_put(b->object);
}

static void world_create(void)
{
        struct mm_layout layout = { .stack_rlimit = 8UL << 20 };

        refcount_init(&backing.ref);
        backing.release = release_object;
        backing.object = object_create(8 * PAGE_SIZE, 0);
        backing.flags = BACKING_SHMEM | BACKING_REGULAR;
        mm = mm_create(&layout);
        ASSERT_TRUE(mm && backing.object);
}

static void world_destroy(void)
{
        audit_memory(&mm, 1);
        mm_put(mm);
        backing_put(&backing);
        audit_memory(NULL, 0);
        EXPECT_EQ(mm_committed(), 0);
}

static void run_workers(void (*fn)(void *arg), unsigned nr, u64 seed)
{
        static struct worker workers[THREADS];

        host_sched_seed(seed);
        for (unsigned i = 0; i < nr; i++) {
                workers[i] = (struct worker){ .number = i, .state = seed * 31 + i + 1 };
                host_task_create("worker", fn, &workers[i]);
        }
        host_run();
        host_sched_seed(0);
}

static void map_at(uaddr addr, unsigned pages, unsigned flags, struct backing *b)
{
        struct mmap_request req = {
                .addr = addr,
                .len = pages * PAGE_SIZE,
                .prot = PROT_READ | PROT_WRITE,
                .flags = MAP_FIXED | flags,
                .backing = b,
                .readable = true,
                .writable = true,
        };

        ASSERT_EQ(mm_mmap(mm, &who, &req), addr);
}

TEST(threads_fight_about_memory)
{
        for (u64 seed = 1; seed <= 12; seed++) {
                world_create();
                map_at(OWN, THREADS, MAP_PRIVATE | MAP_ANONYMOUS, NULL);
                run_workers(work, THREADS, seed);
                world_destroy();
        }
}

/* ------------------------------------------------------------------ first writes */

#define COMMON_AT 0x68000000UL

/* Every thread writes a word of its own into a page that is still to be copied. */
static void write_first(void *arg)
{
        struct worker *w = arg;

        EXPECT_EQ(host_store(mm, &who, COMMON_AT + w->number * 8, &w->state, 8).signo, 0);
}

/* What is there before: the zero page, the page of a file, a page that a child has too. */
static struct mm *map_common(unsigned kind)
{
        u64 value = 0;
        int err;

        map_at(COMMON_AT, 1, MAP_PRIVATE | (kind == 1 ? 0 : MAP_ANONYMOUS),
               kind == 1 ? &backing : NULL);
        if (kind < 2) {
                EXPECT_EQ(host_load(mm, &who, COMMON_AT, &value, 8).signo, 0);
                return NULL;
        }
        EXPECT_EQ(host_store(mm, &who, COMMON_AT, &value, 8).signo, 0);
        return mm_fork(mm, &who, &err);
}

/* Of the copies that the threads make one stays, and has what all of them wrote. */
static void check_common(struct mm *child, u64 seed)
{
        struct mm_stats stats;
        u64 value;

        for (unsigned i = 0; i < THREADS; i++) {
                host_load(mm, &who, COMMON_AT + i * 8, &value, 8);
                EXPECT_EQ(value, seed * 31 + i + 1);
                if (child) {
                        host_load(child, &who, COMMON_AT + i * 8, &value, 8);
                        EXPECT_EQ(value, 0);
                }
        }
        mm_stats(mm, &stats);
        EXPECT_EQ(stats.rss_anon, 1);
        if (child)
                mm_put(child);
}

TEST(threads_write_one_page_first)
{
        for (u64 seed = 1; seed <= 60; seed++) {
                struct mm *child;

                world_create();
                child = map_common(seed % 3);
                run_workers(write_first, THREADS, seed);
                check_common(child, seed);
                world_destroy();
        }
}

/* ------------------------------------------------------------------ writes by force */

#define READ_ONLY_AT 0x70000000UL

static bool taking;

/* As a debugger does, into a private mapping that the program itself may only read. */
static void write_by_force(void *arg)
{
        (void)arg;
        while (taking)
                mm_access(mm, &who, READ_ONLY_AT, "X", 1, MM_ACCESS_WRITE | MM_ACCESS_FORCE);
}

/* Takes the private copy away, time and again; what is in the file now is the file's, also when the
 * writer has gone on from wherever it was. */
static void take_copies_away(void *arg)
{
        char byte = 0;

        (void)arg;
        for (int i = 0; i < 30; i++) {
                object_truncate(backing.object, 0);
                CHECK(object_write(backing.object, 0, "f", 1) == 1);
                host_yield();
                CHECK(object_read(backing.object, 0, &byte, 1) == 1);
                EXPECT_EQ(byte, 'f');
        }
        taking = false;
}

TEST(writes_by_force_never_reach_the_file)
{
        for (u64 seed = 1; seed <= 200; seed++) {
                world_create();
                map_at(READ_ONLY_AT, 1, MAP_PRIVATE, &backing);
                EXPECT_EQ(mm_mprotect(mm, &who, READ_ONLY_AT, PAGE_SIZE, PROT_READ), 0);
                taking = true;
                host_sched_seed(seed);
                host_task_create("writer", write_by_force, NULL);
                host_task_create("taker", take_copies_away, NULL);
                host_run();
                host_sched_seed(0);
                world_destroy();
        }
}

/* ------------------------------------------------------------------ growth of a stack */

#define STACK_AT 0x60000000UL

/* Several threads find the same stack too short, and it grows once. */
static void touch_stack(void *arg)
{
        for (int i = 0; i < 8; i++) {
                uaddr addr = STACK_AT - (1 + below(arg, 8) + 8 * (u64)i) * PAGE_SIZE;

                EXPECT_EQ(host_store(mm, &who, addr, &(u64){ 1 }, 8).signo, 0);
        }
}

TEST(threads_grow_one_stack)
{
        for (u64 seed = 1; seed <= 40; seed++) {
                world_create();
                map_at(STACK_AT, 1, MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN, NULL);
                run_workers(touch_stack, THREADS, seed);
                world_destroy();
        }
}

/* ------------------------------------------------------------------ truncation against faults */

#define SHARED_AT  0x40000000UL
#define PRIVATE_AT 0x50000000UL

/* Two threads truncate, the others touch both mappings: nothing past the end may stay mapped. */
static void touch_or_truncate(void *arg)
{
        struct worker *w = arg;
        u64 value = 1;

        for (int i = 0; i < 12; i++) {
                uaddr addr = (below(w, 2) ? SHARED_AT : PRIVATE_AT) + below(w, 8) * PAGE_SIZE;

                if (w->number < 2)
                        object_truncate(backing.object, below(w, 9) * PAGE_SIZE);
                else if (below(w, 2))
                        host_store(mm, &who, addr, &value, 8);
                else
                        host_load(mm, &who, addr, &value, 8);
        }
}

static void check_end(struct mm *space)
{
        u64 size = object_size(backing.object), value;

        for (unsigned i = 0; i < 8; i++) {
                int signo = i * PAGE_SIZE < size ? 0 : 7;

                EXPECT_EQ(host_load(space, &who, SHARED_AT + i * PAGE_SIZE, &value, 8).signo,
                          signo);
                EXPECT_EQ(host_load(space, &who, PRIVATE_AT + i * PAGE_SIZE, &value, 8).signo,
                          signo);
        }
}

static void map_both(void)
{
        map_at(SHARED_AT, 8, MAP_SHARED, &backing);
        map_at(PRIVATE_AT, 8, MAP_PRIVATE, &backing);
}

TEST(truncation_leaves_nothing_mapped)
{
        for (u64 seed = 1; seed <= 100; seed++) {
                world_create();
                map_both();
                run_workers(touch_or_truncate, THREADS, seed);
                check_end(mm);
                world_destroy();
        }
}

static struct mm *children[THREADS];

/* The same with children, which must not inherit what is being truncated. */
static void fork_or_truncate(void *arg)
{
        struct worker *w = arg;
        int err;

        if (w->number == 0) {
                object_truncate(backing.object, (1 + below(w, 7)) * PAGE_SIZE);
                object_truncate(backing.object, 0);
        } else {
                children[w->number] = mm_fork(mm, &who, &err);
                ASSERT_TRUE(children[w->number]);
        }
}

TEST(truncation_reaches_children)
{
        for (u64 seed = 1; seed <= 100; seed++) {
                world_create();
                map_both();
                for (unsigned i = 0; i < 8; i++) {
                        host_store(mm, &who, SHARED_AT + i * PAGE_SIZE, &seed, 8);
                        host_store(mm, &who, PRIVATE_AT + i * PAGE_SIZE, &seed, 8);
                }
                run_workers(fork_or_truncate, THREADS, seed);
                check_end(mm);
                for (unsigned i = 1; i < THREADS; i++) {
                        check_end(children[i]);
                        mm_put(children[i]);
                }
                world_destroy();
        }
}
