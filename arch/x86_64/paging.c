/* SPDX-License-Identifier: MIT */
/*
 * The kernel half of every address space (layout.h shows it), built once at boot, and the address
 * spaces that share it.
 *
 * All top-level entries of the kernel half exist before the first address space does, and never
 * change after, so mmu_init() copies them and nothing has to be kept in step. Below the top only
 * the tables of kernel stacks come and go (context.c).
 *
 * Kernel memory is writable or executable, never both, and what is text or read-only has no
 * writable alias in the direct map; paging_check() walks everything and panics if that is not so.
 * Tables come from memory behind the image and the modules, taken from the front (boot_take()).
 */
#include "arch/cpu.h"
#include "arch/port.h"
#include "arch/x86_64/layout.h"
#include "arch/x86_64/local.h"
#include "arch/x86_64/x86.h"
#include "kernel/base/assert.h"
#include "kernel/base/log.h"
#include "kernel/base/string.h"

#define BOOT_MAP_END 0x100000000UL /* boot.S maps this much */

#define KERNEL_TABLE (X86_PTE_P | X86_PTE_W | X86_PTE_A)
#define KERNEL_LEAF  (X86_PTE_P | X86_PTE_A | X86_PTE_D | X86_PTE_G)

static paddr kernel_root;
static paddr boot_next, boot_limit;               /* what is left for tables */
static u64 device_next = DEVICE_AREA + PAGE_SIZE; /* behind the window of frame_copy() */

/* ---- memory for tables */

static paddr end_of_reserved_at(paddr start, paddr end)
{
        for (unsigned i = 0; i < boot_info.nr_reserved; i++) {
                const struct mem_range *r = &boot_info.reserved[i];

                if (r->start < end && r->end > start)
                        return page_align_up(r->end);
        }
        return 0;
}

/* Find `size` bytes of free RAM that the boot tables map. */
static void boot_find(u64 size)
{
        for (unsigned i = 0; i < boot_info.nr_ranges; i++) {
                paddr start = page_align_up(boot_info.ranges[i].start);
                paddr end = min_u64(boot_info.ranges[i].end, BOOT_MAP_END);
                paddr skip;

                while (start + size <= end && (skip = end_of_reserved_at(start, start + size)))
                        start = skip;
                if (start + size <= end) {
                        boot_next = start;
                        boot_limit = start + size;
                        return;
                }
        }
        panic("no room below 4 GiB for %lu KiB of page tables", size / 1024);
}

static paddr boot_take(void)
{
        paddr page = boot_next;

        if (page + PAGE_SIZE > boot_limit)
                panic("the estimate of boot page tables was too low");
        boot_next += PAGE_SIZE;
        memset(phys_to_virt(page), 0, PAGE_SIZE);
        return page;
}

/* Bytes of page tables, from above: each range may need two PTE tables, PMD tables and a PUD. */
static u64 tables_estimate(void)
{
        u64 pages = 32;

        for (unsigned i = 0; i < boot_info.nr_ranges; i++) {
                u64 size = boot_info.ranges[i].end - boot_info.ranges[i].start;

                pages += 8 + (cpu_features.huge_pages ? 0 : (size >> 30) + 1);
        }
        return pages * PAGE_SIZE;
}

/* ---- building */

static u64 *table_of(paddr p)
{
        return phys_to_virt(p);
}

/* The entry for `va` in its table of `level`, with the tables above it made. */
static u64 *entry_make(u64 va, enum pt_level level)
{
        paddr table = kernel_root;

        for (enum pt_level l = PT_TOP; l > level; l--) {
                u64 *entry = table_of(table) + pt_index(va, l);

                if (!*entry)
                        *entry = boot_take() | KERNEL_TABLE;
                CHECK(!(*entry & X86_PTE_PS));
                table = *entry & X86_PTE_FRAME;
        }
        return table_of(table) + pt_index(va, level);
}

static enum pt_level level_that_fits(u64 va, paddr pa, u64 len)
{
        enum pt_level level = cpu_features.huge_pages ? PT_PUD : PT_PMD;

        for (; level > PT_PTE; level--) {
                u64 size = 1UL << pt_shift(level);

                if (((va | pa) & (size - 1)) == 0 && len >= size)
                        break;
        }
        return level;
}

