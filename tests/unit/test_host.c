/* SPDX-License-Identifier: MIT */
/* The host machine itself: entries that know their level, the TLB that never forgets, threads. */
#include "arch/cpu.h"
#include "arch/tlb.h"
#include "arch/trap.h"
#include "mm/page.h"
#include "tests/unit/test.h"

static pfn_t table_alloc(void)
{
        return page_to_pfn(page_alloc(0, ALLOC_ZERO | ALLOC_NOFAIL));
}

static void frame_free(pfn_t pfn)
{
        page_free(pfn_to_page(pfn), 0);
}

/* An address space with tables for one address, and one frame mapped there. */
struct tiny {
        struct mmu mmu;
        pfn_t tables[PT_LEVELS_MAX], frame;
        uaddr addr;
};

static pte_t *tiny_slot(struct tiny *t, enum pt_level level)
{
        return (pte_t *)pfn_to_virt(t->tables[level]) + pt_index(t->addr, level);
}

static void tiny_map(struct tiny *t, unsigned prot)
{
        pte_write(tiny_slot(t, PT_PTE), pte_leaf(t->frame, prot, PT_PTE), PT_PTE);
}

static void tiny_create(struct tiny *t, unsigned prot)
{
        t->addr = 0x7f1234567000;
        for (enum pt_level l = PT_PTE; l <= PT_TOP; l++)
                t->tables[l] = table_alloc();
        for (enum pt_level l = PT_PMD; l <= PT_TOP; l++)
                pte_write(tiny_slot(t, l), pte_table(t->tables[l - 1], l), l);
        t->frame = table_alloc();
        mmu_init(&t->mmu, t->tables[PT_TOP]);
        tiny_map(t, prot);
}

static void tiny_destroy(struct tiny *t)
{
        mmu_destroy(&t->mmu);
        for (enum pt_level l = PT_PTE; l <= PT_TOP; l++)
                frame_free(t->tables[l]);
        frame_free(t->frame);
}

static char *tiny_touch(struct tiny *t, unsigned access)
{
        unsigned fault;

        return host_translate(&t->mmu, t->addr, access, &fault);
}

#define RW (PTE_PROT_USER | PTE_PROT_W)

TEST(translate_reaches_the_frame_and_sets_bits)
{
        struct tiny t;
        pte_t e;

        tiny_create(&t, RW);
        EXPECT_EQ((u64)tiny_touch(&t, 0), (u64)pfn_to_virt(t.frame));
        e = pte_read(tiny_slot(&t, PT_PTE));
        EXPECT_TRUE(pte_young(e, PT_PTE));
        EXPECT_FALSE(pte_dirty(e, PT_PTE));
        EXPECT_EQ((u64)tiny_touch(&t, FAULT_WRITE), (u64)pfn_to_virt(t.frame));
        EXPECT_TRUE(pte_dirty(pte_read(tiny_slot(&t, PT_PTE)), PT_PTE));
        EXPECT_EQ(host_tlb_stats.misses, 2);
        tiny_touch(&t, FAULT_WRITE);
        EXPECT_EQ(host_tlb_stats.hits, 1);
        host_tlb_verify(&t.mmu);
        tiny_destroy(&t);
}

TEST(translate_faults_as_a_processor_would)
{
        struct tiny t;
        unsigned fault;

        tiny_create(&t, PTE_PROT_USER);
        EXPECT_EQ((u64)host_translate(&t.mmu, t.addr, FAULT_WRITE, &fault), 0);
        EXPECT_EQ(fault, FAULT_WRITE | FAULT_USER | FAULT_PRESENT);
        EXPECT_EQ((u64)host_translate(&t.mmu, t.addr, FAULT_EXEC, &fault), 0);
        EXPECT_EQ(fault, FAULT_EXEC | FAULT_USER | FAULT_PRESENT);
        EXPECT_EQ((u64)host_translate(&t.mmu, t.addr + PAGE_SIZE, 0, &fault), 0);
        EXPECT_EQ(fault, FAULT_USER);
        tlb_flush_all(&t.mmu);
        tiny_map(&t, PTE_PROT_W); /* PROT_NONE: there, but not for the user */
        EXPECT_EQ((u64)host_translate(&t.mmu, t.addr, 0, &fault), 0);
        EXPECT_EQ(fault, FAULT_USER | FAULT_PRESENT);
        pte_write(tiny_slot(&t, PT_PTE), pte_marker(PTE_MARKER_GUARD, 5), PT_PTE);
        EXPECT_EQ((u64)host_translate(&t.mmu, t.addr, 0, &fault), 0);
        EXPECT_EQ(fault, FAULT_USER);
        tiny_destroy(&t);
}

TEST(more_rights_need_no_flush)
{
        struct tiny t;

        tiny_create(&t, PTE_PROT_USER);
        EXPECT_TRUE(tiny_touch(&t, 0));
        tiny_map(&t, RW | PTE_PROT_YOUNG);
        EXPECT_TRUE(tiny_touch(&t, FAULT_WRITE));
        tiny_destroy(&t);
}

