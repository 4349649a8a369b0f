/* SPDX-License-Identifier: MIT */
/*
 * Every limit at its edge: each call of the nth tables (tests/unit/nth.h), with max_map_count, a
 * resource limit or the commit limit at each value around what is used before the call and what is
 * used after it.
 *
 * A call under a limit does one of two things. Either it does what it does without the limit, to
 * the page; or it fails, with an errno that this limit is known by, and leaves everything as it
 * was. Where Linux itself stops halfway edges.c has a row, with the reason. A limit that lets the
 * call pass lets it pass when it is higher, and the lowest that does is what is used afterwards, to
 * the page, if that is more than before; edges.c lists the calls that want more.
 */
#include "tests/fault/edges.h"

#include "kernel/sync/trace.h"
#include "mm/page.h"
#include "mm/slab.h"
#include "tests/unit/fixture.h"

#define REFUSED_MIN 2000

/* The number of mappings is tried up to so much above what is used, the others to one page. */
#define MAPS_MORE 6

/* ------------------------------------------------------------------ the limits */

static u64 use_of_maps(struct mm *mm)
{
        return mm_map_count(mm);
}

static u64 use_of_space(struct mm *mm)
{
        return mm->total_vm;
}

static u64 use_of_data(struct mm *mm)
{
        return mm->data_vm;
}

static u64 use_of_locks(struct mm *mm)
{
        return mm->locked_vm;
}

/* Of the largest there is: the scenarios have one that grows. */
static u64 use_of_stack(struct mm *mm)
{
        u64 most = 0;

        for (struct vma *vma = vma_find(mm, 0); vma; vma = vma_next(vma))
                if (vma->flags & VM_GROWSDOWN)
                        most = max_u64(most, vma_pages(vma));
        return most;
}

static u64 use_of_commit(struct mm *mm)
{
        (void)mm;
        return mm_committed();
}

static void set_maps(struct mm_caller *who, u64 limit)
{
        (void)who;
        mm_sysctl.max_map_count = limit;
}

static void set_space(struct mm_caller *who, u64 limit)
{
        who->rlimit_as = limit * PAGE_SIZE;
}

static void set_data(struct mm_caller *who, u64 limit)
{
        who->rlimit_data = who->rlimit_data_max = limit * PAGE_SIZE;
}

static void set_locks(struct mm_caller *who, u64 limit)
{
        who->rlimit_memlock = limit * PAGE_SIZE;
}

static void set_stack(struct mm_caller *who, u64 limit)
{
        who->rlimit_stack = limit * PAGE_SIZE;
}

static void set_commit(struct mm_caller *who, u64 limit)
{
        (void)who;
        commit_leave(limit - mm_committed());
}

static const struct edge {
        const char *name;
        u64 (*use)(struct mm *mm); /* pages, or mappings */
        void (*set)(struct mm_caller *who, u64 limit);
        int errnos[3]; /* of calls refused by it */
} edges[EDGE_KINDS] = {
        [EDGE_MAPS] = { "max_map_count", use_of_maps, set_maps, { -ENOMEM, -EAGAIN } },
        [EDGE_AS] = { "RLIMIT_AS", use_of_space, set_space, { -ENOMEM, -EFAULT } },
        [EDGE_DATA] = { "RLIMIT_DATA", use_of_data, set_data, { -ENOMEM, -EFAULT } },
        [EDGE_MEMLOCK] = { "RLIMIT_MEMLOCK",
                           use_of_locks,
                           set_locks,
                           { -EAGAIN, -ENOMEM, -EPERM } },
        [EDGE_STACK] = { "RLIMIT_STACK", use_of_stack, set_stack, { -EFAULT } },
        [EDGE_COMMIT] = { "the commit limit", use_of_commit, set_commit, { -ENOMEM, -EFAULT } },
};

