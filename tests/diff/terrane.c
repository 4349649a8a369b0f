/* SPDX-License-Identifier: MIT */
/* mm/ on the host machine, as a side of the comparison: terrane.h. */
#include "tests/diff/terrane.h"

#include <stdlib.h>
#include <string.h>

#include "arch/host/host.h"
#include "arch/host/user.h"
#include "kernel/base/abi/madvise.h"
#include "kernel/base/abi/mman.h"
#include "kernel/base/assert.h"
#include "kernel/base/errno.h"
#include "mm/huge.h"
#include "mm/mm_types.h"
#include "mm/object.h"
#include "mm/page.h"
#include "mm/page_scan.h"
#include "mm/pgwalk.h"
#include "mm/slab.h"
#include "mm/vma.h"
#include "tests/diff/terrane_uffd.h"

#define RAM_START (16UL << 20)

#define FORKS_MAX 64

#define TABLE_SPAN (1UL << pt_shift(PT_PMD)) /* bytes that a PTE table maps */

static struct mm *mm;
static struct mm *others[FORKS_MAX]; /* processes that wait */
static unsigned nr_others;
static struct mm_caller who;
static struct backing *files[FILES];

struct mm *terrane_mm(void)
{
        return mm;
}

void terrane_boot(u64 size)
{
        u64 room = (HOST_MAX_PFN << PAGE_SHIFT) - RAM_START;
        struct mem_range ram = { RAM_START, RAM_START + page_align_down(min_u64(size, room)) };

        host_memory_map(ram.start, ram.end);
        page_init(&ram, 1, NULL, 0);
        slab_init();
        mm_init();
}

/* ------------------------------------------------------------------ files */

static void file_release(struct backing *file)
{
        if (file->object)
                object_put(file->object);
        free(file);
}

static struct backing *file_new(u32 flags)
{
        struct backing *file = calloc(1, sizeof(*file));

        CHECK(file);
        refcount_init(&file->ref);
        file->release = file_release;
        file->flags = flags;
        return file;
}

static void memfd_create(unsigned file, u64 size)
{
        struct backing *memfd = file_new(BACKING_SHMEM | BACKING_REGULAR);

        memfd->object = object_create(size, OBJECT_CHARGE_PAGES);
        CHECK(memfd->object);
        files[file] = memfd;
        for (u64 page = 0; page < size / PAGE_SIZE; page++) {
                u8 byte = file_byte(file, page);

                if (byte)
                        CHECK(object_write(memfd->object, page * PAGE_SIZE, &byte, 1) == 1);
        }
}

static void files_create(void)
{
        memfd_create(FILE_SMALL, SMALL_FILE_SIZE);
        memfd_create(FILE_LARGE, LARGE_FILE_SIZE);
        memfd_create(FILE_EMPTY, 0);
        files[FILE_READONLY] = file_new(BACKING_SHMEM | BACKING_REGULAR);
        files[FILE_READONLY]->object = files[FILE_SMALL]->object;
        object_get(files[FILE_SMALL]->object);
        files[FILE_ZERO] = file_new(BACKING_ZERO | BACKING_APART);
        files[FILE_ZERO]->name = "/dev/zero";
}

static u32 name_of(const struct mm_region *region)
{
        const char *name = region->special;

        for (u32 i = 0; i < MEMFDS; i++)
                if (region->backing && region->backing->object == files[i]->object)
                        return NAME_MEMFD + i;
        if (!name)
                return NAME_NONE;
        if (!strcmp(name, "[heap]"))
                return NAME_HEAP;
        if (!strcmp(name, "[stack]"))
                return NAME_STACK;
        if (!strcmp(name, "/dev/zero"))
                return NAME_ZERO;
        return strcmp(name, "/dev/zero (deleted)") ? NAME_OTHER : NAME_SHARED;
}

/* ------------------------------------------------------------------ life */

/* What the comparison needs on Linux, in each process: there already, so that nothing changes it.
 */
static void own_populate(void)
{
        CHECK(mm_madvise(mm, &who, OWN_BASE, OWN_SIZE, 23) == 0);
}