static void touch_after_unmap(void *arg)
{
        struct tiny *t = arg;

        tiny_touch(t, 0);
        pte_clear(tiny_slot(t, PT_PTE), PT_PTE);
        tiny_touch(t, 0);
}

static void touch_after_wrprotect(void *arg)
{
        struct tiny *t = arg;

        tiny_touch(t, FAULT_WRITE);
        tiny_map(t, PTE_PROT_USER | PTE_PROT_DIRTY | PTE_PROT_YOUNG);
        host_tlb_verify(&t->mmu);
}

static void touch_after_clean(void *arg)
{
        struct tiny *t = arg;

        tiny_touch(t, FAULT_WRITE);
        tiny_map(t, RW | PTE_PROT_YOUNG);
        host_tlb_verify(&t->mmu);
}

static void touch_after_replace(void *arg)
{
        struct tiny *t = arg;

        tiny_touch(t, 0);
        pte_write(tiny_slot(t, PT_PTE), pte_leaf(t->tables[0], RW, PT_PTE), PT_PTE);
        tiny_touch(t, 0);
}

/* The leaf is flushed, but the table above it was unlinked and the walk cache still knows it. */
static void touch_after_table_move(void *arg)
{
        struct tiny *t = arg;

        tiny_touch(t, 0);
        pte_clear(tiny_slot(t, PT_PMD), PT_PMD);
        tlb_flush_range(&t->mmu, t->addr, t->addr + PAGE_SIZE, false);
        tiny_touch(t, 0);
}

static void reuse_frame(void *arg)
{
        struct tiny *t = arg;

        tiny_touch(t, 0);
        page_clear(pfn_to_virt(t->frame));
}

static void reuse_table(void *arg)
{
        struct tiny *t = arg;

        tiny_touch(t, 0);
        page_copy(pfn_to_virt(t->tables[PT_PUD]), pfn_to_virt(t->frame));
}

TEST(a_missed_flush_is_found)
{
        struct tiny t;

        tiny_create(&t, RW);
        EXPECT_PANIC(touch_after_unmap, &t, "stale TLB: translation");
        EXPECT_PANIC(touch_after_wrprotect, &t, "grants less");
        EXPECT_PANIC(touch_after_clean, &t, "grants less");
        EXPECT_PANIC(touch_after_replace, &t, "points elsewhere");
        EXPECT_PANIC(touch_after_table_move, &t, "stale TLB: table");
        EXPECT_PANIC(reuse_frame, &t, "the frame is put to new use");
        EXPECT_PANIC(reuse_table, &t, "the frame is put to new use");
        tiny_destroy(&t);
}

TEST(flushes_forget_what_they_name)
{
        struct tiny t;
        struct mmu other;

        tiny_create(&t, RW);
        mmu_init(&other, t.mmu.root);
        tiny_touch(&t, 0);
        tlb_flush_page(&t.mmu, t.addr + PAGE_SIZE);
        tlb_flush_range(&t.mmu, t.addr - PAGE_SIZE, t.addr, true);
        tlb_flush_all(&other);
        EXPECT_TRUE(host_tlb_has(&t.mmu, t.addr));
        tlb_flush_page(&t.mmu, t.addr + 17);
        EXPECT_FALSE(host_tlb_has(&t.mmu, t.addr));
        tiny_touch(&t, 0);
        tlb_flush_range(&t.mmu, t.addr, t.addr + 1, false);
        EXPECT_FALSE(host_tlb_has(&t.mmu, t.addr));
        EXPECT_EQ(host_tlb_stats.page_flushes, 2);
        EXPECT_EQ(host_tlb_stats.range_flushes, 2);
        EXPECT_EQ(host_tlb_stats.table_flushes, 1);
        EXPECT_EQ(host_tlb_stats.full_flushes, 1);
        mmu_destroy(&other);
        tiny_destroy(&t);
}

TEST(five_levels_translate_too)
{
        struct tiny t;

        host_set_levels(5);
        tiny_create(&t, RW);
        EXPECT_EQ((u64)tiny_touch(&t, FAULT_WRITE), (u64)pfn_to_virt(t.frame));
        host_tlb_verify(&t.mmu);
        tiny_destroy(&t);
}

TEST(huge_leaves_translate)
{
        struct page *block = page_alloc(9, ALLOC_NOFAIL);
        struct tiny t;

        tiny_create(&t, RW);
        pte_clear(tiny_slot(&t, PT_PMD), PT_PMD);
        pte_write(tiny_slot(&t, PT_PMD), pte_leaf(page_to_pfn(block), RW, PT_PMD), PT_PMD);
        EXPECT_EQ((u64)tiny_touch(&t, FAULT_WRITE),
                  (u64)page_to_virt(block) + (t.addr & ((1 << 21) - 1)));
        host_tlb_verify(&t.mmu);
        tiny_destroy(&t);
        page_free(block, 9);
}

