/* SPDX-License-Identifier: MIT */
/* Each invariant that mm_validate() knows, broken by hand: it must be noticed. */
#include "kernel/sync/trace.h"
#include "mm/account.h"
#include "mm/hugetlb.h"
#include "mm/object_impl.h"
#include "mm/pgwalk.h"
#include "mm/validate.h"
#include "mm/vma_edit.h"
#include "mm/zap.h"
#include "tests/unit/fixture.h"
#include "tests/unit/strip.h"

#define RW (PROT_READ | PROT_WRITE)

/* "AAAA" and what a test has added, to be spoilt. */
static struct mm *victim;

static struct vma *first(void)
{
        return vma_find(victim, 0);
}

static pte_t *pte_at(unsigned page)
{
        return pgwalk_find(victim, at_page(page), PT_PTE);
}

static struct page *page_at(unsigned page)
{
        return pfn_to_page(pte_pfn(pte_read(pte_at(page)), PT_PTE));
}

static void spoil(void *fn)
{
        void (*spoiler)(void) = fn;

        spoiler();
        mm_validate(victim);
        CHECK(mm_validate_system());
}

#define EXPECT_NOTICED(spoiler, text) EXPECT_PANIC(spoil, (void *)(spoiler), text)

/* ------------------------------------------------------------------ VMAs */

static void end_is_not_aligned(void)
{
        first()->end -= 8;
}

static void shared_without_may_share(void)
{
        first()->flags |= VM_SHARED;
}

static void onfault_without_locked(void)
{
        first()->flags |= VM_LOCKONFAULT;
}

static void tree_has_another_range(void)
{
        first()->end += PAGE_SIZE;
}

static void count_is_wrong(void)
{
        victim->tree.count++;
}

TEST(vmas_that_are_not_what_they_must_be_are_noticed)
{
        victim = strip("AAAA");
        EXPECT_NOTICED(end_is_not_aligned, "validate_vma");
        EXPECT_NOTICED(shared_without_may_share, "VM_MAYSHARE");
        EXPECT_NOTICED(onfault_without_locked, "VM_LOCKED");
        EXPECT_NOTICED(tree_has_another_range, "vma_at(mm, vma->end - 1) == vma");
        EXPECT_NOTICED(count_is_wrong, "count");
        strip_done(victim);
}

static void total_is_wrong(void)
{
        victim->total_vm++;
}

static void data_is_wrong(void)
{
        victim->data_vm--;
}

static void exec_is_wrong(void)
{
        victim->exec_vm++;
}

static void stack_is_wrong(void)
{
        victim->stack_vm++;
}

static void locked_is_wrong(void)
{
        victim->locked_vm++;
}

static void flag_changed_behind_the_totals(void)
{
        first()->flags &= ~(u64)VM_WRITE;
}

TEST(totals_that_are_not_the_sums_are_noticed)
{
        victim = strip("AAAA");
        EXPECT_NOTICED(total_is_wrong, "mm->total_vm");
        EXPECT_NOTICED(data_is_wrong, "mm->data_vm");
        EXPECT_NOTICED(exec_is_wrong, "mm->exec_vm");
        EXPECT_NOTICED(stack_is_wrong, "mm->stack_vm");
        EXPECT_NOTICED(locked_is_wrong, "mm->locked_vm");
        EXPECT_NOTICED(flag_changed_behind_the_totals, "mm->data_vm");
        strip_done(victim);
}

static void split_without_need(void)
{
        struct vma_kit kit = { 0 };
        struct vma *upper;

        CHECK(vma_kit_reserve(victim, &kit, 1, 2) == 0);
        upper = vma_split(first(), at_page(2), &kit);
        vma_kit_release(&kit);
        mm_validate_merged(upper, at_page(2), at_page(4));
}

TEST(a_merge_that_was_due_and_not_made_is_noticed)
{
        victim = strip("AAAA");
        EXPECT_NOTICED(split_without_need, "could_be_one");
        strip_done(victim);
}

/* ------------------------------------------------------------------ page tables */

static void table_counts_wrong(void)
{
        virt_to_page(pte_at(0))->nr_used++;
}

static void entry_outside_every_vma(void)
{
        pgtable_set(pte_at(5), pte_read(pte_at(0)), PT_PTE);
}

static void entry_allows_more_than_the_vma(void)
{
        first()->flags &= ~(u64)VM_WRITE;
        victim->data_vm = 0;
}

static void marker_in_a_vma_without_guards(void)
{
        pgtable_set(pte_at(0), pte_marker(PTE_MARKER_GUARD, 0), PT_PTE);
}

static void resident_pages_are_wrong(void)
{
        victim->rss[RSS_ANON]++;
}

static void table_bytes_are_wrong(void)
{
        victim->pgtable_bytes += PAGE_SIZE;
}

static void page_is_free(void)
{
        page_at(0)->kind = PAGE_FREE;
}