void terrane_start(bool root)
{
        struct mm_layout layout = { .stack_rlimit = STACK_LIMIT };
        struct mm_image image = { .start_code = OWN_BASE,
                                  .end_code = OWN_BASE + PAGE_SIZE,
                                  .start_data = OWN_BASE,
                                  .end_data = OWN_BASE,
                                  .start_brk = HEAP_WINDOW };
        struct mmap_request own = { .addr = OWN_BASE,
                                    .len = OWN_SIZE,
                                    .prot = PROT_READ | PROT_WRITE | PROT_EXEC,
                                    .flags = MAP_SHARED | MAP_FIXED | MAP_ANONYMOUS };

        who = (struct mm_caller){
                .rlimit_as = MM_NO_LIMIT,
                .rlimit_data = MM_NO_LIMIT,
                .rlimit_data_max = MM_NO_LIMIT,
                .rlimit_stack = STACK_LIMIT,
                .rlimit_memlock = MEMLOCK_LIMIT,
                .caps = root ? MM_CAP_IPC_LOCK | MM_CAP_SYS_ADMIN | MM_CAP_SYS_RAWIO : 0,
        };
        mm = mm_create(&layout);
        CHECK(mm);
        mm_set_image(mm, &image);
        CHECK(mm_mmap(mm, &who, &own) == (s64)OWN_BASE);
        own_populate();
        files_create();
}

void terrane_end(void)
{
        mm_put(mm);
        mm = NULL;
        terrane_uffd_end();
        while (nr_others)
                mm_put(others[--nr_others]);
        for (unsigned i = 0; i < FILES; i++)
                backing_put(files[i]);
        CHECK(mm_committed() == 0);
}

void terrane_validate(void)
{
        rwsem_write_lock(&mm->mmap_lock);
        mm_validate(mm);
        rwsem_write_unlock(&mm->mmap_lock);
        host_tlb_verify(&mm->mmu);
        CHECK(mm_validate_system());
}

/* ------------------------------------------------------------------ calls */

static s64 do_mmap(const u64 *a)
{
        struct mmap_request req = { .addr = a[0], .len = a[1], .prot = a[2], .flags = a[3] };

        if (a[5] & ~PAGE_MASK)
                return -EINVAL;
        if (!(a[3] & MAP_ANONYMOUS)) {
                if (a[4] >= FILES)
                        return -EBADF;
                req.offset = a[5];
                req.backing = files[a[4]];
                req.readable = true;
                req.writable = a[4] != FILE_READONLY;
        }
        return mm_mmap(mm, &who, &req);
}

static void do_access(const struct op *op, struct snapshot *s)
{
        u8 byte = (u8)op->a[1];
        struct mm_fault fault;

        if (op->kind == OP_WRITE)
                fault = host_store(mm, &who, op->a[0], &byte, 1);
        else
                fault = host_load(mm, &who, op->a[0], &byte, 1);
        if (fault.signo) {
                s->signo = fault.signo;
                s->code = fault.code;
                s->addr = fault.addr;
        } else if (op->kind == OP_READ) {
                s->result = byte;
        }
}

static s64 do_mincore(const u64 *a, struct snapshot *s)
{
        u8 vec[MINCORE_PAGES] = { 0 };
        u64 done;
        s64 result;

        if (a[0] & ~PAGE_MASK)
                return -EINVAL;
        if (a[0] > TASK_SIZE || a[1] > TASK_SIZE - a[0])
                return -ENOMEM;
        result = mm_mincore(mm, a[0], min_u64(a[1] / PAGE_SIZE, MINCORE_PAGES), vec, &done);
        for (unsigned i = 0; i < MINCORE_PAGES; i++)
                s->vector = fold(s->vector, vec[i]);
        return result;
}

/* All that there is but for the comparison's own; what cannot go, stays. */
static void forsake(struct mm *parent)
{
        (void)mm_munmap(parent, &who, 0, OWN_BASE);
        (void)mm_munmap(parent, &who, OWN_END, WORLD_END - OWN_END);
}

