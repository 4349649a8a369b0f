/* SPDX-License-Identifier: MIT */
/*
 * mmap(): types and files. What is refused and in which order, what a mapping may become later, and
 * how the lengths and offsets are bounded. Places and MAP_FIXED are in test_mmap.c.
 */
#include "tests/unit/fixture.h"

#include "kernel/base/abi/madvise.h"
#include "mm/fail_alloc.h"
#include "mm/page.h"

#define FIXED_SHARED  (MAP_SHARED | MAP_FIXED)
#define FIXED_PRIVATE (MAP_PRIVATE | MAP_FIXED)
#define VALIDATE      (MAP_SHARED_VALIDATE | MAP_FIXED)

/* Of the file's first page, at page 0 of the arena: 0 or an errno. */
static int try_map(struct mm *mm, struct mmap_request req)
{
        s64 at = mm_mmap(mm, &user_caller, &req);

        return at < 0 ? (int)at : 0;
}

/* ------------------------------------------------------------------ types */

TEST(type_must_be_one_that_is_known)
{
        struct backing *file = file_create("a", 0);
        struct mm *mm = strip_empty();

        for (u64 type = 0; type < 16; type++) {
                bool anon = type == 1 || type == 2 || type == 8, shared = type == 3;

                EXPECT_EQ(try_map(mm, map_request(0, 1, RW, type | MAP_FIXED, NULL, 0)),
                          anon ? 0 : -EINVAL);
                EXPECT_EQ(try_map(mm, map_request(0, 1, RW, type | MAP_FIXED, file, 0)),
                          (anon && type != 8) || shared ? 0 : -EINVAL);
        }
        backing_put(file);
        strip_done(mm);
}

TEST(unknown_rights_and_flags_of_anonymous_memory_are_ignored)
{
        struct mm *mm = strip_empty();

        EXPECT_EQ(try_map(mm, map_request(0, 1, 0xff, FIXED_PRIVATE | 1UL << 40, NULL, 0)), 0);
        EXPECT_FLAGS(mm, 0, "rd wr ex mr mw me ac");
        EXPECT_EQ(try_map(mm, map_request(2, 1, RW, FIXED_PRIVATE | MAP_STACK, NULL, 0)), 0);
        EXPECT_FLAGS(mm, 2, "rd wr mr mw me ac nh");
        EXPECT_EQ(try_map(mm, map_request(4, 1, PROT_NONE, FIXED_PRIVATE, NULL, 0)), 0);
        EXPECT_FLAGS(mm, 4, "mr mw me");
        strip_done(mm);
}

TEST(stacks_and_droppable_memory_are_private_and_anonymous)
{
        struct backing *file = file_create("a", 0);
        struct mm *mm = strip_empty();
        u64 droppable = MAP_DROPPABLE | MAP_FIXED;

        EXPECT_EQ(try_map(mm, map_request(0, 1, RW, FIXED_SHARED | MAP_GROWSDOWN, NULL, 0)),
                  -EINVAL);
        EXPECT_EQ(try_map(mm, map_request(0, 1, RW, FIXED_PRIVATE | MAP_GROWSDOWN, file, 0)),
                  -EINVAL);
        EXPECT_EQ(try_map(mm, map_request(0, 1, RW, droppable | MAP_LOCKED, NULL, 0)), -EINVAL);
        EXPECT_EQ(try_map(mm, map_request(0, 1, RW, droppable | MAP_GROWSDOWN, NULL, 0)), -EINVAL);
        EXPECT_EQ(try_map(mm, map_request(0, 1, RW, droppable, NULL, 0)), 0);
        EXPECT_FLAGS(mm, 0, "rd wr mr mw me nr wf dd dp");
        EXPECT_EQ(mm_committed(), 1); /* the file's page */
        EXPECT_EQ(stats_of(mm).data_vm, 1);
        backing_put(file);
        strip_done(mm);
}

