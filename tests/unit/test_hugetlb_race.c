/* SPDX-License-Identifier: MIT */
/*
 * Threads of one program and hugetlb memory, all at once: first touches, writes after a fork,
 * moves, pools that shrink and grow. The tests' scheduler changes threads wherever a lock is taken
 * or released. What is to be found is a stale TLB entry, a promise that is lost or kept twice, a
 * block that is free and mapped.
 *
 * Behind the pages that everybody fights about is one that nobody unmaps, with a word for each
 * thread: it was promised to the program, so whatever its children do, what a thread writes there
 * must stay, and can be written.
 */
#include "mm/hugetlb.h"
#include "tests/unit/audit.h"
#include "tests/unit/huge_fixture.h"

#define ARENA_HUGE 3
#define OWN_AT     (BASE + 8 * HUGE_SIZE)
#define POOL       5
#define THREADS    4
#define STEPS      24

static struct mm *mm;

struct worker {
        unsigned number;
        u64 state;
        u64 value; /* of the word of its own */
};

static unsigned below(struct worker *w, unsigned n)
{
        return (unsigned)test_random_below(&w->state, n);
}

static u64 own_word(const struct worker *w)
{
        return OWN_AT + w->number * PAGE_SIZE;
}

static u64 any_page(struct worker *w)
{
        return BASE + below(w, ARENA_HUGE) * HUGE_SIZE + below(w, 512) * PAGE_SIZE;
}

static s64 map_again(u64 addr, u64 flags)
{
        struct mmap_request req = {
                .addr = addr,
                .len = HUGE_SIZE,
                .prot = RW,
                .flags = MAP_ANONYMOUS | MAP_FIXED | MAP_HUGETLB | flags,
        };

        return mm_mmap(mm, &user_caller, &req);
}

/* A child sees what was there, or is told that it cannot have it. */
static void fork_and_look(struct worker *w)
{
        u64 value = 0, own = w->value;
        struct mm *child;
        int err;

        child = mm_fork(mm, &user_caller, &err);
        ASSERT_TRUE(child);
        host_yield();
        if (host_load(child, &user_caller, own_word(w), &value, 8).signo == 0)
                EXPECT_EQ(value, own);
        host_store(child, &user_caller, own_word(w), &(u64){ 1 }, 8);
        host_store(child, &user_caller, any_page(w), &value, 8);
        mm_put(child);
}

static void change_something(struct worker *w)
{
        u64 at = BASE + below(w, ARENA_HUGE) * HUGE_SIZE;
        u64 to = BASE + below(w, ARENA_HUGE) * HUGE_SIZE;

        switch (below(w, 8)) {
        case 0: map_again(at, MAP_PRIVATE); break;
        case 1: map_again(at, MAP_SHARED); break;
        case 2: map_again(at, MAP_PRIVATE | MAP_NORESERVE); break;
        case 3: mm_munmap(mm, &user_caller, at, HUGE_SIZE); break;
        case 4: mm_mprotect(mm, &user_caller, at, HUGE_SIZE, below(w, 4)); break;
        case 5:
                mm_mremap(mm, &user_caller, at, HUGE_SIZE, HUGE_SIZE, MREMAP_MAYMOVE | MREMAP_FIXED,
                          to);
                break;
        case 6: mm_madvise(mm, &user_caller, at, HUGE_SIZE, MADV_DONTNEED + 5 * below(w, 2)); break;
        default:
                mm_sysctl.nr_overcommit_hugepages = below(w, 2);
                mm_hugetlb_resize(POOL - below(w, 3));
                break;
        }
}

static void step(struct worker *w)
{
        u64 value = 0;

        ASSERT_EQ(host_load(mm, &user_caller, own_word(w), &value, 8).signo, 0);
        ASSERT_EQ(value, w->value);
        w->value = test_random(&w->state);
        ASSERT_EQ(host_store(mm, &user_caller, own_word(w), &w->value, 8).signo, 0);
        switch (below(w, 8)) {
        case 0:
        case 1:
        case 2: change_something(w); break;
        case 3:
        case 4: fork_and_look(w); break;
        case 5: host_load(mm, &user_caller, any_page(w), &value, 8); break;
        default: host_store(mm, &user_caller, any_page(w), &value, 8); break;
        }
}

static void work(void *arg)
{
        for (int i = 0; i < STEPS; i++)
                step(arg);
}

static void one_round(u64 seed)
{
        struct worker workers[THREADS] = { { 0 } };

        mm = strip_empty();
        mm_hugetlb_resize(POOL);
        for (unsigned i = 0; i < ARENA_HUGE; i++)
                ASSERT_EQ(map_again(BASE + i * HUGE_SIZE, MAP_PRIVATE),
                          (s64)(BASE + i * HUGE_SIZE));
        ASSERT_EQ(map_again(OWN_AT, MAP_PRIVATE), (s64)OWN_AT);
        host_sched_seed(seed);
        for (unsigned i = 0; i < THREADS; i++) {
                workers[i].number = i;
                workers[i].state = seed * 31 + i + 1;
                host_task_create("worker", work, &workers[i]);
        }
        host_run();
        host_sched_seed(0);
        audit_memory((struct mm *[]){ mm }, 1);
        EXPECT_TRUE(mm_validate_system());
        strip_done(mm);
        mm_sysctl.nr_overcommit_hugepages = 0;
        mm_hugetlb_resize(0);
        hugetlb_validate(0);
}

TEST(threads_share_hugetlb_memory)
{
        for (u64 seed = 1; seed <= 10; seed++)
                one_round(seed);
}
