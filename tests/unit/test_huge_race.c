/* SPDX-License-Identifier: MIT */
/*
 * Threads of one program and huge pages, all at once: first touches, writes after a fork, splits,
 * collapses, moves. The tests' scheduler changes threads wherever a lock is taken or released. What
 * is to be found is a stale TLB entry, a table that two threads link, a page freed too early or
 * never, a lost write.
 *
 * The arena has three huge pages that everybody fights about. Behind it is one that nobody unmaps,
 * with a page for each thread: what its thread writes there must stay, however it is mapped.
 */
#include "tests/unit/audit.h"
#include "tests/unit/huge_fixture.h"

#define ARENA_HUGE 3
#define OWN_AT     (BASE + 8 * HUGE_SIZE)
#define THREADS    5
#define STEPS      40

static struct mm *mm;

struct worker {
        unsigned number;
        u64 state;
        u64 value; /* in the page of its own */
};

static unsigned below(struct worker *w, unsigned n)
{
        return (unsigned)test_random_below(&w->state, n);
}

static u64 own_page(const struct worker *w)
{
        return OWN_AT + w->number * PAGE_SIZE;
}

static u64 any_page(struct worker *w)
{
        return BASE + below(w, ARENA_HUGE) * HUGE_SIZE + below(w, 3) * 255 * PAGE_SIZE;
}

static void fork_and_look(struct worker *w)
{
        u64 value = 0, own = w->value;
        struct mm *child;
        int err;

        child = mm_fork(mm, &user_caller, &err);
        ASSERT_TRUE(child);
        host_yield();
        host_load(child, &user_caller, own_page(w), &value, 8);
        EXPECT_EQ(value, own);
        host_store(child, &user_caller, own_page(w), &(u64){ 1 }, 8);
        host_store(child, &user_caller, any_page(w), &value, 8);
        mm_put(child);
}

static void move_something(struct worker *w)
{
        u64 from = BASE + below(w, ARENA_HUGE) * HUGE_SIZE;
        u64 to = BASE + below(w, ARENA_HUGE) * HUGE_SIZE, len = HUGE_SIZE;

        if (below(w, 3) == 0) {
                from += PAGE_SIZE;
                len = 5 * PAGE_SIZE;
        }
        mm_mremap(mm, &user_caller, from, len, len, MREMAP_MAYMOVE | MREMAP_FIXED, to);
}

static void map_again(u64 addr)
{
        struct mmap_request req = {
                .addr = addr,
                .len = HUGE_SIZE,
                .prot = RW,
                .flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
        };

        mm_mmap(mm, &user_caller, &req);
        mm_madvise(mm, &user_caller, addr, HUGE_SIZE, MADV_HUGEPAGE);
}

static void change_something(struct worker *w)
{
        u64 huge = BASE + below(w, ARENA_HUGE) * HUGE_SIZE;

        switch (below(w, 7)) {
        case 0: map_again(huge); break;
        case 1: mm_munmap(mm, &user_caller, any_page(w), PAGE_SIZE * (1 + below(w, 3))); break;
        case 2: mm_mprotect(mm, &user_caller, any_page(w), PAGE_SIZE * 2, below(w, 4)); break;
        case 3: move_something(w); break;
        case 4: mm_madvise(mm, &user_caller, huge, HUGE_SIZE, MADV_DONTNEED); break;
        case 5: mm_madvise(mm, &user_caller, OWN_AT, HUGE_SIZE, MADV_COLLAPSE); break;
        default:
                mm_mprotect(mm, &user_caller, OWN_AT + HUGE_SIZE - PAGE_SIZE, PAGE_SIZE, PROT_READ);
                mm_mprotect(mm, &user_caller, OWN_AT + HUGE_SIZE - PAGE_SIZE, PAGE_SIZE, RW);
                break;
        }
}

static void step(struct worker *w)
{
        u64 value = 0;

        host_load(mm, &user_caller, own_page(w), &value, 8);
        ASSERT_EQ(value, w->value);
        w->value = test_random(&w->state);
        host_store(mm, &user_caller, own_page(w), &w->value, 8);
        switch (below(w, 8)) {
        case 0:
        case 1:
        case 2: change_something(w); break;
        case 3: fork_and_look(w); break;
        case 4:
        case 5: host_load(mm, &user_caller, any_page(w), &value, 8); break;
        default: host_store(mm, &user_caller, any_page(w), &value, 8); break;
        }
}

static void work(void *arg)
{
        for (int i = 0; i < STEPS; i++)
                step(arg);
}

TEST(threads_share_huge_pages)
{
        for (u64 seed = 1; seed <= 12; seed++) {
                struct worker workers[THREADS] = { { 0 } };

                mm = huge_mm(ARENA_HUGE);
                map_at(mm, OWN_AT, HUGE_SIZE);
                host_sched_seed(seed);
                for (unsigned i = 0; i < THREADS; i++) {
                        workers[i].number = i;
                        workers[i].state = seed * 31 + i + 1;
                        host_task_create("worker", work, &workers[i]);
                }
                host_run();
                host_sched_seed(0);
                audit_memory((struct mm *[]){ mm }, 1);
                strip_done(mm);
        }
}

/* ------------------------------------------------------------------ one collapses, one faults */

static void drop_and_write(void *unused)
{
        (void)unused;
        for (u64 i = 1; i <= 100; i++) {
                u64 addr = OWN_AT + i % 3 * PAGE_SIZE, value = 0;

                mm_madvise(mm, &user_caller, addr, PAGE_SIZE, MADV_DONTNEED);
                host_store(mm, &user_caller, addr, &i, 8);
                host_load(mm, &user_caller, addr, &value, 8);
                ASSERT_EQ(value, i);
        }
}

static void collapse(void *unused)
{
        (void)unused;
        for (int i = 0; i < 40; i++)
                mm_madvise(mm, &user_caller, OWN_AT, HUGE_SIZE, MADV_COLLAPSE);
}

TEST(writes_beside_collapsing_are_kept)
{
        for (u64 seed = 1; seed <= 8; seed++) {
                mm = huge_mm(ARENA_HUGE);
                map_at(mm, OWN_AT, HUGE_SIZE);
                host_sched_seed(4 * seed);
                host_task_create("writer", drop_and_write, NULL);
                host_task_create("collapser", collapse, NULL);
                host_run();
                host_sched_seed(0);
                strip_validate(mm);
                strip_done(mm);
        }
}
