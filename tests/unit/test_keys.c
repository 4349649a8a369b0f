/* SPDX-License-Identifier: MIT */
/* Protection keys: which are in use, what VMAs and entries have them, what they deny. */
#include "arch/host/host.h"
#include "arch/host/user.h"
#include "kernel/base/abi/mman.h"
#include "kernel/base/errno.h"
#include "mm/pgwalk.h"
#include "tests/unit/huge_fixture.h"

#define RW (PROT_READ | PROT_WRITE)

#define PKUERR 4

static struct mm *keys_strip(const char *text)
{
        host_set_keys(true, HOST_KEY_RIGHTS);
        return strip(text);
}

static int key_pages(struct mm *mm, unsigned page, unsigned n, u64 prot, int key)
{
        return mm_pkey_mprotect(mm, &user_caller, at_page(page), n * PAGE_SIZE, prot, key);
}

static unsigned key_of(struct mm *mm, unsigned page)
{
        return vm_key(vma_at(mm, at_page(page))->flags);
}

static int code_of(struct mm *mm, unsigned page, bool write)
{
        struct mm_fault fault = touch(mm, at_page(page), write);

        return fault.signo ? fault.code : 0;
}

TEST(keys_are_sixteen_and_the_lowest_free_one_is_taken)
{
        struct mm *mm = keys_strip("A");

        for (int key = 1; key < 16; key++)
                EXPECT_EQ(mm_pkey_alloc(mm, 0, 0), key);
        EXPECT_EQ(mm_pkey_alloc(mm, 0, 0), -ENOSPC);
        EXPECT_EQ(mm_pkey_free(mm, 7), 0);
        EXPECT_EQ(mm_pkey_free(mm, 7), -EINVAL);
        EXPECT_EQ(mm_pkey_alloc(mm, 1, 0), -EINVAL);
        EXPECT_EQ(mm_pkey_alloc(mm, 0, 4), -EINVAL);
        EXPECT_EQ(mm_pkey_alloc(mm, 0, PKEY_DISABLE_WRITE), 7);
        EXPECT_EQ(host_key_rights(), 2u << 14);
        EXPECT_EQ(mm_pkey_free(mm, 16), -EINVAL);
        EXPECT_EQ(mm_pkey_free(mm, -1), -EINVAL);
        EXPECT_EQ(mm_pkey_free(mm, 0), 0);
        EXPECT_EQ(mm_pkey_alloc(mm, 0, 0), 0);
        strip_done(mm);
}

TEST(without_keys_there_are_none)
{
        struct mm *mm = strip("A");

        EXPECT_EQ(mm_pkey_alloc(mm, 0, 0), -ENOSPC);
        EXPECT_EQ(mm_pkey_alloc(mm, 1, 0), -EINVAL);
        EXPECT_EQ(mm_pkey_free(mm, 0), -EINVAL);
        EXPECT_EQ(key_pages(mm, 0, 1, RW, 0), -EINVAL);
        EXPECT_EQ(key_pages(mm, 0, 1, PROT_READ, -1), 0);
        EXPECT_VMAS(mm, "0-1r-");
        strip_done(mm);
}

TEST(a_key_splits_and_merges_like_a_flag)
{
        struct mm *mm = keys_strip("AAAAAA");

        EXPECT_EQ(mm_pkey_alloc(mm, 0, 0), 1);
        EXPECT_EQ(mm_pkey_alloc(mm, 0, 0), 2);
        EXPECT_EQ(key_pages(mm, 1, 2, RW, 1), 0);
        EXPECT_EQ(key_pages(mm, 3, 1, RW, 2), 0);
        EXPECT_VMAS(mm, "0-1rw 1-3rw 3-4rw 4-6rw");
        EXPECT_EQ(key_of(mm, 2), 1);
        EXPECT_EQ(key_of(mm, 3), 2);
        EXPECT_EQ(key_pages(mm, 3, 1, RW, 1), 0);
        EXPECT_VMAS(mm, "0-1rw 1-4rw 4-6rw");
        EXPECT_EQ(key_pages(mm, 0, 6, RW, 0), 0);
        EXPECT_VMAS(mm, "0-6rw");
        EXPECT_EQ(key_pages(mm, 0, 6, RW, 3), -EINVAL);
        EXPECT_EQ(key_pages(mm, 0, 6, RW, -2), -EINVAL);
        strip_done(mm);
}

