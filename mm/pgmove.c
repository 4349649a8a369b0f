/* SPDX-License-Identifier: MIT */
/* Moving page-table entries. pgmove.h says how and why. */
#include "mm/pgmove.h"

#include "kernel/base/assert.h"
#include "mm/flush.h"
#include "mm/huge.h"
#include "mm/soft_dirty.h"
#include "mm/uffd.h"

/* The highest level whose entries can be moved. */
#define MOVE_TOP PT_PUD

#define TABLE_SPAN (1UL << 21) /* what a PTE table maps */
#define LEVELS_MAX 5

static u64 span_of(unsigned level)
{
        return 1UL << pt_shift(level);
}

/* ------------------------------------------------------------------ extents */

/*
 * One stretch of the range that is treated alike: entries of one level that lie side by side, in
 * one table at the source and in one at the destination.
 */
struct extent {
        u64 offset, len; /* bytes from the start of the move */
        unsigned level;  /* entries of this level move */
        bool empty;      /* there is nothing at the source */
        pte_t *src;      /* the first of the entries; NULL: it is to be found below a huge one */
};

/* The bytes from `addr` to the next border of `level`, `left` at most. */
static u64 to_border(u64 addr, u64 left, unsigned level)
{
        return min_u64(left, span_of(level) - (addr & (span_of(level) - 1)));
}

/* The bytes whose entries of `level` lie in one table at either side. */
static u64 in_one_table(u64 from, u64 to, u64 left, unsigned level)
{
        return min_u64(to_border(from, left, level + 1), to_border(to, left, level + 1));
}

/*
 * From here on so many bytes move by entries of `level`, which are found at `ptr`: 0 if the first
 * of them cannot move as a whole. A huge page always may, whatever the limit.
 */
static u64 whole_entries(const struct pgmove *m, u64 from, u64 to, u64 left, unsigned level,
                         const pte_t *ptr)
{
        u64 span = span_of(level);

        if (((from | to) & (span - 1)) != 0 || left < span)
                return 0;
        if (level <= m->top)
                return in_one_table(from, to, left, level) & ~(span - 1);
        return level == PT_PMD && pte_is_leaf(pte_read(ptr), level) ? span : 0;
}

/* The table of `level` for `addr` is the one that serves the first page of the destination. */
static bool is_first_table(const struct pgmove *m, u64 addr, unsigned level)
{
        return (addr ^ (m->to - m->lead)) >> pt_shift(level + 1) == 0;
}

/*
 * The entry of `level` at the source, `ptr`, leads nowhere. `linked`: a bit for each level of which
 * the plan has a table linked for the first page of the destination. It may be the one that the end
 * of the source lacks; no other can be, for the source ends before the destination begins.
 *
 *      PTE tables     |        A       |        -       |        -       |
 *      source                     |--------|
 *      destination                             |--------|
 *
 * From A entries move into a table that is new, and then the source has one there, too: empty, but
 * the destination's second half gets one for it, as on Linux.
 */
static bool leads_nowhere(const struct pgmove *m, u64 addr, unsigned level, const pte_t *ptr,
                          unsigned linked)
{
        if (ptr && !pte_is_none(pte_read(ptr)))
                return false;
        return !(linked >> (level - 1) & 1) || !is_first_table(m, addr, level - 1);
}

/* The entry for `addr` in the table that `ptr`, an entry of `level`, points to; NULL without one.
 */
static pte_t *entry_below(const pte_t *ptr, u64 addr, unsigned level)
{
        if (!ptr || !pte_is_table(pte_read(ptr), level))
                return NULL;
        return &pgtable_of(pte_read(ptr), level - 1)[pt_index(addr, level - 1)];
}

/*
 * The extent that begins at `offset`. From the top: where the source has nothing at a level, all up
 * to the next border of that level is empty; where the level fits, its entries move, as many as one
 * table holds; else look below. PTEs move up to the next border of a table on either side, and so
 * far may one be missing. `linked` as above: tables that are planned count as there.
 */
static struct extent next_extent(const struct pgmove *m, u64 offset, unsigned linked)
{
        u64 from = m->from - m->lead + offset, to = m->to - m->lead + offset;
        u64 left = m->len + m->lead - offset;
        pte_t *ptr = pgwalk_find(m->mm, from, MOVE_TOP);
        struct extent e = { .offset = offset };

        for (unsigned level = MOVE_TOP; level > PT_PTE; level--) {
                e.level = level;
                e.empty = leads_nowhere(m, from, level, ptr, linked);
                if (e.empty) {
                        e.len = level == PT_PMD ? in_one_table(from, to, left, PT_PTE)
                                                : to_border(from, left, level);
                        return e;
                }
                e.len = whole_entries(m, from, to, left, level, ptr);
                e.src = ptr;
                if (e.len)
                        return e;
                ptr = entry_below(ptr, from, level);
        }
        e.level = PT_PTE;
        e.len = in_one_table(from, to, left, PT_PTE);
        e.src = ptr;
        return e;
}

/* ------------------------------------------------------------------ plan */