static s64 do_fork(enum fork_kind kind)
{
        int err;
        struct mm *child = mm_fork(mm, &who, &err);

        if (!child)
                return err;
        CHECK(nr_others < FORKS_MAX);
        if (kind == FORK_SIBLING) {
                terrane_uffd_forked();
                others[nr_others++] = child;
                return 0;
        }
        terrane_uffd_forked();
        others[nr_others++] = mm;
        if (kind == FORK_INHERITOR)
                forsake(mm);
        mm = child;
        own_populate();
        return 0;
}

/* ------------------------------------------------------------------ PAGEMAP_SCAN, userfaultfd */

static s64 do_scan(const u64 *a, struct snapshot *s)
{
        struct page_region regions[SCAN_RANGES];
        struct page_scan scan = {
                .at = a[0],
                .end = a[0] + a[1],
                .flags = a[2],
                .max_pages = a[3] ? a[3] : ~0UL,
                .inverted = a[4] & 0xffff,
                .all_of = a[4] >> 16 & 0xffff,
                .any_of = a[4] >> 32 & 0xffff,
                .shown = PM_SCAN_CATEGORIES,
                .regions = regions,
                .nr_max = SCAN_RANGES,
        };
        int err = mm_scan_pages(mm, &scan);

        if (err)
                return err;
        for (unsigned i = 0; i < scan.nr; i++)
                s->vector = fold_region(s->vector, regions[i].start, regions[i].end,
                                        regions[i].categories);
        s->vector = fold(s->vector, scan.stopped ? scan.at : a[0] + a[1]);
        return scan.nr;
}

static s64 do_rlimit(const u64 *a)
{
        if (a[0] == LIMIT_DATA && a[2] > who.rlimit_data_max)
                return -EPERM; /* for want of CAP_SYS_RESOURCE */
        switch (a[0]) {
        case LIMIT_AS: who.rlimit_as = a[1]; break;
        case LIMIT_DATA:
                who.rlimit_data = a[1];
                who.rlimit_data_max = a[2];
                break;
        case LIMIT_STACK: who.rlimit_stack = a[1]; break;
        default: who.rlimit_memlock = a[1]; break;
        }
        return 0;
}

static s64 do_file(const struct op *op)
{
        struct object *object = files[op->a[0] % MEMFDS]->object;
        u8 byte = (u8)op->a[2];

        switch (op->kind) {
        case OP_TRUNCATE: return object_truncate(object, op->a[1]);
        case OP_PUNCH: return object_punch(object, op->a[1], op->a[1] + op->a[2]);
        default: return object_write(object, op->a[1], &byte, 1);
        }
}

static s64 do_lock(const struct op *op)
{
        const u64 *a = op->a;

        switch (op->kind) {
        case OP_MLOCK: return mm_mlock(mm, &who, a[0], a[1], false);
        case OP_MUNLOCK: return mm_munlock(mm, &who, a[0], a[1]);
        case OP_MLOCKALL: return mm_mlockall(mm, &who, (int)a[0]);
        case OP_MUNLOCKALL: return mm_munlockall(mm);
        default: break;
        }
        return a[2] & ~1UL ? -EINVAL : mm_mlock(mm, &who, a[0], a[1], a[2] & 1); /* mlock2 */
}