/* Map [va, va + len) with the largest leaves that fit. `bits` are entry bits beyond KERNEL_LEAF. */
static void map_range(u64 va, paddr pa, u64 len, u64 bits)
{
        while (len) {
                enum pt_level level = level_that_fits(va, pa, len);
                u64 size = 1UL << pt_shift(level);
                u64 *entry = entry_make(va, level);

                CHECK(!*entry);
                *entry = pa | KERNEL_LEAF | bits | (level == PT_PTE ? 0 : X86_PTE_PS);
                va += size;
                pa += size;
                len -= size;
        }
}

/* The image at its linked address; the guard pages of its stacks stay unmapped. */
static void map_image_part(const char *start, const char *end, u64 bits)
{
        for (const char *p = start; p < end; p += PAGE_SIZE)
                if (!stack_guard_name((u64)p))
                        map_range((u64)p, image_to_phys(p), PAGE_SIZE, bits);
}

static void map_image(void)
{
        map_image_part(image_start, text_end, 0);
        map_image_part(text_end, rodata_end, X86_PTE_NX);
        map_image_part(rodata_end, data_end, X86_PTE_NX | X86_PTE_W);
        map_image_part(data_end, symbols_end, X86_PTE_NX);
        map_image_part(symbols_end, image_end, X86_PTE_NX | X86_PTE_W);
}

static void map_direct(paddr start, paddr end, u64 bits)
{
        if (start < end)
                map_range(start + DIRECT_MAP, start, end - start, bits | X86_PTE_NX);
}

/* One range of RAM; where it holds the image, its read-only parts are read-only here too. */
static void map_ram(paddr start, paddr end)
{
        paddr text = image_to_phys(image_start), data = image_to_phys(rodata_end);
        paddr symbols = image_to_phys(data_end), bss = image_to_phys(symbols_end);

        if (end <= text || start >= bss) {
                map_direct(start, end, X86_PTE_W);
                return;
        }
        map_direct(start, text, X86_PTE_W);
        map_direct(max_u64(start, text), min_u64(end, data), 0);
        map_direct(max_u64(start, data), min_u64(end, symbols), X86_PTE_W);
        map_direct(max_u64(start, symbols), min_u64(end, bss), 0);
        map_direct(bss, end, X86_PTE_W);
}

void paging_init(void)
{
        boot_find(tables_estimate());
        boot_limit = min_u64(boot_limit, BOOT_MAP_END);
        paddr first = boot_next;

        kernel_root = boot_take();
        map_image();
        for (unsigned i = 0; i < boot_info.nr_ranges; i++)
                map_ram(page_align_up(boot_info.ranges[i].start),
                        page_align_down(boot_info.ranges[i].end));
        entry_make(KSTACK_AREA, PT_PMD);
        entry_make(DEVICE_AREA, PT_PTE);
        cr3_write(kernel_root);
        boot_reserve(first, boot_next);
        paging_check();
}

/* ---- looking */

u64 paging_lookup(u64 va, unsigned *shift)
{
        paddr table = cr3_read() & X86_PTE_FRAME;

        for (enum pt_level level = PT_TOP;; level--) {
                u64 entry = table_of(table)[pt_index(va, level)];

                *shift = pt_shift(level);
                if (level == PT_PTE || !(entry & X86_PTE_P) || (entry & X86_PTE_PS))
                        return entry;
                table = entry & X86_PTE_FRAME;
        }
}

struct leaf_counts {
        u64 leaves[PT_TOP + 1];
};

static void leaf_check(u64 va, u64 entry, enum pt_level level)
{
        paddr start = entry & X86_PTE_FRAME, end = start + (1UL << pt_shift(level));
        bool is_text = start < image_to_phys(rodata_end) && end > image_to_phys(image_start);
        bool is_symbols = start < image_to_phys(symbols_end) && end > image_to_phys(data_end);

        if (entry & X86_PTE_US)
                panic("page tables: %#lx is open to user mode (%#lx)", va, entry);
        if (!(entry & X86_PTE_W))
                return;
        if (!(entry & X86_PTE_NX))
                panic("page tables: %#lx is writable and executable (%#lx)", va, entry);
        if (is_text || is_symbols)
                panic("page tables: %#lx is a writable alias of read-only memory (%#lx)", va,
                      entry);
}

