/* SPDX-License-Identifier: MIT */
/* Page tables as text: the form and its meaning are in ptdump.h. */
#include "mm/ptdump.h"

#include "kernel/base/assert.h"
#include "kernel/base/printf.h"
#include "kernel/base/string.h"
#include "mm/pgwalk.h"

/* ------------------------------------------------------------------ the walk */

u64 ptdump_end(void)
{
        return 1UL << (pt_shift(PT_TOP) + 8); /* 256 of the root's 512 entries */
}

static unsigned attributes_of(pte_t entry, enum pt_level level)
{
        unsigned attributes = PTDUMP_PRESENT | PTDUMP_USER;

        if (pte_is_none(entry))
                return 0;
        if (!pte_is_leaf(entry, level))
                return PTDUMP_MARKER;
        if (!pte_user(entry, level))
                return PTDUMP_NOACCESS;
        if (pte_writable(entry, level))
                attributes |= PTDUMP_WRITE;
        if (pte_executable(entry, level))
                attributes |= PTDUMP_EXEC;
        if (pte_nocache(entry, level))
                attributes |= PTDUMP_NOCACHE;
        if (level > PT_PTE)
                attributes |= PTDUMP_LARGE;
        return attributes;
}

/* The entry for `addr` at which a translation ends, and its level. */
static pte_t *final_entry(const struct mm *mm, u64 addr, unsigned *level)
{
        unsigned at = PT_TOP;
        pte_t *ptr = pgwalk_find(mm, addr, PT_TOP);
        pte_t entry = pte_read(ptr);

        while (pte_is_table(entry, at)) {
                at--;
                ptr = &pgtable_of(entry, at)[pt_index(addr, at)];
                entry = pte_read(ptr);
        }
        *level = at;
        return ptr;
}

/*
 * Make the run longer by the entries at its end that look the same, within one table; an empty run
 * gets their look. True: the table has no more of them, or one that points further down, so look
 * again. Under pte_lock.
 */
static bool extend_in_table(const struct mm *mm, struct ptdump_run *run)
{
        unsigned level;
        pte_t *ptr = final_entry(mm, run->end, &level);

        if (run->start == run->end) {
                run->level = level;
                run->attributes = attributes_of(pte_read(ptr), level);
        }
        if (level != run->level)
                return false;
        do {
                pte_t entry = pte_read(ptr++);

                if (pte_is_table(entry, level))
                        return true;
                if (attributes_of(entry, level) != run->attributes)
                        return false;
                run->end = pgwalk_border(run->end, ptdump_end(), level);
        } while (pt_index(run->end, level) != 0 && run->end < ptdump_end());
        return run->end < ptdump_end();
}

bool mm_next_ptdump_run(struct mm *mm, u64 addr, struct ptdump_run *run)
{
        bool more = true;

        ASSERT((addr & ~PAGE_MASK) == 0);
        if (addr >= ptdump_end())
                return false;
        *run = (struct ptdump_run){ .start = addr, .end = addr };
        rwsem_read_lock(&mm->mmap_lock);
        while (more) {
                spin_lock(&mm->pte_lock);
                more = extend_in_table(mm, run);
                spin_unlock(&mm->pte_lock);
        }
        rwsem_read_unlock(&mm->mmap_lock);
        return true;
}

/* ------------------------------------------------------------------ the text */

/* Columns of attributes. Global entries and the cache types of the PAT are never the user half's.
 */
static const struct {
        unsigned attribute;
        const char *with, *without;
} columns[] = {
        { PTDUMP_USER, "USR ", "    " },
        { PTDUMP_WRITE, "RW ", "ro " },
        { PTDUMP_NOCACHE, "PWT ", "    " },
        { PTDUMP_NOCACHE, "PCD ", "    " },
        { PTDUMP_LARGE, "PSE ", "    " },
        { 0, "PAT ", "    " },
        { 0, "GLB ", "    " },
        { PTDUMP_EXEC, "x  ", "NX " },
};

#define COLUMNS_WIDTH 30

static void format_attributes(unsigned attributes, char text[COLUMNS_WIDTH + 1])
{
        size_t at = 0;

        memset(text, ' ', COLUMNS_WIDTH);
        text[COLUMNS_WIDTH] = 0;
        if (!(attributes & PTDUMP_PRESENT))
                return;
        for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
                bool on = attributes & columns[i].attribute;
                const char *word = on ? columns[i].with : columns[i].without;
                size_t len = strlen(word);

                memcpy(text + at, word, len);
                at += len;
        }
        ASSERT(at == COLUMNS_WIDTH);
}

static const char *level_name(unsigned level)
{
        static const char *const names[] = { "pte", "pmd", "pud", "p4d" };

        return level == PT_TOP ? "pgd" : names[level];
}

size_t ptdump_line(const struct ptdump_run *run, char line[PTDUMP_LINE])
{
        static const char units[] = "KMGTPE";
        u64 size = (run->end - run->start) >> 10;
        char attributes[COLUMNS_WIDTH + 1];
        unsigned unit = 0;
        int n;

        for (; size % 1024 == 0 && units[unit + 1]; unit++)
                size /= 1024;
        format_attributes(run->attributes, attributes);
        n = snprintf(line, PTDUMP_LINE, "0x%016llx-0x%016llx   %9llu%c %s%s\n",
                     (unsigned long long)run->start, (unsigned long long)run->end,
                     (unsigned long long)size, units[unit], attributes, level_name(run->level));
        ASSERT(n > 0 && n < PTDUMP_LINE);
        return (size_t)n;
}