TEST(a_key_denies_what_the_thread_says)
{
        struct mm *mm = keys_strip("AA");
        struct mm_fault fault;

        EXPECT_EQ(mm_pkey_alloc(mm, 0, 0), 1);
        EXPECT_EQ(key_pages(mm, 0, 1, RW, 1), 0);
        EXPECT_EQ(peek_byte(mm, at_page(0)), 'A'); /* the TLB has it from here on */
        mmu_key_set(1, PKEY_DISABLE_WRITE);
        EXPECT_EQ(peek_byte(mm, at_page(0)), 'A');
        EXPECT_EQ(code_of(mm, 0, true), PKUERR);
        EXPECT_EQ(code_of(mm, 1, true), 0);
        mmu_key_set(1, PKEY_DISABLE_ACCESS);
        fault = touch(mm, at_page(0), false);
        EXPECT_EQ(fault.code, PKUERR);
        EXPECT_EQ(fault.key, 1);
        EXPECT_EQ(host_fetch(mm, &user_caller, at_page(1)).code, 2);
        mmu_key_set(1, 0);
        EXPECT_EQ(code_of(mm, 0, true), 0);
        strip_done(mm);
}

/* An entry with the old key in some TLB would let through what the new key denies. */
TEST(another_key_is_flushed)
{
        struct mm *mm = keys_strip("AA");

        EXPECT_EQ(mm_pkey_alloc(mm, 0, PKEY_DISABLE_ACCESS), 1);
        EXPECT_EQ(peek_byte(mm, at_page(0)), 'A');
        EXPECT_EQ(key_pages(mm, 0, 2, RW, 1), 0);
        EXPECT_FALSE(host_tlb_has(&mm->mmu, at_page(0)));
        EXPECT_EQ(code_of(mm, 0, false), PKUERR);
        EXPECT_EQ(key_pages(mm, 0, 2, RW, 0), 0);
        EXPECT_EQ(peek_byte(mm, at_page(1)), 'A');
        strip_done(mm);
}

TEST(the_key_goes_along_and_new_mappings_have_none)
{
        struct mm *mm = keys_strip("AA--"), *child;
        int err;

        EXPECT_EQ(mm_pkey_alloc(mm, 0, PKEY_DISABLE_ACCESS), 1);
        EXPECT_EQ(key_pages(mm, 0, 2, RW, 1), 0);
        EXPECT_EQ(mm_mremap(mm, &user_caller, at_page(0), PAGE_SIZE, PAGE_SIZE,
                            MREMAP_MAYMOVE | MREMAP_FIXED, at_page(8)),
                  (s64)at_page(8));
        EXPECT_EQ(key_of(mm, 8), 1);
        EXPECT_EQ(code_of(mm, 8, false), PKUERR);
        EXPECT_EQ(pte_key(pte_read(pgwalk_find(mm, at_page(8), PT_PTE)), PT_PTE), 1);
        child = mm_fork(mm, &user_caller, &err);
        EXPECT_TRUE(child != NULL);
        EXPECT_EQ(key_of(child, 8), 1);
        EXPECT_EQ(mm_pkey_alloc(child, 0, 0), 2);
        EXPECT_EQ(mm_pkey_alloc(mm, 0, 0), 2); /* each has its own list */
        mmu_key_set(1, 0);
        EXPECT_EQ(code_of(child, 8, true), 0);
        map_pages(mm, 8, 1, RW, 0);
        EXPECT_EQ(key_of(mm, 8), 0);
        mm_put(child);
        strip_done(mm);
}