static s64 do_call(const struct op *op, struct snapshot *s)
{
        const u64 *a = op->a;

        switch (op->kind) {
        case OP_MMAP: return do_mmap(a);
        case OP_MUNMAP: return mm_munmap(mm, &who, a[0], a[1]);
        case OP_MPROTECT: return mm_mprotect(mm, &who, a[0], a[1], a[2]);
        case OP_MREMAP: return mm_mremap(mm, &who, a[0], a[1], a[2], a[3], a[4]);
        case OP_MADVISE: return mm_madvise(mm, &who, a[0], a[1], (int)a[2]);
        case OP_MSEAL: return mm_mseal(mm, a[0], a[1], a[2]);
        case OP_MSYNC: return mm_msync(mm, a[0], a[1], (int)a[2]);
        case OP_MINCORE: return do_mincore(a, s);
        case OP_BRK: return (s64)mm_brk(mm, &who, a[0]);
        case OP_REMAP_FILE_PAGES:
                return mm_remap_file_pages(mm, &who, a[0], a[1], a[2], a[3], a[4]);
        case OP_TRUNCATE:
        case OP_PUNCH:
        case OP_FWRITE: return do_file(op);
        case OP_RLIMIT: return do_rlimit(a);
        case OP_FORK: return do_fork(a[0]);
        case OP_SCAN: return do_scan(a, s);
        default: break;
        }
        return op->kind >= OP_UFFD_OPEN ? terrane_uffd(mm, &who, op) : do_lock(op);
}

/* One of the VMAs in the range has one of the flags. */
static bool any_has(u64 start, u64 len, u64 flags)
{
        for (struct vma *vma = vma_meeting(mm, start, start + len); vma && vma->start < start + len;
             vma = vma_next(vma))
                if (vma->flags & flags)
                        return true;
        return false;
}

static bool moves_protected; /* the call is mremap() of memory that is registered for it */

void terrane_do(const struct op *op, struct snapshot *s)
{
        moves_protected = op->kind == OP_MREMAP && any_has(op->a[0], op->a[1], VM_UFFD_WP);
        *s = (struct snapshot){ .size = sizeof(*s) };
        if (op->kind == OP_READ || op->kind == OP_WRITE)
                do_access(op, s);
        else
                s->result = do_call(op, s);
}

static bool any_has_object(u64 start, u64 len)
{
        for (struct vma *vma = vma_meeting(mm, start, start + len); vma && vma->start < start + len;
             vma = vma_next(vma))
                if (vma_object(vma))
                        return true;
        return false;
}

/*
 * What has moved and was unregistered has taken a neighbour at the target along, whose entries stay
 * protected on Linux.
 */
bool terrane_was_allowed(const struct op *op, const struct snapshot *s)
{
        u64 at = (u64)s->result, end = at + page_align_up(op->a[2]);
        struct vma *vma;

        if (op->kind != OP_MREMAP || !moves_protected || s->result < 0 || at == op->a[0])
                return false;
        vma = vma_at(mm, at);
        return vma && !vma->uffd && (vma->start < at || vma->end > end);
}

bool terrane_is_allowed(const struct op *op)
{
        const u64 *a = op->a;

        if (a[0] + a[1] < a[0])
                return false;
        if (op->kind == OP_MREMAP && (a[3] & MREMAP_DONTUNMAP) && any_has(a[0], a[1], VM_LOCKED))
                return true;
        if (op->kind == OP_MADVISE && a[2] == MADV_COLLAPSE)
                return any_has_object(a[0], a[1]);
        /* Entries stay protected on Linux where the new registration knows nothing of it. */
        if (op->kind == OP_UFFD_REGISTER)
                return !(a[2] & 2) && any_has(a[0], a[1], VM_UFFD_WP);
        return false;
}

/* ------------------------------------------------------------------ the address space */

static void look_at_counters(struct snapshot *s)
{
        struct mm_stats stats;

        mm_stats(mm, &stats);
        s->count[COUNT_PEAK] = stats.hiwater_vm * 4;
        s->count[COUNT_SIZE] = stats.total_vm * 4;
        s->count[COUNT_LOCKED] = stats.locked_vm * 4;
        s->count[COUNT_ANON] = stats.rss_anon * 4;
        s->count[COUNT_FILE] = stats.rss_file * 4;
        s->count[COUNT_SHMEM] = stats.rss_shmem * 4;
        s->count[COUNT_DATA] = stats.data_vm * 4;
        s->count[COUNT_STACK] = stats.stack_vm * 4;
        s->count[COUNT_EXEC] = stats.exec_vm * 4;
        s->count[COUNT_TABLES] = stats.pgtable_bytes / 1024;
}