TEST(shared_validate_knows_which_flags_it_knows)
{
        struct backing *file = file_create("a", 0);
        struct mm *mm = strip_empty();

        EXPECT_EQ(try_map(mm, map_request(0, 1, RW, VALIDATE, file, 0)), 0);
        EXPECT_FLAGS(mm, 0, "rd wr sh mr mw me ms");
        EXPECT_EQ(try_map(mm, map_request(0, 1, RW, VALIDATE | 0x80, file, 0)), 0);
        EXPECT_EQ(try_map(mm, map_request(0, 1, RW, VALIDATE | 0x54000000, file, 0)), 0);
        EXPECT_EQ(try_map(mm, map_request(0, 1, RW, VALIDATE | 0x200000, file, 0)), -EOPNOTSUPP);
        EXPECT_EQ(try_map(mm, map_request(0, 1, RW, VALIDATE | MAP_SYNC, file, 0)), -EOPNOTSUPP);
        EXPECT_EQ(try_map(mm, map_request(0, 1, RW, FIXED_SHARED | 0x200000, file, 0)), 0);
        backing_put(file);
        strip_done(mm);
}

TEST(huge_pages_cannot_be_had)
{
        struct backing *file = file_create("a", 0);
        struct mm *mm = strip_empty();

        EXPECT_EQ(try_map(mm, map_request(0, 1, RW, FIXED_PRIVATE | MAP_HUGETLB, NULL, 0)),
                  -ENOMEM);
        EXPECT_EQ(try_map(mm, map_request(0, 1, RW, FIXED_PRIVATE | MAP_HUGETLB, file, 0)),
                  -EINVAL);
        backing_put(file);
        strip_done(mm);
}

/* ------------------------------------------------------------------ how the file is open */

TEST(file_must_be_open_for_what_is_asked)
{
        struct backing *file = file_create("a", 0);
        struct mm *mm = strip_empty();
        struct mmap_request req = map_request(0, 1, PROT_READ, FIXED_SHARED, file, 0);

        req.writable = false;
        EXPECT_EQ(try_map(mm, req), 0);
        EXPECT_FLAGS(mm, 0, "rd mr me ms"); /* and is never going to be writable */
        req.prot = RW;
        EXPECT_EQ(try_map(mm, req), -EACCES);
        req.flags = FIXED_PRIVATE; /* a private copy may be written */
        EXPECT_EQ(try_map(mm, req), 0);
        EXPECT_FLAGS(mm, 0, "rd wr mr mw me ac");
        req.readable = false;
        req.writable = true;
        EXPECT_EQ(try_map(mm, req), -EACCES);
        req.prot = PROT_WRITE;
        req.flags = FIXED_SHARED;
        EXPECT_EQ(try_map(mm, req), -EACCES);
        backing_put(file);
        strip_done(mm);
}

TEST(file_on_a_noexec_mount_is_never_executed)
{
        struct backing *file = file_create("a", 0);
        struct mm *mm = strip_empty();
        struct mmap_request req = map_request(0, 1, RX, FIXED_PRIVATE, file, 0);

        req.noexec = true;
        EXPECT_EQ(try_map(mm, req), -EPERM);
        req.prot = PROT_READ;
        EXPECT_EQ(try_map(mm, req), 0);
        EXPECT_FLAGS(mm, 0, "rd mr mw");
        EXPECT_EQ(mm_mprotect(mm, &user_caller, at_page(0), PAGE_SIZE, RX), -EACCES);
        backing_put(file);
        strip_done(mm);
}

TEST(file_without_pages_cannot_be_mapped)
{
        struct backing nothing = { .flags = 0 };
        struct mm *mm = strip_empty();
        struct mmap_request req = map_request(0, 1, PROT_READ, FIXED_PRIVATE, &nothing, 0);

        EXPECT_EQ(try_map(mm, req), -ENODEV);
        req.readable = false;
        EXPECT_EQ(try_map(mm, req), -EACCES); /* comes first */
        strip_done(mm);
}

TEST(file_sealed_against_future_writing_keeps_its_mappings)
{
        struct backing *file = file_create("a", BACKING_SHMEM);
        struct mm *mm = strip_empty();

        EXPECT_EQ(try_map(mm, map_request(0, 1, RW, FIXED_SHARED, file, 0)), 0);
        object_deny_new_writable(file->object);
        EXPECT_EQ(try_map(mm, map_request(2, 1, RW, FIXED_SHARED, file, 0)), -EPERM);
        EXPECT_EQ(try_map(mm, map_request(2, 1, PROT_READ, FIXED_SHARED, file, 0)), 0);
        EXPECT_FLAGS(mm, 0, "rd wr sh mr mw me ms");
        EXPECT_FLAGS(mm, 2, "rd sh mr me ms");
        EXPECT_EQ(object_deny_shared_writable(file->object), -EBUSY);
        backing_put(file);
        strip_done(mm);
}

