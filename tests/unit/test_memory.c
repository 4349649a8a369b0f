/* SPDX-License-Identifier: MIT */
/*
 * Programs against a model of what they ought to see. Up to four address spaces map, write, fork,
 * protect, move and unmap pages in one small arena, anonymous ones and those of two objects, shared
 * and private, while the objects are truncated and punched. The model is an array of pages with one
 * number as contents. After every few steps the accounts are audited (audit.h).
 */
#include "arch/host/user.h"
#include "kernel/base/abi/mman.h"
#include "mm/fail_alloc.h"
#include "mm/mm.h"
#include "mm/object.h"
#include "tests/unit/audit.h"
#include "tests/unit/test.h"

#define PAGES   48
#define CLUSTER 6 /* pages side by side */
#define SPACES  4
#define OBJECTS 2
#define OBJ_MAX 24 /* pages of an object */

enum kind { HOLE, ANON, PRIVATE, SHARED };

struct model_page {
        enum kind kind;
        unsigned prot;
        unsigned object, index; /* PRIVATE, SHARED */
        bool copied;            /* PRIVATE: `value` is its own */
        u64 value;              /* ANON; PRIVATE when copied */
};

struct model_object {
        struct backing backing;
        u64 pages; /* size */
        u64 value[OBJ_MAX];
};

static struct mm *spaces[SPACES];
static struct model_page model[SPACES][PAGES];
static struct model_object objects[OBJECTS];
static const struct mm_caller who = { MM_NO_LIMIT, MM_NO_LIMIT, MM_NO_LIMIT, MM_NO_LIMIT,
                                      MM_NO_LIMIT, 0,           false };
static u64 state;
static bool failing; /* allocations fail now and then: a call may do nothing, and say -ENOMEM */

static unsigned below(unsigned n)
{
        return test_random_below(&state, n);
}

/* Clusters that lie across the borders of tables of each level, alone in a table, or side by side.
 */
static uaddr addr_of(unsigned page)
{
        static const uaddr base[PAGES / CLUSTER] = {
                0x10000000,   0x10200000 - 3 * PAGE_SIZE, 0x10600000,
                0x10800000,   0x40000000 - 2 * PAGE_SIZE, 0x8000000000 - 4 * PAGE_SIZE,
                0x8040000000, TASK_SIZE - 6 * PAGE_SIZE,
        };

        return base[page / CLUSTER] + page % CLUSTER * PAGE_SIZE;
}

/* ------------------------------------------------------------------ what a program would see */

static bool is_past_end(const struct model_page *p)
{
        return p->kind >= PRIVATE && !p->copied && p->index >= objects[p->object].pages;
}

static u64 expected_value(const struct model_page *p)
{
        if (p->kind == SHARED || (p->kind == PRIVATE && !p->copied))
                return objects[p->object].value[p->index];
        return p->value;
}

/* The signal and code that an access raises: 0, or signo * 16 + code. */
static int expected_fault(const struct model_page *p, bool write)
{
        if (p->kind == HOLE)
                return 11 * 16 + 1;
        if (p->prot == PROT_NONE || (write && !(p->prot & PROT_WRITE)))
                return 11 * 16 + 2;
        return is_past_end(p) ? 7 * 16 + 2 : 0;
}

static int fault_number(struct mm_fault f)
{
        return f.signo ? f.signo * 16 + f.code : 0;
}

static bool is_failure(s64 result)
{
        return failing && result == -ENOMEM;
}

static void check_page(unsigned s, unsigned i)
{
        const struct model_page *p = &model[s][i];
        unsigned at = below(4) ? 0 : below(PAGE_SIZE / 8) * 8;
        u64 value = 0;
        struct mm_fault f = host_load(spaces[s], &who, addr_of(i) + at, &value, 8);

        if (failing && f.signo == MM_FAULT_OOM)
                return;
        ASSERT_EQ(fault_number(f), expected_fault(p, false));
        if (!expected_fault(p, false))
                ASSERT_EQ(value, at == 0 ? expected_value(p) : 0);
}