/* All of [start, end) will be unmapped. */
static bool is_gone(const struct pgmove *m, u64 start, u64 end)
{
        for (unsigned i = 0; i < ARRAY_SIZE(m->gone); i++) {
                const struct address_range *gone = &m->gone[i];

                if (gone->start <= start && start < gone->end)
                        return end <= gone->end || is_gone(m, gone->end, end);
        }
        return false;
}

/* The part of `vma` in [start, end) is not empty, and not all of it will be unmapped. */
static bool is_left(const struct pgmove *m, const struct vma *vma, u64 start, u64 end)
{
        u64 from, to;

        if (!vma)
                return false;
        from = max_u64(vma->start, start);
        to = min_u64(vma->end, end);
        return from < to && !is_gone(m, from, to);
}

/* Will a VMA be mapped in [start, end) when commit comes, the destination aside? */
static bool is_inhabited(const struct pgmove *m, u64 start, u64 end)
{
        for (struct vma *vma = vma_meeting(m->mm, start, end); vma && vma->start < end;
             vma = vma_next(vma)) {
                if (is_left(m, vma, start, end))
                        return true;
        }
        return false;
}

/* Bytes that can be taken along before the start, 0 if the first table cannot move whole. */
static u64 find_lead(const struct pgmove *m)
{
        u64 lead = m->from & (TABLE_SPAN - 1);

        if (m->top == PT_PTE || lead == 0 || lead != (m->to & (TABLE_SPAN - 1)) ||
            m->len < TABLE_SPAN - lead)
                return 0;
        if (is_inhabited(m, m->from - lead, m->from) || is_inhabited(m, m->to - lead, m->to))
                return 0;
        /* The destination itself may lie just before the source. */
        if (m->to + m->to_len > m->from - lead && m->to < m->from)
                return 0;
        return lead;
}

/*
 * As is_inhabited(), for a range about `addr`, where the VMAs next to `addr` are asked first: they
 * have been looked up already, those at the border of a large range have not.
 */
static bool has_company(const struct pgmove *m, u64 addr, u64 start, u64 end)
{
        return is_left(m, vma_below(m->mm, addr), start, end) ||
               is_left(m, vma_find(m->mm, addr), start, end) || is_inhabited(m, start, end);
}

/* The table of `level` that serves `addr` exists and will not be freed with what is gone. */
static bool table_stays(const struct pgmove *m, u64 addr, unsigned level)
{
        u64 span = span_of(level + 1), base = addr & ~(span - 1);
        pte_t *ptr = pgwalk_find(m->mm, addr, level + 1);

        return ptr && pte_is_table(pte_read(ptr), level + 1) &&
               has_company(m, addr, base, base + span);
}

/*
 * The lowest level of which the destination gets a table, PT_TOP for none: as on Linux, where that
 * can be seen (VmPTE), it is the lowest of which the source has one, entries or not.
 */
static unsigned lowest_table(const struct extent *e)
{
        if (!e->empty)
                return e->level;
        return e->level < MOVE_TOP ? e->level + 1 : PT_TOP;
}

/*
 * Tables missing at the destination: for each extent those from the root down to the one that takes
 * the entries. Destinations ascend, so a table is new if its number differs from the last one's.
 */
void pgmove_plan(struct pgmove *m)
{
        u64 last[LEVELS_MAX] = { 0 }; /* by level: number of the last table, plus 1 */
        unsigned linked = 0;          /* by level, a bit: next_extent() */
        struct extent e;

        m->tables = 0;
        m->top = m->unprotects ? PT_PTE : (unsigned)min_u64(mm_sysctl.move_level, MOVE_TOP);
        m->lead = find_lead(m);
        for (u64 offset = 0; offset < m->len + m->lead; offset += e.len) {
                u64 to = m->to - m->lead + offset;

                e = next_extent(m, offset, linked);
                for (unsigned level = lowest_table(&e); level < PT_TOP; level++) {
                        u64 number = (to >> pt_shift(level + 1)) + 1;

                        if (last[level] != number) {
                                if (table_stays(m, to, level))
                                        break; /* and so do those above it */
                                m->tables++;
                        }
                        last[level] = number;
                        linked |= (unsigned)is_first_table(m, to, level) << level;
                }
        }
}

/* ------------------------------------------------------------------ commit */

/* So many entries move before the locks are dropped for others to have a turn. */
#define MOVE_AT_ONCE 4096

/*
 * PTEs that change on their way, because of userfaultfd's protection or because they count as
 * written now, one by one. How many there were.
 */
static unsigned change_ptes(const struct pgmove *m, u64 from, pte_t *src, pte_t *dst, u64 n)
{
        const struct vma *vma = m->unprotects ? vma_at(m->mm, from) : NULL;
        unsigned moved = 0;

        for (u64 i = 0; i < n; i++) {
                pte_t entry = pgtable_clear(&src[i], PT_PTE);

                CHECK(pte_is_none(pte_read(&dst[i])));
                if (pte_is_none(entry))
                        continue;
                moved++;
                if (m->unprotects)
                        entry = uffd_unprotected(vma, entry);
                if (!pte_is_none(entry))
                        pgtable_set(&dst[i], soft_dirty_moved(entry, PT_PTE), PT_PTE);
        }
        return moved;
}