/* Nobody without limits: who may lock what he likes is asked for no limit. */
static const struct mm_caller unlimited = {
        .rlimit_as = MM_NO_LIMIT,
        .rlimit_data = MM_NO_LIMIT,
        .rlimit_data_max = MM_NO_LIMIT,
        .rlimit_stack = MM_NO_LIMIT,
        .rlimit_memlock = MM_NO_LIMIT,
};

/* Pages: more than any call here wants. */
#define NO_LIMIT (1UL << 30)

static struct mm_sysctl sysctl_at_start;

/* ------------------------------------------------------------------ one call under one limit */

static struct {
        unsigned calls, refused, partial, scenarios;
} done;

struct trial {
        const struct nth_scenario *row;
        const struct nth_kind *kind; /* or NULL */
        struct nth_world world;
        struct nth_state before, after;
        /* With a limit that nothing reaches. */
        s64 result;
        u64 shape, used_before, used_after;
        struct mm_sysctl sysctl; /* as the world has it */
};

static void complain(const struct trial *t, const struct edge *edge, u64 limit, const char *what)
{
        test_fail(__FILE__, 0, false, "%s%s%s, %s %lu (%lu before, %lu after): %s", t->row->name,
                  t->kind ? ", of " : "", t->kind ? t->kind->phrase : "", edge->name, (long)limit,
                  (long)t->used_before, (long)t->used_after, what);
}

static struct mm *mm_of(const struct trial *t)
{
        return t->row->call.by_child ? t->world.child : t->world.mm;
}

static void world_begin(struct trial *t)
{
        nth_world_build(&t->world, t->row, t->kind);
        t->sysctl = mm_sysctl;
        nth_state_take(&t->before, &t->world, 0);
}

static void world_end(struct trial *t)
{
        nth_world_end(&t->world);
        mm_sysctl = sysctl_at_start;
}

/* Limits are for the call alone: what comes before and after it has none. */
static s64 call_with(struct trial *t, const struct mm_caller *who)
{
        s64 result;

        t->world.who = who;
        result = nth_step_run(&t->world, &t->row->call);
        t->world.who = NULL;
        mm_sysctl = t->sysctl;
        lock_trace_check_none();
        nth_state_take(&t->after, &t->world, 0);
        return result;
}

static void call_without_limit(struct trial *t, const struct edge *edge)
{
        struct mm_caller who = unlimited;

        world_begin(t);
        t->used_before = edge->use(mm_of(t));
        edge->set(&who, NO_LIMIT);
        t->result = call_with(t, &who);
        t->shape = nth_state_shape(&t->after);
        t->used_after = mm_of(t) ? edge->use(mm_of(t)) : 0;
        world_end(t);
}

static bool is_listed(const struct trial *t, const struct edge *edge, unsigned what)
{
        for (unsigned i = 0; i < edge_nr_exceptions; i++) {
                const struct edge_exception *e = &edge_exceptions[i];

                if (&edges[e->edge] == edge && (e->what & what) &&
                    strncmp(t->row->name, e->scenario, strlen(e->scenario)) == 0)
                        return true;
        }
        return false;
}

/* A call that meets this limit as it meets a failed allocation: page by page, as its row says. */
static bool is_partial(const struct trial *t, const struct edge *edge)
{
        if (edge == &edges[EDGE_COMMIT] && t->row->leaves)
                return true;
        return is_listed(t, edge, EDGE_LEAVES_PARTS);
}

/* True if the same address space will do for the next call. */
static bool check_refused(struct trial *t, const struct edge *edge, u64 limit, s64 result)
{
        const char *difference = nth_state_differs(&t->before, &t->after);
        bool known = false;
        char text[80];

        done.refused++;
        for (unsigned i = 0; i < ARRAY_SIZE(edge->errnos); i++)
                known |= edge->errnos[i] && result == edge->errnos[i];
        if (!known) {
                snprintf(text, sizeof(text), "the result is %ld", (long)result);
                complain(t, edge, limit, text);
        }
        if (!difference)
                return true;
        done.partial++;
        if (!is_partial(t, edge))
                complain(t, edge, limit, difference);
        strip_validate(t->world.mm);
        return false;
}