static void store_page(unsigned s, unsigned i)
{
        struct model_page *p = &model[s][i];
        u64 value = test_random(&state);
        struct mm_fault f = host_store(spaces[s], &who, addr_of(i), &value, 8);

        if (failing && f.signo == MM_FAULT_OOM)
                return;
        ASSERT_EQ(fault_number(f), expected_fault(p, true));
        if (expected_fault(p, true))
                return;
        if (p->kind == SHARED) {
                objects[p->object].value[p->index] = value;
        } else {
                p->value = value;
                p->copied = true;
        }
}

/* ------------------------------------------------------------------ calls */

static void do_map(unsigned s, unsigned first, unsigned n)
{
        enum kind kind = 1 + below(3);
        unsigned object = below(OBJECTS), index = below(OBJ_MAX - n + 1), prot = below(8) & 3;
        struct mmap_request req = {
                .addr = addr_of(first),
                .len = n * PAGE_SIZE,
                .prot = prot,
                .flags = MAP_FIXED | (kind == SHARED ? MAP_SHARED : MAP_PRIVATE) |
                         (kind == ANON ? MAP_ANONYMOUS : 0),
                .offset = kind == ANON ? 0 : index * PAGE_SIZE,
                .backing = kind == ANON ? NULL : &objects[object].backing,
                .readable = true,
                .writable = true,
        };
        s64 result = mm_mmap(spaces[s], &who, &req);

        if (is_failure(result))
                return;
        ASSERT_EQ(result, addr_of(first));
        for (unsigned i = 0; i < n; i++)
                model[s][first + i] = (struct model_page){
                        .kind = kind, .prot = prot, .object = object, .index = index + i
                };
}

static void do_unmap(unsigned s, unsigned first, unsigned n)
{
        int err = mm_munmap(spaces[s], &who, addr_of(first), n * PAGE_SIZE);

        if (is_failure(err))
                return;
        ASSERT_EQ(err, 0);
        memset(&model[s][first], 0, n * sizeof(model[s][0]));
}

/* Changes what lies before the first hole, as the call does. */
static void do_protect(unsigned s, unsigned first, unsigned n)
{
        unsigned prot = below(4), i = 0;
        int err = mm_mprotect(spaces[s], &who, addr_of(first), n * PAGE_SIZE, prot);

        if (is_failure(err)) { /* some VMAs may have been changed: so that we know, do it again */
                fail_alloc_nth(0, false);
                err = mm_mprotect(spaces[s], &who, addr_of(first), n * PAGE_SIZE, prot);
        }
        while (i < n && model[s][first + i].kind != HOLE)
                model[s][first + i++].prot = prot;
        ASSERT_EQ(err, i == n ? 0 : -ENOMEM);
}

/* One page, so that it lies in one VMA whatever has been merged. */
static void do_move(unsigned s, unsigned from, unsigned to)
{
        s64 err;

        if (from == to)
                return;
        err = mm_mremap(spaces[s], &who, addr_of(from), PAGE_SIZE, PAGE_SIZE,
                        MREMAP_MAYMOVE | MREMAP_FIXED, addr_of(to));
        if (is_failure(err))
                return;
        if (model[s][from].kind == HOLE) {
                ASSERT_EQ(err, -EFAULT);
                return;
        }
        ASSERT_EQ(err, addr_of(to));
        model[s][to] = model[s][from];
        memset(&model[s][from], 0, sizeof(model[s][from]));
}

static void do_fork(unsigned from, unsigned to)
{
        int err = 0;
        struct mm *child;

        if (from == to)
                return;
        child = mm_fork(spaces[from], &who, &err);
        if (is_failure(err))
                return;
        ASSERT_TRUE(child);
        mm_put(spaces[to]);
        spaces[to] = child;
        memcpy(model[to], model[from], sizeof(model[to]));
}