TEST(file_sealed_against_writing_is_shared_for_reading_only)
{
        struct backing *file = file_create("a", BACKING_SHMEM);
        struct mm *mm = strip_empty();

        EXPECT_EQ(try_map(mm, map_request(0, 1, PROT_READ, FIXED_SHARED, file, 0)), 0);
        EXPECT_EQ(object_shared_writable(file->object), 1); /* by a later mprotect() */
        EXPECT_EQ(object_deny_shared_writable(file->object), -EBUSY);
        EXPECT_EQ(mm_munmap(mm, &user_caller, at_page(0), PAGE_SIZE), 0);
        EXPECT_EQ(try_map(mm, map_request(0, 1, RW, FIXED_PRIVATE, file, 0)), 0);
        EXPECT_EQ(object_deny_shared_writable(file->object), 0);
        EXPECT_EQ(try_map(mm, map_request(2, 1, RW, FIXED_SHARED, file, 0)), -EPERM);
        EXPECT_EQ(try_map(mm, map_request(2, 1, PROT_READ, FIXED_SHARED, file, 0)), 0);
        EXPECT_FLAGS(mm, 2, "rd sh mr me ms");
        EXPECT_EQ(mm_mprotect(mm, &user_caller, at_page(2), PAGE_SIZE, RW), -EACCES);
        EXPECT_EQ(try_map(mm, map_request(4, 1, RW, FIXED_PRIVATE, file, 0)), 0);
        backing_put(file);
        strip_done(mm);
}

/* ------------------------------------------------------------------ offsets and lengths */

TEST(offset_and_length_must_stay_below_the_largest_file)
{
        struct backing *file = file_create("a", 0), *shm = file_create("a", BACKING_SHMEM);
        struct backing *zero = file_create("", BACKING_ZERO);
        struct mm *mm = strip_empty();
        struct mmap_request req = map_request(0, 2, RW, FIXED_PRIVATE, file, 0);

        zero->flags = BACKING_ZERO; /* no regular file: only 64 bits */
        req.offset = (1UL << 63) - 2 * PAGE_SIZE;
        EXPECT_EQ(try_map(mm, req), -EOVERFLOW);
        req.backing = shm;
        EXPECT_EQ(try_map(mm, req), -EOVERFLOW);
        req.readable = false;
        EXPECT_EQ(try_map(mm, req), -EOVERFLOW); /* before the rights are looked at */
        req.readable = true;
        req.offset -= PAGE_SIZE;
        EXPECT_EQ(try_map(mm, req), 0);
        EXPECT_EQ(touch(mm, at_page(0), false).signo, SIGBUS);
        req.backing = zero;
        req.offset = -2 * PAGE_SIZE;
        EXPECT_EQ(try_map(mm, req), -EOVERFLOW);
        req.offset -= PAGE_SIZE;
        EXPECT_EQ(try_map(mm, req), 0);
        backing_put(file);
        backing_put(shm);
        backing_put(zero);
        strip_done(mm);
}

TEST(errnos_come_in_their_order)
{
        struct backing *file = file_create("a", 0);
        struct mm *mm = strip("A");
        struct mm_caller none = with_memlock(0), one = with_memlock(1);
        struct mmap_request req = map_request(0, 2, RW, MAP_LOCKED | MAP_FIXED_NOREPLACE, file, 0);

        mm_sysctl.max_map_count = 0;
        req.len = 0;
        EXPECT_EQ(mm_mmap(mm, &none, &req), -EINVAL);
        req.len = ~0UL;
        EXPECT_EQ(mm_mmap(mm, &none, &req), -ENOMEM);
        req.len = 2 * PAGE_SIZE;
        EXPECT_EQ(mm_mmap(mm, &none, &req), -ENOMEM); /* too many mappings */
        mm_sysctl.max_map_count = 1;
        req.addr++;
        EXPECT_EQ(mm_mmap(mm, &none, &req), -EINVAL);
        req.addr--;
        EXPECT_EQ(mm_mmap(mm, &none, &req), -EEXIST);
        req.flags ^= MAP_FIXED_NOREPLACE | MAP_FIXED;
        EXPECT_EQ(mm_mmap(mm, &none, &req), -EPERM);
        EXPECT_EQ(mm_mmap(mm, &one, &req), -EAGAIN);
        EXPECT_EQ(mm_mmap(mm, &user_caller, &req), -EINVAL); /* no type at all */
        req.flags |= MAP_SHARED;
        EXPECT_EQ(mm_mseal(mm, at_page(0), PAGE_SIZE, 0), 0);
        EXPECT_EQ(mm_mmap(mm, &user_caller, &req), -EPERM);
        EXPECT_STRIP(mm, "A.");
        backing_put(file);
        strip_done(mm);
}