static void table_check(paddr table, u64 va, enum pt_level level, struct leaf_counts *counts)
{
        for (unsigned i = 0; i < PT_ENTRIES; i++) {
                u64 entry = table_of(table)[i];
                u64 at = va + ((u64)i << pt_shift(level));

                if (level == PT_TOP)
                        at = (u64)((s64)(at << 16) >> 16);
                if (!(entry & X86_PTE_P))
                        continue;
                if (level != PT_PTE && !(entry & X86_PTE_PS)) {
                        table_check(entry & X86_PTE_FRAME, at, level - 1, counts);
                        continue;
                }
                leaf_check(at, entry, level);
                counts->leaves[level]++;
        }
}

void paging_check(void)
{
        struct leaf_counts counts = { 0 };

        table_check(kernel_root, 0, PT_TOP, &counts);
        log_debug("paging: %lu x 1 GiB, %lu x 2 MiB, %lu x 4 KiB, none writable and executable",
                  counts.leaves[PT_PUD], counts.leaves[PT_PMD], counts.leaves[PT_PTE]);
}

/* ---- tables of kernel stacks */

static u64 *pmd_entry(u64 va)
{
        paddr table = kernel_root;

        for (enum pt_level l = PT_TOP; l > PT_PMD; l--)
                table = table_of(table)[pt_index(va, l)] & X86_PTE_FRAME;
        return table_of(table) + pt_index(va, PT_PMD);
}

u64 *paging_table(u64 va)
{
        u64 entry = *pmd_entry(va);

        return entry ? table_of(entry & X86_PTE_FRAME) : NULL;
}

void paging_link_table(u64 va, pfn_t table)
{
        *pmd_entry(va) = table << PAGE_SHIFT | KERNEL_TABLE;
}

pfn_t paging_unlink_table(u64 va)
{
        u64 *entry = pmd_entry(va);
        pfn_t table = (*entry & X86_PTE_FRAME) >> PAGE_SHIFT;

        *entry = 0;
        invlpg(va); /* drops what caches the upper levels as well */
        return table;
}

/* ---- device memory */

volatile void *device_map(paddr start, size_t size)
{
        u64 offset = start & (PAGE_SIZE - 1);
        u64 len = page_align_up(offset + size), va = device_next;

        if (va + len > DEVICE_AREA + DEVICE_AREA_SIZE)
                return NULL;
        map_range(va, start - offset, len, X86_PTE_W | X86_PTE_NX | X86_PTE_PCD | X86_PTE_PWT);
        device_next += len;
        return (volatile void *)(va + offset);
}

/*
 * The first page of the area is a window that shows one frame for as long as it takes to copy it.
 * Interrupts stay off meanwhile: the window is this CPU's.
 */
void frame_copy(void *dst, pfn_t frame)
{
        u64 *entry = entry_make(DEVICE_AREA, PT_PTE);
        unsigned long irq = cpu_irq_save();

        *entry = frame << PAGE_SHIFT | KERNEL_LEAF | X86_PTE_NX | X86_PTE_PCD | X86_PTE_PWT;
        memcpy(dst, (const void *)DEVICE_AREA, PAGE_SIZE);
        *entry = 0;
        invlpg(DEVICE_AREA);
        cpu_irq_restore(irq);
}

/* ---- address spaces */

void mmu_init(struct mmu *mmu, pfn_t root)
{
        const unsigned half = PT_ENTRIES / 2;

        mmu->root = root;
        mmu->id = root;
        memcpy(table_of(root << PAGE_SHIFT) + half, table_of(kernel_root) + half,
               half * sizeof(u64));
}

/* The caller frees the page with no entry left in it. */
void mmu_destroy(struct mmu *mmu)
{
        if (cr3_read() >> PAGE_SHIFT == mmu->root)
                cr3_write(kernel_root);
        memset(table_of(mmu->root << PAGE_SHIFT), 0, PAGE_SIZE);
}

void mmu_activate(struct mmu *mmu)
{
        paddr root = mmu ? mmu->root << PAGE_SHIFT : kernel_root;

        if (cr3_read() != root)
                cr3_write(root);
}