static void do_truncate(unsigned o)
{
        unsigned pages = below(OBJ_MAX + 1);

        ASSERT_EQ(object_truncate(objects[o].backing.object, pages * PAGE_SIZE), 0);
        objects[o].pages = pages;
        for (unsigned i = pages; i < OBJ_MAX; i++)
                objects[o].value[i] = 0;
        for (unsigned s = 0; s < SPACES; s++)
                for (unsigned i = 0; i < PAGES; i++) {
                        struct model_page *p = &model[s][i];

                        if (p->kind == PRIVATE && p->object == o && p->index >= pages)
                                p->copied = false;
                }
}

static void do_punch(unsigned o)
{
        unsigned first = below(OBJ_MAX), last = first + below(OBJ_MAX - first + 1);

        ASSERT_EQ(object_punch(objects[o].backing.object, first * PAGE_SIZE, last * PAGE_SIZE), 0);
        for (unsigned i = first; i < last; i++)
                objects[o].value[i] = 0;
}

/* ------------------------------------------------------------------ the test */

static void backing_release(struct backing *b)
{
        object_put(b->object);
}

static void world_create(void)
{
        for (unsigned o = 0; o < OBJECTS; o++) {
                struct backing *b = &objects[o].backing;

                refcount_init(&b->ref);
                b->release = backing_release;
                b->object = object_create(OBJ_MAX / 2 * PAGE_SIZE, OBJECT_CHARGE_PAGES);
                b->flags = BACKING_SHMEM | BACKING_REGULAR;
                ASSERT_TRUE(b->object);
                objects[o].pages = OBJ_MAX / 2;
        }
        for (unsigned s = 0; s < SPACES; s++) {
                struct mm_layout layout = { .stack_rlimit = 8UL << 20 };

                spaces[s] = mm_create(&layout);
                ASSERT_TRUE(spaces[s]);
        }
}

static void world_destroy(void)
{
        for (unsigned s = 0; s < SPACES; s++)
                mm_put(spaces[s]);
        for (unsigned o = 0; o < OBJECTS; o++)
                backing_put(&objects[o].backing);
        EXPECT_EQ(mm_committed(), 0);
}

static void step(void)
{
        unsigned s = below(SPACES), first = below(PAGES), n = 1 + below(CLUSTER);
        unsigned what = below(100);

        n = min_u64(n, CLUSTER - first % CLUSTER);
        host_cpu_set(below(HOST_CPUS));
        if (failing)
                fail_alloc_nth(1 + below(8), false);
        if (what < 12)
                do_map(s, first, n);
        else if (what < 18)
                do_unmap(s, first, n);
        else if (what < 26)
                do_protect(s, first, n);
        else if (what < 36)
                do_move(s, first, below(PAGES));
        else if (what < 39)
                do_fork(s, below(SPACES));
        else if (what < 41)
                do_truncate(below(OBJECTS));
        else if (what < 43)
                do_punch(below(OBJECTS));
        else if (what < 70)
                check_page(s, first);
        else
                store_page(s, first);
        fail_alloc_nth(0, false);
}

static void run(u64 seed, int steps)
{
        state = seed;
        world_create();
        for (int i = 0; i < steps; i++) {
                step();
                if (i % 50 == 0)
                        audit_memory(spaces, SPACES);
        }
        failing = false;
        for (unsigned s = 0; s < SPACES; s++)
                for (unsigned i = 0; i < PAGES; i++)
                        check_page(s, i);
        audit_memory(spaces, SPACES);
        world_destroy();
        audit_memory(NULL, 0);
}

TEST(programs_see_what_they_ought_to)
{
        run(1, 20000);
}

TEST(programs_see_what_they_ought_to_with_five_levels)
{
        host_set_levels(5);
        run(2, 5000);
}

TEST(programs_outlive_failed_allocations)
{
        failing = true;
        run(3, 12000);
}