static u64 named_flags(u64 flags)
{
        for (unsigned bit = 0; bit < 64; bit++)
                if ((flags >> bit & 1) && !vm_flag_letters(bit))
                        flags &= ~(1ULL << bit);
        return flags;
}

static void look_at_vmas(struct snapshot *s, bool flags)
{
        struct mm_region region;

        for (u64 at = 0; mm_next_region(mm, at, &region); at = region.end) {
                struct vma_note *note = region.start == OWN_BASE ? NULL : snapshot_vma(s);

                if (note)
                        *note = (struct vma_note){
                                .start = region.start,
                                .end = region.end,
                                .offset = region.offset,
                                .rights = (region.flags & 7) | (region.flags >> 7 & 1) << 3,
                                .name = name_of(&region),
                                .flags = flags ? named_flags(region.flags) : 0,
                        };
                if (region.backing)
                        backing_put(region.backing);
        }
}

/* The words of a stretch of pages that has entries throughout, all of one level, and what can be
 * read there. */
static void look_at_pages(struct snapshot *s, u64 start, u64 pages)
{
        u32 huge = huge_find(mm, start) ? HUGE_BIT : 0;
        u64 words[64];
        struct vma *vma = NULL;

        for (u64 i = 0; i < pages; i++) {
                u64 addr = start + i * PAGE_SIZE, word;
                const void *page = NULL;

                if (i % 64 == 0)
                        mm_pagemap(mm, addr, min_u64(pages - i, 64), words, true);
                word = words[i % 64];
                if (!vma || addr >= vma->end)
                        vma = vma_at(mm, addr);
                if ((word >> 63) && (vma->flags & (VM_READ | VM_WRITE)))
                        page = pfn_to_virt(word & ((1UL << 55) - 1));
                snapshot_page(s, addr, (u32)(word >> 55) | huge, page, page);
        }
}

/* A stretch of pages with entries of one level, as it grows. */
struct stretch {
        u64 from, to, span;
};

static void stretch_add(struct snapshot *s, struct stretch *stretch, u64 addr, u64 span)
{
        if (addr != stretch->to || span != stretch->span) {
                look_at_pages(s, stretch->from, (stretch->to - stretch->from) / PAGE_SIZE);
                stretch->from = addr;
                stretch->span = span;
        }
        stretch->to = addr + span;
}

/* The huge entry, or the entries of one table, which counts them: as soon as all are found, the
 * rest is empty. */
static void look_in_table(struct snapshot *s, struct stretch *stretch, u64 base)
{
        const pte_t *table = pgwalk_find(mm, base, PT_PTE);
        unsigned left = table ? virt_to_page(table)->nr_used : 0;

        if (huge_find(mm, base))
                stretch_add(s, stretch, base, TABLE_SPAN);
        for (unsigned i = 0; left; i++) {
                u64 addr = base + i * PAGE_SIZE;

                if (pte_is_none(pte_read(&table[i])))
                        continue;
                left--;
                if (addr < OWN_BASE || addr >= OWN_END)
                        stretch_add(s, stretch, addr, PAGE_SIZE);
        }
}

/* Where the next PTE table may be; large empty stretches are passed over. */
static u64 next_table(u64 at)
{
        unsigned level = PT_PMD;

        while (level < PT_TOP && !pgwalk_find(mm, at, level))
                level++;
        return pgwalk_border(at, TASK_SIZE, level);
}

/* Every table serves some VMA. */
static void look_in_tables(struct snapshot *s)
{
        struct stretch stretch = { 0 };
        u64 next = 0;

        for (struct vma *vma = vma_find(mm, 0); vma; vma = vma_next(vma)) {
                u64 at = max_u64(next, vma->start & ~(TABLE_SPAN - 1));

                while (at < vma->end) {
                        look_in_table(s, &stretch, at);
                        at = next_table(at);
                }
                next = at;
        }
        look_at_pages(s, stretch.from, (stretch.to - stretch.from) / PAGE_SIZE);
}

void terrane_look(struct snapshot *s, bool flags)
{
        look_at_counters(s);
        look_at_vmas(s, flags);
        look_in_tables(s);
}
