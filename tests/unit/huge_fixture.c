/* SPDX-License-Identifier: MIT */
/* Common parts of tests of huge pages: huge_fixture.h. */
#include "tests/unit/huge_fixture.h"

void map_at(struct mm *mm, u64 addr, u64 len)
{
        struct mmap_request req = {
                .addr = addr,
                .len = len,
                .prot = RW,
                .flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
        };

        ASSERT_EQ(mm_mmap(mm, &root_caller, &req), (s64)addr);
        ASSERT_EQ(mm_madvise(mm, &root_caller, addr, len, MADV_HUGEPAGE), 0);
}

struct mm *huge_mm(u64 pages)
{
        struct mm *mm = strip_empty();

        map_at(mm, BASE, pages * HUGE_SIZE);
        return mm;
}

const char *look(struct mm *mm, u64 addr, unsigned n)
{
        static char text[65];

        for (unsigned i = 0; i < n; i++) {
                u64 at = addr + i * HUGE_SIZE;
                pte_t *pmd = huge_find(mm, at);

                if (pmd)
                        text[i] = pte_special(pte_read(pmd), PT_PMD) ? '0' : 'H';
                else
                        text[i] = pgwalk_find(mm, at, PT_PTE) ? 's' : '.';
        }
        text[n] = 0;
        return text;
}

u64 huge_pages_mapped(void)
{
        struct mm_huge_stats stats;

        mm_huge_stats(&stats);
        return stats.mapped * HUGE_PAGES;
}

u64 stat(struct mm *mm, enum mmstat_item item)
{
        return mmstat_get(mm, item);
}

void write_letters(struct mm *mm, u64 addr, u64 len, char first)
{
        for (u64 at = 0; at < len; at += PAGE_SIZE) {
                char letter = (char)(first + (at >> PAGE_SHIFT) % 23);

                ASSERT_EQ(host_store(mm, &user_caller, addr + at, &letter, 1).signo, 0);
        }
}

void check_rest(struct mm *mm, u64 addr, u64 len, char first, u64 skip)
{
        for (u64 at = 0; at < len; at += PAGE_SIZE)
                ASSERT_EQ(peek_byte(mm, addr + at),
                          (char)(first + ((at + skip) >> PAGE_SHIFT) % 23));
}

void check_letters(struct mm *mm, u64 addr, u64 len, char first)
{
        check_rest(mm, addr, len, first, 0);
}

void exit_mm(struct mm *mm)
{
        strip_validate(mm);
        mm_put(mm);
}
