/* SPDX-License-Identifier: MIT */
/* The steps that scenarios are made of: nth.h. */
#include "tests/unit/nth.h"

#include <stdlib.h>

#include "mm/mm_types.h"
#include "mm/uffd.h"

#define FILE_PAGES 64

static const struct nth_kind kinds[] = {
        { "anonymous memory, written", { { NTH_MAP, .prot = RW }, { NTH_STORE } } },
        { "anonymous memory, never touched", { { NTH_MAP, .prot = RW } } },
        { "anonymous memory, half read and half written",
          { { NTH_MAP, .prot = RW }, { NTH_LOAD }, { NTH_STORE, .step = 2 } } },
        { "uncharged memory", { { NTH_MAP, .prot = RW, .flags = MAP_NORESERVE }, { NTH_STORE } } },
        { "locked memory", { { NTH_MAP, .prot = RW }, { NTH_LOCK } } },
        { "shared anonymous memory",
          { { NTH_MAP, .prot = RW, .flags = MAP_SHARED }, { NTH_STORE } } },
        { "a shared memfd",
          { { NTH_MAP, .prot = RW, .flags = MAP_SHARED, .file = NTH_MEMFD }, { NTH_STORE } } },
        { "a private file, half of it copied",
          { { NTH_MAP, .prot = RW, .file = NTH_REGULAR },
            { NTH_LOAD },
            { NTH_STORE, .step = 2 } } },
        { "private /dev/zero", { { NTH_MAP, .prot = RW, .file = NTH_ZERO }, { NTH_STORE } } },
};

/* Who makes the calls. */
static const struct mm_caller *nth_caller(const struct nth_world *w)
{
        return w->who ? w->who : &root_caller;
}

/* ------------------------------------------------------------------ files */

static void file_release(struct backing *backing)
{
        if (backing->object)
                object_put(backing->object);
        free(backing);
}

static struct backing *file_create(enum nth_file file)
{
        static const u32 flags[NTH_FILES] = {
                [NTH_MEMFD] = BACKING_SHMEM | BACKING_REGULAR,
                [NTH_REGULAR] = BACKING_REGULAR,
                [NTH_ZERO] = BACKING_ZERO,
        };
        struct backing *backing = calloc(1, sizeof(*backing));

        CHECK(backing);
        refcount_init(&backing->ref);
        backing->release = file_release;
        backing->flags = flags[file];
        if (file != NTH_ZERO) {
                unsigned charge = file == NTH_MEMFD ? OBJECT_CHARGE_PAGES : 0;

                backing->object = object_create(FILE_PAGES * PAGE_SIZE, charge);
                CHECK(backing->object);
        }
        return backing;
}

static struct backing *file_of(struct nth_world *w, enum nth_file file)
{
        if (file != NTH_NO_FILE && !w->files[file])
                w->files[file] = file_create(file);
        return w->files[file];
}

static s64 file_write(struct object *object, const struct nth_step *s)
{
        static u8 bytes[FILE_PAGES * PAGE_SIZE];
        size_t len = s->n * PAGE_SIZE;
        ssize_t done;

        CHECK(len <= sizeof(bytes));
        memset(bytes, 'f', len);
        done = object_write(object, s->page * PAGE_SIZE, bytes, len);
        return done < 0 || done == (ssize_t)len ? done : -ENOMEM;
}

static s64 file_step(struct nth_world *w, const struct nth_step *s)
{
        struct object *object = file_of(w, s->file)->object;
        u64 start = s->page * PAGE_SIZE, end = start + s->n * PAGE_SIZE;

        switch (s->what) {
        case NTH_FILE_WRITE: return file_write(object, s);
        case NTH_FILE_TRUNCATE: return object_truncate(object, end);
        case NTH_FILE_PUNCH: return object_punch(object, start, end);
        default: return object_allocate(object, start, end, false);
        }
}

/* ------------------------------------------------------------------ memory */

static s64 map_step(struct nth_world *w, struct mm *mm, const struct nth_step *s)
{
        bool anywhere = s->page == ANYWHERE;
        struct mmap_request req = {
                .addr = anywhere ? 0 : at_page(s->page),
                .len = s->n * PAGE_SIZE,
                .prot = s->prot,
                .flags = s->flags | (anywhere ? 0 : MAP_FIXED) | (s->file ? 0 : MAP_ANONYMOUS),
                .offset = s->offset * PAGE_SIZE,
                .backing = file_of(w, s->file),
                .readable = true,
                .writable = true,
        };

        if (!(req.flags & MAP_TYPE))
                req.flags |= MAP_PRIVATE;
        return mm_mmap(mm, nth_caller(w), &req);
}