/* ------------------------------------------------------------------ what is mapped */

TEST(mappings_of_one_file_merge_if_their_pages_run_on)
{
        struct backing *file = file_create("abcdef", 0);
        struct mm *mm = strip_empty();

        map_file(mm, 0, 2, RW, MAP_PRIVATE, file, 0);
        map_file(mm, 2, 2, RW, MAP_PRIVATE, file, 2);
        EXPECT_VMAS(mm, "0-4rw");
        map_file(mm, 4, 2, RW, MAP_PRIVATE, file, 0);
        EXPECT_VMAS(mm, "0-4rw 4-6rw");
        map_file(mm, 10, 1, RW, MAP_SHARED, file, 1);
        map_file(mm, 9, 1, RW, MAP_SHARED, file, 0);
        map_file(mm, 11, 1, RW, MAP_SHARED, file, 2);
        EXPECT_VMAS(mm, "0-4rw 4-6rw 9-12rw");
        backing_put(file);
        strip_done(mm);
}

TEST(shared_dev_zero_is_an_object_of_its_own)
{
        struct backing *zero = file_create("", BACKING_ZERO);
        struct mm *mm = strip_empty();
        struct mm_region region;

        map_file(mm, 0, 1, RW, MAP_SHARED, zero, 0);
        map_file(mm, 1, 1, RW, MAP_SHARED, zero, 0);
        write_pages(mm, 0, 1, 'X');
        EXPECT_STRIP(mm, "X-");
        EXPECT_VMAS(mm, "0-1rw 1-2rw");
        EXPECT_EQ(mm_committed(), 2);
        ASSERT_TRUE(mm_next_region(mm, at_page(0), &region));
        EXPECT_STREQ(region.special, "/dev/zero (deleted)");
        backing_put(region.backing);
        EXPECT_EQ(refcount_read(&zero->ref), 1);
        backing_put(zero);
        strip_done(mm);
}

TEST(shared_memory_without_reserve_is_charged_page_by_page)
{
        struct mm *mm = strip_empty();

        EXPECT_EQ(try_map(mm, map_request(0, 4, RW, FIXED_SHARED | MAP_NORESERVE, NULL, 0)), 0);
        EXPECT_EQ(mm_committed(), 0);
        write_pages(mm, 1, 1, 'X');
        EXPECT_EQ(mm_committed(), 1);
        EXPECT_EQ(mm_munmap(mm, &user_caller, at_page(1), PAGE_SIZE), 0);
        EXPECT_EQ(mm_committed(), 1);
        EXPECT_EQ(mm_munmap(mm, &user_caller, at_page(0), 4 * PAGE_SIZE), 0);
        EXPECT_EQ(mm_committed(), 0);
        EXPECT_EQ(try_map(mm, map_request(0, 4, PROT_READ, FIXED_SHARED, NULL, 0)), 0);
        EXPECT_EQ(mm_committed(), 4); /* read-only or not */
        strip_done(mm);
}

TEST(populate_faults_in_unless_it_must_not_block)
{
        struct backing *file = file_create("ab", 0);
        struct mm *mm = strip_empty();

        map_file(mm, 0, 2, RW, MAP_PRIVATE | MAP_POPULATE, NULL, 0);
        map_file(mm, 2, 2, RW, MAP_PRIVATE | MAP_POPULATE | MAP_NONBLOCK, NULL, 0);
        map_file(mm, 4, 3, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0);
        map_file(mm, 8, 1, PROT_NONE, MAP_PRIVATE | MAP_POPULATE, NULL, 0);
        EXPECT_STRIP(mm, "00--ab-.-"); /* what cannot be had is passed over */
        backing_put(file);
        strip_done(mm);
}

