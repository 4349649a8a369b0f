/* SPDX-License-Identifier: MIT */
/*
 * Physical memory of the host machine: one reserved stretch of address space in which frame n has
 * its place, so that the direct map is an addition, as on x86-64. What is not RAM has no access
 * rights: touching it ends the test.
 */
#include <sys/mman.h>

#include "arch/cpu.h"
#include "arch/host/host.h"
#include "kernel/base/assert.h"
#include "kernel/base/string.h"

#define ARENA_SIZE  (HOST_MAX_PFN << PAGE_SHIFT)
#define ARENA_ALIGN (1UL << 30)

enum pt_level host_pt_top = PT_P4D;

static char *arena;

/* The arena begins at a multiple of 1 GiB, so that the alignment of a frame is its address's. */
static void arena_reserve(void)
{
        char *p = mmap(NULL, ARENA_SIZE + ARENA_ALIGN, PROT_NONE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

        CHECK(p != MAP_FAILED);
        arena = (char *)(((u64)p + ARENA_ALIGN - 1) & ~(ARENA_ALIGN - 1));
}

void host_memory_map(paddr start, paddr end)
{
        if (!arena)
                arena_reserve();
        CHECK(start <= end && end <= ARENA_SIZE);
        start = page_align_down(start);
        end = page_align_up(end);
        CHECK(mprotect(arena + start, end - start, PROT_READ | PROT_WRITE) == 0);
}

void host_memory_soil(paddr start, paddr end, u8 pattern)
{
        memset(arena + start, pattern, end - start);
}

void host_set_levels(unsigned levels)
{
        CHECK(levels == 4 || levels == 5);
        host_pt_top = levels == 4 ? PT_P4D : PT_PGD;
}

void *pfn_to_virt(pfn_t pfn)
{
        CHECK(arena && pfn < HOST_MAX_PFN);
        return arena + (pfn << PAGE_SHIFT);
}

pfn_t virt_to_pfn(const void *virt)
{
        u64 offset = (const char *)virt - arena;

        CHECK(arena && offset < ARENA_SIZE);
        return offset >> PAGE_SHIFT;
}

/* There is nothing outside RAM on this machine. */
void frame_copy(void *dst, pfn_t frame)
{
        memcpy(dst, pfn_to_virt(frame), PAGE_SIZE);
}

void page_fill(void *page, u64 word)
{
        CHECK(((u64)page & ~PAGE_MASK) == 0);
        host_tlb_check_unused(virt_to_pfn(page));
        for (u64 *at = page; at < (u64 *)page + PAGE_SIZE / sizeof(u64); at++)
                *at = word;
}

void page_clear(void *page)
{
        page_fill(page, 0);
}

void page_copy(void *dst, const void *src)
{
        CHECK((((u64)dst | (u64)src) & ~PAGE_MASK) == 0);
        host_tlb_check_unused(virt_to_pfn(dst));
        memcpy(dst, src, PAGE_SIZE);
}