static void table_serves_nobody(void)
{
        CHECK(pgwalk_make(victim, 1UL << 40, PT_PTE, NULL));
}

TEST(page_tables_that_are_not_what_they_must_be_are_noticed)
{
        victim = strip("AAAA");
        EXPECT_NOTICED(table_counts_wrong, "nr_used == used");
        EXPECT_NOTICED(entry_outside_every_vma, "vma_of_entry");
        EXPECT_NOTICED(entry_allows_more_than_the_vma, "VM_WRITE");
        EXPECT_NOTICED(marker_in_a_vma_without_guards, "VM_MAYBE_GUARD");
        EXPECT_NOTICED(resident_pages_are_wrong, "mm->rss[kind]");
        EXPECT_NOTICED(table_bytes_are_wrong, "mm->pgtable_bytes");
        EXPECT_NOTICED(page_is_free, "PAGE_OBJECT");
        EXPECT_NOTICED(table_serves_nobody, "vma_meeting");
        strip_done(victim);
}

static void shared_page_is_writable(void)
{
        pgtable_set(pte_at(0), pte_mkwrite(pte_read(pte_at(0)), PT_PTE), PT_PTE);
}

TEST(a_page_that_two_may_see_and_one_may_write_is_noticed)
{
        struct mm *child;
        int err;

        victim = strip("AAAA");
        child = mm_fork(victim, &root_caller, &err);
        ASSERT_TRUE(child);
        EXPECT_NOTICED(shared_page_is_writable, "page_mappers(page) == 1");
        mm_put(child);
        strip_done(victim);
}

static void shared_mapping_cannot_be_written(void)
{
        pgtable_set(pte_at(0), pte_wrprotect(pte_read(pte_at(0)), PT_PTE), PT_PTE);
}

TEST(an_entry_that_allows_less_than_its_shared_mapping_is_noticed)
{
        victim = strip_empty();
        map_shared_anon(victim, 0, 1, RW);
        write_pages(victim, 0, 1, 'A');
        EXPECT_NOTICED(shared_mapping_cannot_be_written, "VM_SHARED");
        strip_done(victim);
}

/* ------------------------------------------------------------------ the system */

static void page_has_another_holder(void)
{
        page_get(page_at(0));
}

static void page_is_mapped_by_one_less(void)
{
        pgtable_set(pte_at(0), pte_wrprotect(pte_read(pte_at(0)), PT_PTE), PT_PTE);
        atomic_add(&page_at(0)->refcount, 1);
        atomic_add(&page_at(0)->mapcount, 1);
}

static void page_is_nowhere(void)
{
        page_set_kind(page_alloc(0, 0), PAGE_ANON);
}

static void charge_is_too_high(void)
{
        commit_add(1);
}

static void charge_is_too_low(void)
{
        commit_uncharge(1);
}

static void vma_lost_its_charge(void)
{
        first()->flags &= ~VM_ACCOUNT;
}

TEST(pages_and_charges_that_do_not_add_up_are_noticed)
{
        victim = strip("AAAA");
        EXPECT_NOTICED(page_has_another_holder, "refcount) == mapped");
        EXPECT_NOTICED(page_is_mapped_by_one_less, "page_mappers");
        EXPECT_NOTICED(page_is_nowhere, "mapped + huge > 0");
        EXPECT_NOTICED(charge_is_too_high, "mm_committed()");
        EXPECT_NOTICED(charge_is_too_low, "mm_committed()");
        EXPECT_NOTICED(vma_lost_its_charge, "mm_committed()");
        strip_done(victim);
}

/* Where the victim has a hugetlb page. */
#define HUGETLB_AT (1UL << 30)

static struct page *hugetlb_head_of_victim(void)
{
        return hugetlb_head(pte_read(hugetlb_find(victim, HUGETLB_AT)));
}

static void hugetlb_entry_is_not_counted(void)
{
        victim->nr_hugetlb--;
}

static void hugetlb_page_is_mapped_twice(void)
{
        page_get(hugetlb_head_of_victim());
        page_map(hugetlb_head_of_victim(), false);
}

static void hugetlb_page_is_still_promised(void)
{
        page_set_flags(hugetlb_head_of_victim(), PAGE_PROMISED);
}

static void hugetlb_page_is_an_objects(void)
{
        page_set_flags(hugetlb_head_of_victim(), PAGE_CACHED);
}

static void hugetlb_memory_is_locked(void)
{
        account_vma(victim, vma_at(victim, HUGETLB_AT)->flags, -512);
        vma_set_flags(vma_at(victim, HUGETLB_AT), vma_at(victim, HUGETLB_AT)->flags | VM_LOCKED);
        account_vma(victim, vma_at(victim, HUGETLB_AT)->flags, 512);
}

