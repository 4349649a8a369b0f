/* SPDX-License-Identifier: MIT */
/*
 * The loop that fails every allocation of every scenario (nth.h): once alone, and once with all
 * that come after it, as when memory has really run out.
 *
 * After a failure: no lock is held, every invariant holds, the TLBs hold nothing stale, and the
 * state is what it was, so that the next failure can be had from the same address space. Where a
 * row says that something is left, the state is compared but for that, and built anew. At the end
 * of a scenario all memory is back, and nothing is committed.
 */
#include "kernel/sync/trace.h"
#include "mm/fail_alloc.h"
#include "mm/page.h"
#include "mm/pgwalk.h"
#include "mm/slab.h"
#include "mm/uffd.h"
#include "tests/unit/audit.h"
#include "tests/unit/nth_state.h"

/* What there must be, at least. */
#define SCENARIOS_MIN 200
#define FAULTS_MIN    10000

/* So many allocations no call makes. */
#define FAULTS_MAX 3000

/* The audit looks at every frame there is: not each time. */
#define AUDIT_EVERY 16

static struct {
        unsigned scenarios; /* with at least one allocation that failed */
        unsigned nothing;   /* that allocate nothing */
        unsigned faults;
} done;

struct trial {
        const struct nth_scenario *row;
        const struct nth_kind *kind; /* or NULL */
        bool forever;
        unsigned n;
        struct nth_world world;
        struct nth_state before, after;
};

static void complain(const struct trial *t, const char *what)
{
        test_fail(__FILE__, 0, false, "allocation %u%s: %s", t->n,
                  t->forever ? " and all after it" : "", what);
}

/* ------------------------------------------------------------------ what must hold */

/* As a program that reads what it has: whatever is not flushed from here on will be found. */
static void fill_tlb(struct mm *mm)
{
        struct pgwalk walk = pgwalk_begin(mm, 0, TASK_SIZE);
        unsigned fault;

        while (pgwalk_next(&walk)) {
                const void *byte;

                if (!pte_is_leaf(walk.entry, walk.level) || !pte_young(walk.entry, walk.level))
                        continue;
                byte = host_translate(&mm->mmu, walk.addr, 0, &fault);
                /* The processor and the walker in software see the same page. */
                CHECK(!byte || byte == page_to_virt(pgwalk_page(&walk)));
        }
}

/* The call has validated VMAs and tables; what looks at every page or frame is done at times. */
static void check_world(const struct trial *t)
{
        struct mm *mms[] = { t->world.mm, t->world.child };
        bool thoroughly = t->n < AUDIT_EVERY || t->n % AUDIT_EVERY == 0;

        lock_trace_check_none();
        if (t->world.uffd && atomic_get(&t->world.uffd->changing))
                complain(t, "userfaultfd was told of a change and never of its end");
        for (unsigned i = 0; i < 2; i++) {
                if (mms[i] && thoroughly)
                        strip_validate(mms[i]);
                else if (mms[i])
                        host_tlb_verify(&mms[i]->mmu);
        }
}

static bool is_partial(const struct nth_scenario *row)
{
        return row->leaves & (NTH_LEAVES_PARTS | NTH_SWALLOWS);
}

/* What is done in part is done right: no page has other contents for having gone elsewhere. */
static void check_part(struct trial *t)
{
        nth_state_take(&t->after, &t->world, t->row->leaves);
        if (t->after.pages == t->before.pages && t->after.contents != t->before.contents)
                complain(t, "pages have other contents");
        if (t->n % AUDIT_EVERY != 1)
                return;
        CHECK(mm_validate_system());
        audit_memory((struct mm *[]){ t->world.mm, t->world.child }, 2);
}

/* True if the same address space will do for the next failure. */
static bool check_failure(struct trial *t, s64 result)
{
        const struct nth_scenario *row = t->row;
        s64 expected = row->fails ? row->fails : -ENOMEM;
        const char *difference;
        char text[80];

        if (result >= 0 ? !(row->leaves & NTH_SWALLOWS)
                        : result != expected && result != row->fails_later) {
                snprintf(text, sizeof(text), "the result is %ld", (long)result);
                complain(t, text);
        }
        check_world(t);
        if (is_partial(row)) {
                check_part(t);
                return false;
        }
        nth_state_take(&t->after, &t->world, row->leaves);
        difference = nth_state_differs(&t->before, &t->after);
        if (difference)
                complain(t, difference);
        return !difference && !row->leaves;
}

static void check_success(struct trial *t, s64 result)
{
        bool as_expected = t->row->ends ? result == t->row->ends : result >= 0;
        char text[80];

        if (!as_expected) {
                snprintf(text, sizeof(text), "without a failure the result is %ld", (long)result);
                complain(t, text);
        }
        check_world(t);
        CHECK(mm_validate_system());
        audit_memory((struct mm *[]){ t->world.mm, t->world.child }, 2);
}

/* ------------------------------------------------------------------ the loop */

static u64 free_pages(void)
{
        struct memory_stats stats;

        slab_shrink_all();
        memory_stats(&stats);
        return stats.free;
}

/* One call with its n-th allocation failing. True if it came to that. */
static bool try_once(struct trial *t, bool *reusable)
{
        bool injected;
        s64 result;

        fill_tlb(t->world.mm);
        nth_state_take(&t->before, &t->world, t->row->leaves);
        fail_alloc_nth(t->n, t->forever);
        result = nth_step_run(&t->world, &t->row->call);
        injected = fail_alloc_count() >= t->n;
        fail_alloc_nth(0, false);
        *reusable = false;
        if (injected)
                *reusable = check_failure(t, result);
        else
                check_success(t, result);
        return injected;
}

static void run_trials(struct trial *t)
{
        u64 before = free_pages();
        bool again = true, reusable = false;

        for (t->n = 1; again && t->n < FAULTS_MAX; t->n++) {
                if (!reusable)
                        nth_world_build(&t->world, t->row, t->kind);
                again = try_once(t, &reusable);
                done.faults += again;
                if (!reusable)
                        nth_world_end(&t->world);
        }
        if (again)
                complain(t, "there is no end to it");
        if (free_pages() != before)
                complain(t, "memory was not given back");
        if (mm_committed() != 0)
                complain(t, "memory is still committed");
}

static void run_scenario(const struct nth_scenario *row, const struct nth_kind *kind)
{
        struct trial trial = { .row = row, .kind = kind };
        unsigned faults = done.faults;

        /* Seen only if something is wrong, and then the last line says where. */
        printf("%s%s%s\n", row->name, kind ? ", of " : "", kind ? kind->phrase : "");
        ASSERT_TRUE(!row->leaves == !row->why);
        for (unsigned i = 0; i < 2; i++) {
                trial.forever = i;
                run_trials(&trial);
        }
        nth_state_free(&trial.before);
        nth_state_free(&trial.after);
        if (done.faults > faults)
                done.scenarios++;
        else
                done.nothing++;
}

TEST(no_failed_allocation_leaves_a_trace)
{
        nth_each(run_scenario);
        test_note("%u scenarios, %u injected faults; %u more calls that allocate nothing",
                  done.scenarios, done.faults, done.nothing);
        EXPECT_LE(SCENARIOS_MIN, done.scenarios);
        EXPECT_LE(FAULTS_MIN, done.faults);
}