/* A huge entry, with the table in store for it. */
static void move_huge(const struct pgmove *m, pte_t *src, pte_t *dst)
{
        pte_t entry = pgtable_clear(src, PT_PMD);

        CHECK(pte_is_none(pte_read(dst)));
        if (m->unprotects)
                entry = pte_clear_uffd_wp(entry, PT_PMD);
        pgtable_set(dst, m->hugetlb ? entry : soft_dirty_moved(entry, PT_PMD), PT_PMD);
        if (!m->hugetlb)
                pgtable_deposit(dst, pgtable_withdraw(src));
        mmstat_add(m->mm, MMSTAT_MOVED_HUGE, 1);
}

static unsigned move_tables(const struct pgmove *m, pte_t *src, pte_t *dst, u64 n)
{
        unsigned moved = pgtable_move(src, dst, n, PT_PMD);

        mmstat_add(m->mm, MMSTAT_MOVED_PMD, moved);
        return moved;
}

/*
 * Entries of PMD level: tables, and huge pages between them. Those at the destination are none: all
 * that they could map lies in the destination, where nothing was mapped, and a table that serves no
 * VMA is freed.
 */
static unsigned move_pmds(const struct pgmove *m, pte_t *src, pte_t *dst, u64 n)
{
        unsigned moved = 0;

        if (!m->hugetlb && !pgtable_has_deposit(src))
                return move_tables(m, src, dst, n); /* no huge page lies in this GiB */
        for (u64 i = 0, end; i < n; i = end) {
                end = i;
                while (end < n && !pte_is_leaf(pte_read(&src[end]), PT_PMD))
                        end++;
                moved += move_tables(m, &src[i], &dst[i], end - i);
                for (; end < n && pte_is_leaf(pte_read(&src[end]), PT_PMD); end++, moved++)
                        move_huge(m, &src[end], &dst[end]);
        }
        return moved;
}

/* The PTEs at `from`, where a huge page is that the range ends in, or that goes elsewhere in its 2
 * MiB. */
static pte_t *split_for_ptes(const struct pgmove *m, u64 from)
{
        huge_split(m->mm, from, pgwalk_find(m->mm, from, PT_PMD));
        return pgwalk_find(m->mm, from, PT_PTE);
}

/* The entries of one extent, to those at `dst`. How many there were. */
static unsigned move_entries(const struct pgmove *m, const struct extent *e, pte_t *dst)
{
        u64 from = m->from - m->lead + e->offset, n = e->len >> pt_shift(e->level);
        pte_t *src = e->src ? e->src : split_for_ptes(m, from);
        unsigned moved;

        if (e->level == PT_PMD)
                return move_pmds(m, src, dst, n);
        if (e->level == PT_PTE && (m->unprotects || mm_sysctl.soft_dirty))
                moved = change_ptes(m, from, src, dst, n);
        else
                moved = pgtable_move(src, dst, n, e->level);
        mmstat_add(m->mm, MMSTAT_MOVED_PTE + e->level, moved);
        return moved;
}

/* What has been moved since the locks were taken. */
struct turn {
        u64 start, end; /* of the old addresses, empty: the same */
        unsigned moved; /* entries */
        bool tables;    /* entries of upper tables among them */
};

/* Tables that are missing at the destination come from the kit, those for nothing, too. */
static void move_extent(const struct pgmove *m, const struct extent *e, struct pgtable_kit *kit,
                        struct turn *t)
{
        u64 from = m->from - m->lead + e->offset, to = m->to - m->lead + e->offset;
        pte_t *dst = pgwalk_complete(m->mm, to, lowest_table(e), kit);
        unsigned moved = e->empty ? 0 : move_entries(m, e, dst);

        if (moved == 0)
                return;
        t->start = t->moved ? t->start : from;
        t->end = from + e->len;
        t->moved += moved;
        t->tables |= e->level > PT_PTE;
}

/* Move some extents from `offset` on, flush, and return the offset to go on from. */
static u64 move_some(const struct pgmove *m, u64 offset, struct pgtable_kit *kit)
{
        struct turn turn = { 0 };
        struct mm *mm = m->mm;

        spin_lock(&mm->table_lock);
        spin_lock(&mm->pte_lock);
        while (offset < m->len + m->lead && turn.moved < MOVE_AT_ONCE) {
                struct extent e = next_extent(m, offset, 0);

                move_extent(m, &e, kit, &turn);
                offset += e.len;
        }
        if (turn.moved)
                flush_range(mm, turn.start, turn.end, turn.tables);
        spin_unlock(&mm->pte_lock);
        spin_unlock(&mm->table_lock);
        return offset;
}

void pgmove_commit(const struct pgmove *m, struct pgtable_kit *kit)
{
        u64 offset = 0;

        ASSERT(rwsem_is_writer(&m->mm->mmap_lock));
        while (offset < m->len + m->lead)
                offset = move_some(m, offset, kit);
}