static s64 remap_step(const struct nth_world *w, struct mm *mm, const struct nth_step *s)
{
        u64 to = s->to == ANYWHERE || s->to == 0 ? 0 : at_page(s->to);
        unsigned m = s->m ? s->m : s->n;

        return mm_mremap(mm, nth_caller(w), at_page(s->page), s->n * PAGE_SIZE, m * PAGE_SIZE,
                         s->flags, to);
}

/* The break says nothing of an error but by staying where it was. */
static s64 brk_step(const struct nth_world *w, struct mm *mm, const struct nth_step *s)
{
        u64 want = at_page(s->page + s->n);

        if (!mm->image.start_brk)
                mm_set_image(mm, &(struct mm_image){ .start_brk = at_page(s->page) });
        return mm_brk(mm, nth_caller(w), want) == want ? 0 : -ENOMEM;
}

static s64 fault_result(struct mm_fault fault)
{
        if (fault.signo == 0)
                return 0;
        return fault.signo == MM_FAULT_OOM ? -ENOMEM : -EFAULT;
}

/* One byte a page; each page gets one of its own. */
static s64 touch_step(const struct nth_world *w, struct mm *mm, const struct nth_step *s)
{
        unsigned step = s->step ? s->step : 1;
        s64 result = 0;

        for (unsigned page = s->page; page < s->page + s->n && !result; page += step) {
                u8 byte = (u8)(1 + page % 255);

                result = fault_result(
                        s->what == NTH_STORE
                                ? host_store(mm, nth_caller(w), at_page(page), &byte, 1)
                                : host_load(mm, nth_caller(w), at_page(page), &byte, 1));
        }
        return result;
}

static s64 poke_step(const struct nth_world *w, struct mm *mm, const struct nth_step *s)
{
        u8 byte = 'p';
        ssize_t done = mm_access(mm, nth_caller(w), at_page(s->page), &byte, 1,
                                 MM_ACCESS_WRITE | MM_ACCESS_FORCE);

        return done == 1 ? 0 : -ENOMEM;
}

static s64 stack_step(struct nth_world *w, struct mm *mm, const struct nth_step *s)
{
        struct nth_step map = { .page = s->page, .n = s->n, .prot = RW, .flags = MAP_GROWSDOWN };

        return map_step(w, mm, &map);
}

/* ------------------------------------------------------------------ address
 * spaces */

static s64 fork_step(struct nth_world *w, struct mm *parent, bool keep)
{
        int err;
        struct mm *child = mm_fork(parent, nth_caller(w), &err);

        if (!child)
                return err;
        if (keep)
                w->child = child;
        else
                mm_put(child);
        return 0;
}

static s64 create_step(void)
{
        struct mm *mm = mm_create(&(struct mm_layout){ .stack_rlimit = 8UL << 20 });

        if (!mm)
                return -ENOMEM;
        mm_put(mm);
        return 0;
}

static s64 pool_step(u64 pages, u64 more)
{
        mm_sysctl.nr_overcommit_hugepages = more;
        mm_hugetlb_resize(pages);
        return 0;
}

static s64 end_step(struct nth_world *w)
{
        mm_put(w->child);
        w->child = NULL;
        return 0;
}

/* ------------------------------------------------------------------
 * userfaultfd */

static int fill_source(void *arg, u64 offset, void *page)
{
        (void)arg;
        memset(page, 'a' + (int)(offset / PAGE_SIZE), PAGE_SIZE);
        return 0;
}

static s64 fill_step(struct nth_world *w, const struct nth_step *s)
{
        struct uffd_fill fill = {
                .kind = (enum uffd_fill_kind)s->flags,
                .dst = at_page(s->page),
                .len = s->n * PAGE_SIZE,
                .source = fill_source,
        };
        s64 done = uffd_fill(w->uffd, &fill);

        return done < 0 || done == (s64)fill.len ? done : -ENOMEM;
}

static s64 register_step(struct nth_world *w, const struct nth_step *s)
{
        if (!w->uffd) {
                w->uffd = uffd_create(w->mm, 0);
                CHECK(w->uffd && uffd_set_features(w->uffd, s->flags));
                host_task_signal(park_self(), true);
        }
        return uffd_register(w->uffd, at_page(s->page), s->n * PAGE_SIZE, s->prot);
}

static s64 uffd_step(struct nth_world *w, const struct nth_step *s)
{
        u64 addr = at_page(s->page), len = s->n * PAGE_SIZE;
        s64 done;

        switch (s->what) {
        case NTH_UFFD_REGISTER: return register_step(w, s);
        case NTH_UFFD_UNREGISTER: return uffd_unregister(w->uffd, addr, len);
        case NTH_UFFD_FILL: return fill_step(w, s);
        case NTH_UFFD_PROTECT: return uffd_writeprotect(w->uffd, addr, len, true);
        default:
                done = uffd_move(w->uffd, at_page(s->to), addr, len, true);
                return done < 0 || done == (s64)len ? done : -ENOMEM;
        }
}