TEST(memory_that_may_only_be_executed_takes_a_key_of_its_own)
{
        struct mm *mm = keys_strip("AAA");

        EXPECT_EQ(mm_pkey_alloc(mm, 0, 0), 1);
        EXPECT_EQ(key_pages(mm, 0, 1, PROT_EXEC, -1), 0);
        EXPECT_EQ(key_of(mm, 0), 2);
        EXPECT_EQ(key_pages(mm, 1, 1, RW, 2), -EINVAL); /* nobody else's */
        EXPECT_EQ(mm_pkey_free(mm, 2), -EINVAL);
        EXPECT_EQ(key_pages(mm, 1, 1, PROT_EXEC, 1), 0); /* asked for: it can be read */
        EXPECT_EQ(peek_byte(mm, at_page(1)), 'A');
        EXPECT_EQ(key_pages(mm, 1, 1, PROT_READ, -1), 0);
        EXPECT_EQ(key_of(mm, 1), 1);
        EXPECT_EQ(key_pages(mm, 0, 1, PROT_READ, -1), 0);
        EXPECT_EQ(key_of(mm, 0), 0);
        mmu_key_set(2, 0);
        map_pages(mm, 4, 1, PROT_EXEC, 0);
        EXPECT_EQ(key_of(mm, 4), 2);
        EXPECT_TRUE(mmu_key_denies(2, false)); /* shut again */
        strip_done(mm);
}

TEST(without_a_free_key_code_can_be_read)
{
        struct mm *mm = keys_strip("AA");

        for (int key = 1; key < 16; key++)
                EXPECT_EQ(mm_pkey_alloc(mm, 0, 0), key);
        EXPECT_EQ(key_pages(mm, 1, 1, RW, 3), 0);
        EXPECT_EQ(key_pages(mm, 0, 2, PROT_EXEC, -1), 0);
        EXPECT_EQ(key_of(mm, 0), 0);
        EXPECT_EQ(key_of(mm, 1), 3);
        EXPECT_EQ(peek_byte(mm, at_page(0)), 'A');
        strip_done(mm);
}

TEST(who_works_for_the_thread_is_denied_and_who_comes_from_elsewhere_is_not)
{
        struct mm *mm = keys_strip("A-");
        char c = 0;

        EXPECT_EQ(mm_pkey_alloc(mm, 0, PKEY_DISABLE_ACCESS), 1);
        EXPECT_EQ(key_pages(mm, 0, 2, RW, 1), 0);
        EXPECT_EQ(mm_mlock(mm, &user_caller, at_page(1), PAGE_SIZE, false), -ENOMEM);
        EXPECT_STRIP(mm, "A-");
        EXPECT_EQ(mm_munlock(mm, &user_caller, at_page(0), 2 * PAGE_SIZE), 0);
        EXPECT_EQ(mm_madvise(mm, &user_caller, at_page(1), PAGE_SIZE, 22), -EINVAL);
        EXPECT_EQ(mm_madvise(mm, &user_caller, at_page(1), PAGE_SIZE, 23), -EINVAL);
        EXPECT_EQ(mm_access(mm, &user_caller, at_page(0), &c, 1, MM_ACCESS_KEYS), -EFAULT);
        EXPECT_EQ(mm_access(mm, &user_caller, at_page(0), &c, 1, 0), 1);
        EXPECT_EQ(c, 'A');
        strip_done(mm);
}

TEST(huge_entries_have_the_key_too)
{
        struct mm *mm;

        host_set_keys(true, HOST_KEY_RIGHTS);
        mm = huge_mm(2);
        EXPECT_EQ(mm_pkey_alloc(mm, 0, 0), 1);
        write_letters(mm, BASE, 2 * HUGE_SIZE, 'a');
        EXPECT_EQ(mm_pkey_mprotect(mm, &user_caller, BASE, HUGE_SIZE, RW, 1), 0);
        EXPECT_LOOK(mm, BASE, "HH");
        mmu_key_set(1, PKEY_DISABLE_ACCESS);
        EXPECT_EQ(touch(mm, BASE + 77, false).code, PKUERR);
        EXPECT_EQ(touch(mm, BASE + HUGE_SIZE, true).signo, 0);
        EXPECT_EQ(mm_pkey_mprotect(mm, &user_caller, BASE + HUGE_SIZE, PAGE_SIZE, RW, 1), 0);
        EXPECT_LOOK(mm, BASE, "Hs");
        EXPECT_EQ(touch(mm, BASE + HUGE_SIZE, false).code, PKUERR);
        EXPECT_EQ(touch(mm, BASE + HUGE_SIZE + PAGE_SIZE, true).signo, 0);
        mmu_key_set(1, 0);
        check_letters(mm, BASE, HUGE_SIZE, 'a');
        strip_done(mm);
}