TEST(commit_limit_counts_what_is_replaced_as_given_back)
{
        struct mm *mm = strip("AAAA");

        commit_leave(2);
        EXPECT_EQ(try_map(mm, map_request(2, 5, RW, FIXED_PRIVATE, NULL, 0)), -ENOMEM);
        EXPECT_STRIP(mm, "AAAA...");
        EXPECT_EQ(try_map(mm, map_request(2, 4, RW, FIXED_PRIVATE, NULL, 0)), 0);
        EXPECT_STRIP(mm, "AA----");
        EXPECT_EQ(mm_committed(), 6);
        strip_done(mm);
}

TEST(refused_in_the_middle_of_a_mapping_leaves_it_in_three)
{
        struct mm *mm = strip("AAAA");
        struct mm_caller small = with_as(1);
        struct mmap_request req = map_request(1, 2, PROT_READ, FIXED_PRIVATE, NULL, 0);

        EXPECT_EQ(mm_mmap(mm, &small, &req), -ENOMEM);
        EXPECT_STRIP(mm, "AAAA");
        EXPECT_VMAS(mm, "0-1rw 1-3rw 3-4rw");
        EXPECT_EQ(mm_committed(), 4);
        strip_done(mm);
}

TEST(special_mappings_are_placed_side_by_side)
{
        struct backing *image = file_create("vv", BACKING_SPECIAL);
        struct mm *mm = strip_empty();
        struct mm_special parts[] = {
                { .backing = image,
                  .len = PAGE_SIZE,
                  .flags = VM_READ | VM_MAYREAD | VM_IO | VM_DONTEXPAND },
                { .backing = image,
                  .len = 2 * PAGE_SIZE,
                  .flags = VM_READ | VM_EXEC | VM_MAYREAD | VM_MAYEXEC | VM_DONTEXPAND },
        };
        s64 at;

        fail_alloc_nth(1, true);
        EXPECT_EQ(mm_map_special(mm, parts, 2), -ENOMEM);
        fail_alloc_nth(0, false);
        parts[1].len = TASK_SIZE;
        EXPECT_EQ(mm_map_special(mm, parts, 2), -ENOMEM); /* no room */
        parts[1].len = 2 * PAGE_SIZE;
        EXPECT_EQ(stats_of(mm).total_vm, 0);
        at = mm_map_special(mm, parts, 2);
        EXPECT_EQ(at, 0x7ffff7fff000 - 3 * 4096);
        EXPECT_EQ(stats_of(mm).map_count, 2);
        EXPECT_EQ(stats_of(mm).exec_vm, 2);
        backing_put(image);
        strip_done(mm);
}

static u64 mapped_pages(void)
{
        struct memory_stats stats;

        memory_stats(&stats);
        return stats.mapped;
}

/* Read each page, as a program would. */
static void read_pages(struct mm *mm, unsigned page, unsigned n)
{
        for (unsigned i = 0; i < n; i++)
                peek_byte(mm, at_page(page + i));
}

TEST(pages_of_files_count_as_mapped_once)
{
        struct backing *file = file_create("abc", 0);
        struct mm *mm = strip("AA"), *child;

        EXPECT_EQ(mapped_pages(), 0); /* private pages do not count */
        map_file(mm, 4, 3, RW, MAP_SHARED, file, 0);
        EXPECT_EQ(mapped_pages(), 0);
        read_pages(mm, 4, 3);
        EXPECT_EQ(mapped_pages(), 3);
        map_file(mm, 8, 3, RW, MAP_PRIVATE, file, 0);
        read_pages(mm, 8, 3);
        child = fork_of(mm);
        EXPECT_EQ(mapped_pages(), 3);
        EXPECT_EQ(mm_munmap(mm, &root_caller, at_page(4), 3 * PAGE_SIZE), 0);
        mm_put(child);
        EXPECT_EQ(mapped_pages(), 3);
        write_pages(mm, 9, 1, 'x'); /* the copy is a private page, the page itself has no mapping */
        EXPECT_EQ(mapped_pages(), 2);
        EXPECT_EQ(mm_madvise(mm, &root_caller, at_page(8), PAGE_SIZE, MADV_DONTNEED), 0);
        EXPECT_EQ(mapped_pages(), 1);
        backing_put(file);
        strip_done(mm);
        EXPECT_EQ(mapped_pages(), 0);
}