/* ------------------------------------------------------------------ any */

static s64 change_step(const struct nth_world *w, struct mm *mm, const struct nth_step *s)
{
        u64 addr = at_page(s->page), len = s->n * PAGE_SIZE;

        switch (s->what) {
        case NTH_UNMAP: return mm_munmap(mm, nth_caller(w), addr, len);
        case NTH_PROTECT: return mm_mprotect(mm, nth_caller(w), addr, len, s->prot);
        case NTH_ADVISE: return mm_madvise(mm, nth_caller(w), addr, len, s->advice);
        case NTH_LOCK: return mm_mlock(mm, nth_caller(w), addr, len, false);
        case NTH_LOCK_ONFAULT: return mm_mlock(mm, nth_caller(w), addr, len, true);
        case NTH_UNLOCK: return mm_munlock(mm, nth_caller(w), addr, len);
        case NTH_SEAL: return mm_mseal(mm, addr, len, 0);
        case NTH_REMAP_FILE:
                return mm_remap_file_pages(mm, nth_caller(w), addr, len, 0, s->offset, 0);
        default: return mm_mlockall(mm, nth_caller(w), (int)s->flags);
        }
}

s64 nth_step_run(struct nth_world *w, const struct nth_step *s)
{
        struct mm *mm = s->by_child ? w->child : w->mm;

        switch (s->what) {
        case NTH_NOTHING: return 0;
        case NTH_MAP: return map_step(w, mm, s);
        case NTH_REMAP: return remap_step(w, mm, s);
        case NTH_BRK: return brk_step(w, mm, s);
        case NTH_STORE:
        case NTH_LOAD: return touch_step(w, mm, s);
        case NTH_POKE: return poke_step(w, mm, s);
        case NTH_STACK: return stack_step(w, mm, s);
        case NTH_FORK: return fork_step(w, mm, true);
        case NTH_FORK_AGAIN: return fork_step(w, mm, false);
        case NTH_CHILD_ENDS: return end_step(w);
        case NTH_CREATE: return create_step();
        case NTH_POOL: return pool_step(s->n, s->m);
        case NTH_UFFD_REGISTER:
        case NTH_UFFD_UNREGISTER:
        case NTH_UFFD_FILL:
        case NTH_UFFD_PROTECT:
        case NTH_UFFD_MOVE: return uffd_step(w, s);
        case NTH_FILE_WRITE:
        case NTH_FILE_TRUNCATE:
        case NTH_FILE_PUNCH:
        case NTH_FILE_ALLOCATE: return file_step(w, s);
        default: return change_step(w, mm, s);
        }
}

static void must_run(struct nth_world *w, const struct nth_scenario *row,
                     const struct nth_step *step)
{
        s64 result = nth_step_run(w, step);

        if (result < 0)
                panic("%s: a step before the call gives %ld", row->name, (long)result);
}

void nth_world_build(struct nth_world *w, const struct nth_scenario *row,
                     const struct nth_kind *kind)
{
        *w = (struct nth_world){ .mm = strip(row->strip ? row->strip : "") };
        for (unsigned i = 0; kind && i < ARRAY_SIZE(kind->steps); i++) {
                struct nth_step step = kind->steps[i];

                step.page = row->kind_page;
                step.n = row->kind_n;
                must_run(w, row, &step);
        }
        for (unsigned i = 0; i < NTH_STEPS; i++)
                must_run(w, row, &row->before[i]);
        /* Made here, so that what a file is made of is not among what the call
         * allocates. */
        file_of(w, row->call.file);
}

void nth_world_end(struct nth_world *w)
{
        if (w->uffd)
                uffd_release(w->uffd);
        host_task_signal(park_self(), false);
        if (w->child)
                mm_put(w->child);
        mm_put(w->mm);
        for (unsigned i = 0; i < NTH_FILES; i++)
                if (w->files[i])
                        backing_put(w->files[i]);
        pool_step(0, 0);
}

static void each_of(const struct nth_table *table,
                    void (*fn)(const struct nth_scenario *row, const struct nth_kind *kind))
{
        for (unsigned i = 0; i < table->nr; i++) {
                const struct nth_scenario *row = &table->rows[i];

                if (row->kind_n == 0)
                        fn(row, NULL);
                for (unsigned k = 0; row->kind_n && k < ARRAY_SIZE(kinds); k++)
                        fn(row, &kinds[k]);
        }
}

void nth_each(void (*fn)(const struct nth_scenario *row, const struct nth_kind *kind))
{
        each_of(&nth_remap_table, fn);
        each_of(&nth_map_table, fn);
        each_of(&nth_change_table, fn);
        each_of(&nth_fault_table, fn);
        each_of(&nth_object_table, fn);
        each_of(&nth_uffd_table, fn);
        each_of(&nth_huge_table, fn);
        each_of(&nth_hugetlb_table, fn);
}