static void read_pmd_as_pte(void *arg)
{
        pte_is_present(pte_table(*(pfn_t *)arg, PT_PMD), PT_PTE);
}

static void write_marker_above_pte(void *arg)
{
        pte_write(arg, pte_marker(PTE_MARKER_GUARD, 0), PT_PMD);
}

static void misaligned_huge_leaf(void *arg)
{
        pte_leaf(*(pfn_t *)arg + 1, RW, PT_PMD);
}

TEST(entries_know_their_level)
{
        pfn_t pfn = 512 * 40;
        pte_t slot = pte_none();

        EXPECT_PANIC(read_pmd_as_pte, &pfn, "of level 1 used as one of level 0");
        EXPECT_PANIC(write_marker_above_pte, &slot, "CHECK");
        EXPECT_PANIC(misaligned_huge_leaf, &pfn, "CHECK");
}

TEST_BARE(entries_keep_what_they_are_given)
{
        const unsigned all = PTE_PROT_W | PTE_PROT_X | PTE_PROT_USER | PTE_PROT_SPECIAL |
                             PTE_PROT_DIRTY | PTE_PROT_YOUNG;
        pte_t e = pte_leaf(12345, all, PT_PTE), m = pte_marker(PTE_MARKER_SWAP, 0xabcdef01234);

        EXPECT_EQ(pte_pfn(e, PT_PTE), 12345);
        EXPECT_TRUE(pte_writable(e, PT_PTE) && pte_executable(e, PT_PTE));
        EXPECT_TRUE(pte_special(e, PT_PTE) && pte_dirty(e, PT_PTE) && pte_young(e, PT_PTE));
        e = pte_set_prot(e, 0, PT_PTE);
        EXPECT_FALSE(pte_writable(e, PT_PTE) || pte_executable(e, PT_PTE));
        EXPECT_TRUE(pte_special(e, PT_PTE) && pte_dirty(e, PT_PTE) && pte_young(e, PT_PTE));
        e = pte_mkold(pte_mkclean(pte_mkwrite(e, PT_PTE), PT_PTE), PT_PTE);
        EXPECT_TRUE(pte_writable(e, PT_PTE));
        EXPECT_FALSE(pte_dirty(e, PT_PTE) || pte_young(e, PT_PTE));
        e = pte_mkyoung(pte_mkdirty(pte_wrprotect(e, PT_PTE), PT_PTE), PT_PTE);
        EXPECT_TRUE(pte_dirty(e, PT_PTE) && pte_young(e, PT_PTE) && !pte_writable(e, PT_PTE));
        EXPECT_EQ(pte_pfn(e, PT_PTE), 12345);
        EXPECT_TRUE(pte_is_marker(m) && !pte_is_none(m) && !pte_is_present(m, PT_PTE));
        EXPECT_EQ(pte_marker_kind(m), PTE_MARKER_SWAP);
        EXPECT_EQ(pte_marker_payload(m), 0xabcdef01234);
}

/* ------------------------------------------------------------------ threads */

static char trail[64];

static void leave_trail(void *arg)
{
        for (int i = 0; i < 3; i++) {
                strcat(trail, arg);
                host_yield();
        }
}

TEST_BARE(threads_take_turns)
{
        host_task_create("a", leave_trail, "a");
        host_task_create("b", leave_trail, "b");
        host_run();
        EXPECT_STREQ(trail, "ababab");
        host_task_create("c", leave_trail, "c");
        host_run();
        EXPECT_STREQ(trail, "abababccc");
}

static void sleeper(void *arg)
{
        EXPECT_EQ(park(false, *(u64 *)arg), -ETIMEDOUT);
        EXPECT_EQ(clock_ns(), *(u64 *)arg);
        trail[0]++;
}

TEST_BARE(time_passes_when_everybody_waits)
{
        u64 start = clock_ns(), late = start + 5000000, later = start + 9000000;

        host_task_create("later", sleeper, &later);
        host_task_create("late", sleeper, &late);
        host_run();
        EXPECT_EQ(trail[0], 2);
        EXPECT_EQ(clock_ns(), later);
}

TEST_BARE(park_takes_permits_signals_and_time)
{
        EXPECT_EQ(park(true, clock_ns()), -ETIMEDOUT);
        unpark(park_self());
        unpark(park_self());
        EXPECT_EQ(park(true, PARK_FOREVER), 0);
        host_task_signal(park_self(), true);
        EXPECT_EQ(park(true, PARK_FOREVER), -EINTR);
        EXPECT_EQ(park(false, clock_ns() + 5), -ETIMEDOUT);
}

static void park_for_good(void *arg)
{
        (void)arg;
        park(true, PARK_FOREVER);
}

static void two_park_for_good(void *arg)
{
        host_task_create("one", park_for_good, arg);
        host_task_create("two", park_for_good, arg);
        host_run();
}

TEST_BARE(a_deadlock_is_reported)
{
        EXPECT_PANIC(park_for_good, NULL, "deadlock");
        EXPECT_PANIC(two_park_for_good, NULL, "deadlock");
}