TEST(hugetlb_memory_is_in_the_books)
{
        struct mmap_request req = {
                .addr = HUGETLB_AT,
                .len = 1,
                .prot = RW,
                .flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_FIXED,
        };

        victim = strip("AAAA");
        mm_hugetlb_resize(2);
        ASSERT_EQ(mm_mmap(victim, &root_caller, &req), (s64)HUGETLB_AT);
        ASSERT_EQ(touch(victim, HUGETLB_AT, true).signo, 0);
        EXPECT_NOTICED(hugetlb_entry_is_not_counted, "nr_hugetlb");
        EXPECT_NOTICED(hugetlb_page_is_mapped_twice, "mapped == 1");
        EXPECT_NOTICED(hugetlb_page_is_still_promised, "PAGE_PROMISED");
        EXPECT_NOTICED(hugetlb_page_is_an_objects, "owner == vma_object");
        EXPECT_NOTICED(hugetlb_memory_is_locked, "huge_is_aligned");
        strip_done(victim);
        mm_hugetlb_resize(0);
}

TEST(charges_of_objects_add_up)
{
        struct object *object = object_create(0, OBJECT_CHARGE_PAGES);
        struct mmap_request req = {
                .len = 8 * PAGE_SIZE,
                .prot = RW,
                .flags = MAP_SHARED | MAP_ANONYMOUS,
        };
        s64 at;

        victim = strip("AAAA");
        ASSERT_TRUE(object);
        at = mm_mmap(victim, &root_caller, &req);
        ASSERT_TRUE(at > 0);
        EXPECT_EQ(object_allocate(object, 0, 5 * PAGE_SIZE, false), 0);
        EXPECT_EQ(mm_committed(), 4 + 8 + 5);
        EXPECT_TRUE(mm_validate_system());
        EXPECT_EQ(object_punch(object, 0, 2 * PAGE_SIZE), 0);
        EXPECT_EQ(mm_munmap(victim, &root_caller, (u64)at, 3 * PAGE_SIZE), 0);
        EXPECT_EQ(mm_committed(), 4 + 8 + 3);
        EXPECT_TRUE(mm_validate_system());
        object_put(object);
        EXPECT_TRUE(mm_validate_system());
        strip_done(victim);
}

TEST(the_system_is_not_validated_while_something_is_going_on)
{
        victim = strip("AAAA");
        mm_lock(victim);
        EXPECT_FALSE(mm_validate_system());
        mm_unlock(victim, 0);
        EXPECT_TRUE(mm_validate_system());
        strip_done(victim);
}

static void batch_stays_open(void *arg)
{
        struct zap_batch batch;

        (void)arg;
        zap_begin(&batch, victim);
        touch(victim, at_page(0), false);
        zap_finish(&batch);
}

TEST(entries_that_nobody_flushes_are_noticed_on_the_way_back)
{
        victim = strip("AAAA");
        EXPECT_PANIC(batch_stays_open, NULL, "still holding entries to flush");
        strip_done(victim);
}

/* ------------------------------------------------------------------ large address spaces */

/* More VMAs than are all looked at after each call. */
static void build_large(void)
{
        victim = strip_empty();
        for (unsigned i = 0; i < 600; i++) {
                map_pages(victim, 4 * i, 1, RW, 0);
                map_pages(victim, 4 * i + 1, 1, PROT_READ, 0);
                write_pages(victim, 4 * i, 1, 'x');
        }
        EXPECT_TRUE(mm_map_count(victim) > 1000);
}

static void spoil_table_of_target(void *arg)
{
        (void)arg;
        map_pages(victim, 8000, 2, RW, 0);
        write_pages(victim, 8000, 2, 'x');
        virt_to_page(pte_at(8000))->nr_used++;
        /* The call is about page 4; its target is in the spoilt table. */
        mm_mremap(victim, &root_caller, at_page(4), PAGE_SIZE, PAGE_SIZE,
                  MREMAP_MAYMOVE | MREMAP_FIXED, at_page(8010));
}

static void spoil_order_near_target(void *arg)
{
        (void)arg;
        vma_at(victim, at_page(2001))->flags |= VM_LOCKONFAULT;
        mm_mremap(victim, &root_caller, at_page(4), PAGE_SIZE, PAGE_SIZE,
                  MREMAP_MAYMOVE | MREMAP_FIXED, at_page(2002));
}

TEST(calls_on_large_address_spaces_check_both_ends_of_a_move)
{
        build_large();
        EXPECT_PANIC(spoil_table_of_target, NULL, "nr_used == used");
        EXPECT_PANIC(spoil_order_near_target, NULL, "VM_LOCKED");
        strip_done(victim);
}

static void spoil_far_away(void *arg)
{
        (void)arg;
        victim->rss[RSS_FILE]++;
        for (unsigned i = 0; i < 256; i++)
                mm_munmap(victim, &root_caller, at_page(3), PAGE_SIZE);
}

TEST(every_256th_call_on_large_address_spaces_checks_all)
{
        build_large();
        EXPECT_PANIC(spoil_far_away, NULL, "mm->rss[kind]");
        strip_done(victim);
}
