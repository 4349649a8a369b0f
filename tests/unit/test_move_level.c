/* SPDX-License-Identifier: MIT */
/*
 * The level at which pages move is nobody's business: the same random calls with page tables moved
 * by PTE, by PMD and by PUD entry must give the same results, VMAs, pages, contents and totals.
 * Only the number of page tables and the counters of mmstat may differ.
 */
#include "tests/unit/strip.h"

#include <stdarg.h>
#include <stdlib.h>

#include "kernel/base/abi/madvise.h"
#include "mm/pgwalk.h"

#define GIB   (1UL << 30)
#define MIB2  (2UL << 20)
#define PLAY  (64 * GIB) /* where the calls play: aligned for every level */
#define ROUND 60         /* calls in a life of an address space */

static const u64 lengths[] = { PAGE_SIZE, 3 * PAGE_SIZE, MIB2 - PAGE_SIZE, MIB2,   MIB2 + PAGE_SIZE,
                               3 * MIB2,  GIB,           GIB + MIB2,       2 * GIB };

/* ------------------------------------------------------------------ what must not differ */

/* Numbers instead of pointers: in order of appearance. */
struct numbering {
        const void *seen[256];
        unsigned nr;
};

static unsigned number_of(struct numbering *n, const void *what)
{
        for (unsigned i = 0; i < n->nr; i++)
                if (n->seen[i] == what)
                        return i;
        ASSERT_TRUE(n->nr < ARRAY_SIZE(n->seen));
        n->seen[n->nr] = what;
        return n->nr++;
}

static void print_page(FILE *out, u64 addr, pte_t entry)
{
        pfn_t pfn;

        if (pte_is_marker(entry)) {
                fprintf(out, "%#lx marker %d\n", (long)addr, (int)pte_marker_kind(entry));
                return;
        }
        pfn = pte_pfn(entry, PT_PTE);
        fprintf(out, "%#lx: %#lx w%d d%d y%d s%d map %ld\n", (long)addr,
                *(const long *)pfn_to_virt(pfn), pte_writable(entry, PT_PTE),
                pte_dirty(entry, PT_PTE), pte_young(entry, PT_PTE), pte_special(entry, PT_PTE),
                pte_special(entry, PT_PTE) ? 0 : (long)atomic_get(&pfn_to_page(pfn)->mapcount));
}

static void print_mm(FILE *out, struct mm *mm)
{
        struct pgwalk walk = pgwalk_begin(mm, 0, TASK_SIZE);
        struct numbering anons = { .nr = 0 };
        struct mm_stats s;

        for (struct vma *vma = vma_find(mm, 0); vma; vma = vma_next(vma))
                fprintf(out, "%#lx-%#lx flags %#lx pgoff %#lx anon %u\n", (long)vma->start,
                        (long)vma->end, (long)vma->flags, (long)vma->pgoff,
                        number_of(&anons, vma->anon));
        while (pgwalk_next(&walk))
                print_page(out, walk.addr, walk.entry);
        mm_stats(mm, &s);
        s.pgtable_bytes = 0;
        for (unsigned i = 0; i < sizeof(s) / sizeof(u64); i++)
                fprintf(out, "%lu ", (long)((const u64 *)&s)[i]);
        fprintf(out, "committed %lu\n", (long)mm_committed());
}

/* ------------------------------------------------------------------ the calls */

struct play {
        struct mm *mm;
        u64 random;
        FILE *out;
};

static u64 pick(struct play *p, u64 n)
{
        return test_random_below(&p->random, n);
}

/* An address that has a good chance to be aligned for something. */
static u64 pick_addr(struct play *p)
{
        u64 addr = PLAY + pick(p, 8) * GIB;

        if (pick(p, 3) == 0)
                addr += pick(p, 4) * MIB2;
        if (pick(p, 4) == 0)
                addr += pick(p, 16) * PAGE_SIZE;
        return addr;
}

/* One of the VMAs, or NULL now and then. */
static struct vma *pick_vma(struct play *p)
{
        u64 nr = pick(p, mm_map_count(p->mm) + 1);
        struct vma *vma = vma_find(p->mm, 0);

        while (vma && nr--)
                vma = vma_next(vma);
        return vma;
}

static u64 pick_len(struct play *p)
{
        return lengths[pick(p, ARRAY_SIZE(lengths))];
}

static s64 call_mmap(struct play *p)
{
        struct mmap_request req = {
                .addr = pick_addr(p),
                .len = pick_len(p),
                .prot = PROT_READ | (pick(p, 4) ? PROT_WRITE : 0),
                .flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED,
        };

        return mm_mmap(p->mm, &root_caller, &req);
}

static s64 call_mremap(struct play *p)
{
        u64 from = pick_addr(p), to = pick_addr(p), len = pick_len(p), new_len = len;
        struct vma *vma = pick(p, 3) ? pick_vma(p) : NULL;
        u64 flags = MREMAP_MAYMOVE;

        if (vma) {
                from = vma->start;
                len = new_len = vma->end - vma->start;
        }
        if (pick(p, 4) == 0)
                new_len = pick_len(p);
        if (pick(p, 4))
                flags |= MREMAP_FIXED;
        if (pick(p, 4) == 0)
                flags |= MREMAP_DONTUNMAP;
        if (pick(p, 2)) /* alike within a table, so that tables can move */
                to = (to & ~(GIB - 1)) | (from & (GIB - 1));
        return mm_mremap(p->mm, &root_caller, from, len, new_len, flags, to);
}