/* One call. True if it was refused. */
static bool try_limit(struct trial *t, const struct edge *edge, u64 limit, bool *reusable)
{
        struct mm_caller who = unlimited;
        bool refused;
        s64 result;

        if (!*reusable)
                world_begin(t);
        edge->set(&who, limit);
        result = call_with(t, &who);
        done.calls++;
        refused = result < 0 && (result != t->result || nth_state_shape(&t->after) != t->shape);
        if (refused) {
                *reusable = check_refused(t, edge, limit, result);
        } else {
                *reusable = false;
                if (t->row->call.page != ANYWHERE && result != t->result)
                        complain(t, edge, limit, "another result");
                else if (nth_state_shape(&t->after) != t->shape && !is_partial(t, edge))
                        complain(t, edge, limit, "the same result, another state");
        }
        if (!*reusable)
                world_end(t);
        return refused;
}

/* ------------------------------------------------------------------ all limits */

/* The lowest limit that the call passes, or NO_LIMIT. */
static u64 find_edge(struct trial *t, const struct edge *edge)
{
        u64 low = min_u64(t->used_before, t->used_after);
        u64 high = max_u64(t->used_before, t->used_after);
        u64 step = max_u64(1, (high - low) / 4), passed = NO_LIMIT;
        u64 more = edge == &edges[EDGE_MAPS] ? MAPS_MORE : 1;
        bool reusable = false;

        low = low > 2 ? low - 2 : 0;
        for (u64 limit = low; limit <= high + more; limit++) {
                bool refused;

                /* Of a long way the two ends, and some places between. */
                if (limit > low + 3 && limit + step + 2 < high)
                        limit += step - 1;
                refused = try_limit(t, edge, limit, &reusable);
                if (refused && passed != NO_LIMIT)
                        complain(t, edge, limit, "refused, where a lower limit was none");
                else if (!refused && passed == NO_LIMIT)
                        passed = limit;
        }
        if (reusable)
                world_end(t);
        return passed;
}

static void try_edge(struct trial *t, const struct edge *edge)
{
        u64 passed;

        call_without_limit(t, edge);
        passed = find_edge(t, edge);
        /* How much room mappings must have is a matter of each call: map_count compares it. */
        if (edge == &edges[EDGE_MAPS] || is_listed(t, edge, EDGE_WANTS_MORE))
                return;
        if (passed == NO_LIMIT || passed > max_u64(t->used_after, t->used_before))
                complain(t, edge, passed, "is needed: more than what is used");
        else if (t->used_after > t->used_before && passed < t->used_after && t->result >= 0)
                complain(t, edge, passed, "is enough: less than what is used");
}

static void run_scenario(const struct nth_scenario *row, const struct nth_kind *kind)
{
        struct trial trial = { .row = row, .kind = kind };
        struct memory_stats before, after;

        slab_shrink_all();
        memory_stats(&before);
        for (unsigned i = 0; i < EDGE_KINDS; i++)
                try_edge(&trial, &edges[i]);
        slab_shrink_all();
        memory_stats(&after);
        if (before.free != after.free || mm_committed())
                test_fail(__FILE__, 0, false, "%s: memory was not given back", row->name);
        nth_state_free(&trial.before);
        nth_state_free(&trial.after);
        done.scenarios++;
}

TEST(a_limit_refuses_all_of_a_call_or_nothing)
{
        sysctl_at_start = mm_sysctl;
        nth_each(run_scenario);
        test_note("%u scenarios, %u calls under a limit, %u refused, %u of them after a part",
                  done.scenarios, done.calls, done.refused, done.partial);
        EXPECT_LE(REFUSED_MIN, done.refused);
}
