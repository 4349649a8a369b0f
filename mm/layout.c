/* SPDX-License-Identifier: MIT */
/* The layout of an address space and the choice of addresses. layout.h has the picture. */
#include "mm/layout.h"

#include "kernel/base/errno.h"

#define GAP_MIN     (128UL << 20)
#define GAP_MAX     (TASK_SIZE / 6 * 5)
#define LEGACY_BASE ((TASK_SIZE / 3 + PAGE_SIZE - 1) & PAGE_MASK)
#define PIE_BASE    0x555555554000UL
#define LOW_START   0x40000000UL
#define LOW_END     0x80000000UL

/* Randomness of stacks in pages, as many bits as Linux uses on x86-64. */
#define STACK_RANDOM_BITS 22

/* The n-th random number below 2^bits, in bytes of whole pages; 0 if the seed is 0. */
static u64 random_pages(u64 seed, unsigned n, unsigned bits)
{
        u64 x = seed + n * 0x9e3779b97f4a7c15ULL;

        if (seed == 0)
                return 0;
        x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
        x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
        x ^= x >> 31;
        return (x & ((1UL << bits) - 1)) << PAGE_SHIFT;
}

void layout_init(struct mm *mm, const struct mm_layout *layout)
{
        unsigned bits = (unsigned)mm_sysctl.mmap_rnd_bits;
        u64 gap = STACK_GUARD_GAP, mmap_shift = random_pages(layout->seed, 1, bits);

        if (layout->seed)
                gap += 1UL << (STACK_RANDOM_BITS + PAGE_SHIFT);
        /* An unlimited stack would overflow the sum: it gets the largest gap. */
        if (layout->stack_rlimit <= GAP_MAX)
                gap = max_u64(GAP_MIN, min_u64(gap + layout->stack_rlimit, GAP_MAX));
        else
                gap = GAP_MAX;

        mm->topdown = !layout->legacy;
        mm->mmap_base = page_align_up(TASK_SIZE - gap - mmap_shift);
        mm->mmap_bottom = LEGACY_BASE + (layout->legacy ? mmap_shift : 0);
        mm->stack_top = TASK_SIZE - random_pages(layout->seed, 2, STACK_RANDOM_BITS);
        mm->pie_base = PIE_BASE + random_pages(layout->seed, 3, bits);
}

/* ------------------------------------------------------------------ search */

static bool is_free(const struct mm *mm, u64 addr, u64 len)
{
        struct vma *vma = vma_find(mm, addr);

        return !vma || addr + len <= vma_start_gap(vma);
}

/* The plain search, without wishes. */
static s64 search(struct mm *mm, u64 len, bool map_32bit)
{
        u64 at;

        if (map_32bit)
                return vmtree_gap_lowest(&mm->tree, LOW_START, LOW_END, len, &at) ? (s64)at
                                                                                  : -ENOMEM;
        if (mm->topdown &&
            vmtree_gap_highest(&mm->tree, layout_min_addr(), mm->mmap_base, len, &at))
                return (s64)at;
        if (vmtree_gap_lowest(&mm->tree, mm->mmap_bottom, TASK_SIZE, len, &at))
                return (s64)at;
        return -ENOMEM;
}

/* Could a huge page be in it? Of a file, one that lies in the file as it does in memory. */
static bool fits_huge(const struct place *place)
{
        u64 first = huge_align_up(place->offset);
        u64 end = place->offset + place->len;

        if (place->thp)
                return place->len % HUGE_SIZE == 0;
        return place->thp_file && end > first && end - first >= HUGE_SIZE;
}

static bool hint_serves(const struct mm *mm, const struct place *place, u64 len)
{
        u64 limit = place->map_32bit ? LOW_END : TASK_SIZE;

        return place->hint <= limit && len <= limit - place->hint && is_free(mm, place->hint, len);
}

/* A search for 2 MiB more than needed, so that an aligned start lies in what it finds. */
static s64 search_aligned(struct mm *mm, const struct place *place)
{
        s64 at = search(mm, place->len + HUGE_SIZE, place->map_32bit);
        u64 up;

        if (at < 0)
                return at;
        up = (place->offset - (u64)at) & (HUGE_SIZE - 1);
        if (up == 0 && mm->topdown)
                up = HUGE_SIZE;
        return at + (s64)up;
}

/* With as much more as aligning it may cost. The highest aligned address in the highest gap, or the
 * lowest in the lowest, is the first above what is found. */
static s64 find_hugetlb(struct mm *mm, const struct place *place)
{
        s64 at = search(mm, place->len + HUGE_SIZE - PAGE_SIZE, place->map_32bit);

        return at < 0 ? at : (s64)huge_align_up((u64)at);
}

s64 layout_find(struct mm *mm, const struct place *place)
{
        bool aligns = fits_huge(place) && (place->thp_file || place->hint == 0);
        s64 at;

        if (place->len > TASK_SIZE)
                return -ENOMEM;
        /* Linux takes the hint only if all that it would search for fits there. */
        if (place->hint && hint_serves(mm, place, place->len + (aligns ? HUGE_SIZE : 0)))
                return (s64)place->hint;
        if (place->hugetlb)
                return find_hugetlb(mm, place);
        if (aligns) {
                at = search_aligned(mm, place);
                if (at >= 0)
                        return at;
                if (place->hint && hint_serves(mm, place, place->len))
                        return (s64)place->hint;
        }
        return search(mm, place->len, place->map_32bit);
}

int layout_check_low(const struct mm_caller *who, u64 addr)
{
        if (addr < mm_sysctl.mmap_min_addr && !(who->caps & MM_CAP_SYS_RAWIO))
                return -EPERM;
        return 0;
}

int layout_check_fixed(const struct mm_caller *who, u64 addr, u64 len)
{
        if (len > TASK_SIZE || addr > TASK_SIZE - len)
                return -ENOMEM;
        if (addr & ~PAGE_MASK)
                return -EINVAL;
        return layout_check_low(who, addr);
}