static s64 call_madvise(struct play *p)
{
        static const int advices[] = { MADV_DONTNEED, MADV_FREE, MADV_GUARD_INSTALL,
                                       MADV_DONTFORK };
        u64 addr = pick_addr(p) + pick(p, 8) * PAGE_SIZE;

        return mm_madvise(p->mm, &root_caller, addr, (1 + pick(p, 8)) * PAGE_SIZE,
                          advices[pick(p, ARRAY_SIZE(advices))]);
}

/* A few pages here and there, read or written. */
static s64 call_touch(struct play *p)
{
        struct vma *vma = pick_vma(p);
        u64 base = vma ? vma->start : pick_addr(p), sum = 0;

        for (unsigned i = 0; i < 24; i++) {
                u64 addr = base + pick(p, i < 16 ? 1024 : 600000) * PAGE_SIZE, value = addr;
                struct mm_fault f = pick(p, 4) ? host_store(p->mm, &root_caller, addr, &value, 8)
                                               : host_load(p->mm, &root_caller, addr, &value, 8);

                sum = sum * 31 + (u64)f.signo + value;
        }
        return (s64)sum;
}

static s64 call_fork(struct play *p)
{
        int err = 0;
        struct mm *child = mm_fork(p->mm, &root_caller, &err), *parent = p->mm;
        s64 result = 0;

        if (!child)
                return err;
        p->mm = child;
        result = call_mremap(p) + call_touch(p);
        print_mm(p->out, child);
        p->mm = parent;
        strip_validate(child);
        mm_put(child);
        return result;
}

static s64 call_any(struct play *p)
{
        switch (pick(p, 16)) {
        case 0:
        case 1:
        case 2: return call_mmap(p);
        case 3: return mm_munmap(p->mm, &root_caller, pick_addr(p), pick_len(p));
        case 4:
                return mm_mprotect(p->mm, &root_caller, pick_addr(p), pick_len(p),
                                   pick(p, 2) ? PROT_READ : PROT_READ | PROT_WRITE);
        case 5: return call_madvise(p);
        case 6: return pick(p, 4) ? call_touch(p) : call_fork(p);
        case 7:
        case 8:
        case 9:
        case 10: return call_touch(p);
        default: return call_mremap(p);
        }
}

/* One life of an address space; the text of all that could be seen of it. */
static char *live(u64 seed, enum pt_level level, u64 moved[3])
{
        struct play p = { .mm = strip_empty(), .random = seed };
        char *text = NULL;
        size_t size;

        mm_sysctl.move_level = level;
        p.out = open_memstream(&text, &size);
        for (unsigned i = 0; i < ROUND; i++) {
                fprintf(p.out, "call %u: %#lx\n", i, (long)call_any(&p));
                print_mm(p.out, p.mm);
        }
        for (unsigned i = 0; i < 3; i++)
                moved[i] += mmstat_get(p.mm, MMSTAT_MOVED_PTE + i);
        fclose(p.out);
        strip_done(p.mm);
        return text;
}

TEST(level_of_moves_cannot_be_seen)
{
        u64 moved[3][3] = { { 0 } };

        for (u64 seed = 1; seed <= 40; seed++) {
                char *by_pte = live(seed * 7919, PT_PTE, moved[PT_PTE]);
                char *by_pmd = live(seed * 7919, PT_PMD, moved[PT_PMD]);
                char *by_pud = live(seed * 7919, PT_PUD, moved[PT_PUD]);

                ASSERT_TRUE(strcmp(by_pte, by_pmd) == 0);
                ASSERT_TRUE(strcmp(by_pte, by_pud) == 0);
                free(by_pte);
                free(by_pmd);
                free(by_pud);
        }
        /* The test would prove nothing if nothing had moved, or all of it alike. */
        EXPECT_EQ(moved[PT_PTE][PT_PMD] + moved[PT_PTE][PT_PUD] + moved[PT_PMD][PT_PUD], 0);
        EXPECT_LE(moved[PT_PUD][PT_PTE], moved[PT_PMD][PT_PTE]);
        EXPECT_LT(moved[PT_PMD][PT_PTE], moved[PT_PTE][PT_PTE]);
        EXPECT_LT(8, moved[PT_PUD][PT_PUD]);
        EXPECT_LT(20, moved[PT_PMD][PT_PMD]);
}

TEST(aligning_down_is_for_tables)
{
        for (enum pt_level level = PT_PTE; level <= PT_PUD; level++) {
                u64 head = 16 * PAGE_SIZE, addr = PLAY + MIB2 - head, to = PLAY + GIB + MIB2 - head;
                struct mm *mm = strip_empty();
                struct mmap_request req = {
                        .addr = addr,
                        .len = MIB2 + head,
                        .prot = PROT_READ | PROT_WRITE,
                        .flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
                };

                mm_sysctl.move_level = level;
                ASSERT_EQ(mm_mmap(mm, &root_caller, &req), (s64)addr);
                for (u64 at = addr; at < addr + MIB2 + head; at += PAGE_SIZE)
                        ASSERT_EQ(touch(mm, at, true).signo, 0);
                EXPECT_EQ(mm_mremap(mm, &root_caller, addr, MIB2 + head, MIB2 + head,
                                    MREMAP_MAYMOVE | MREMAP_FIXED, to),
                          (s64)to);
                EXPECT_EQ(mmstat_get(mm, MMSTAT_MOVED_PTE), level == PT_PTE ? 528 : 0);
                EXPECT_EQ(mmstat_get(mm, MMSTAT_MOVED_PMD), level == PT_PTE ? 0 : 2);
                strip_done(mm);
        }
}
