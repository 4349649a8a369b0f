/* SPDX-License-Identifier: MIT */
/* Common parts of tests: fixture.h. */
#include "tests/unit/fixture.h"

#include <stdlib.h>

#include "mm/pgwalk.h"

/* ------------------------------------------------------------------ files */

static void file_release(struct backing *file)
{
        if (file->object)
                object_put(file->object);
        free(file);
}

struct backing *file_create(const char *pages, u32 flags)
{
        struct backing *file = calloc(1, sizeof(*file));
        u64 size = strlen(pages) * PAGE_SIZE;

        CHECK(file);
        refcount_init(&file->ref);
        file->release = file_release;
        file->object = object_create(size, OBJECT_CHARGE_PAGES);
        file->flags = BACKING_REGULAR | flags;
        CHECK(file->object);
        for (u64 i = 0; pages[i]; i++)
                if (pages[i] != '.')
                        CHECK(object_write(file->object, i * PAGE_SIZE, &pages[i], 1) == 1);
        return file;
}

struct mmap_request map_request(unsigned page, unsigned n, u64 prot, u64 flags,
                                struct backing *file, unsigned first)
{
        return (struct mmap_request){
                .addr = at_page(page),
                .len = n * PAGE_SIZE,
                .prot = prot,
                .flags = flags | (file ? 0 : MAP_ANONYMOUS),
                .offset = first * PAGE_SIZE,
                .backing = file,
                .readable = true,
                .writable = true,
        };
}

void map_file(struct mm *mm, unsigned page, unsigned n, u64 prot, u64 flags, struct backing *file,
              unsigned first)
{
        struct mmap_request req = map_request(page, n, prot, flags | MAP_FIXED, file, first);

        ASSERT_EQ(mm_mmap(mm, &root_caller, &req), (s64)req.addr);
}

void map_shared_anon(struct mm *mm, unsigned page, unsigned n, u64 prot)
{
        map_file(mm, page, n, prot, MAP_SHARED, NULL, 0);
}

void make_special(struct mm *mm, unsigned page, u64 vm_flags)
{
        struct vma *vma;

        mm_lock(mm);
        vma = vma_at(mm, at_page(page));
        CHECK(vma);
        vma_set_flags(vma, vma->flags | vm_flags);
        mm_unlock(mm, at_page(page));
}

/* ------------------------------------------------------------------ calls */

int unmap(struct mm *mm, unsigned page, unsigned n)
{
        return mm_munmap(mm, &user_caller, at_page(page), n * PAGE_SIZE);
}

int protect(struct mm *mm, unsigned page, unsigned n, u64 prot)
{
        return mm_mprotect(mm, &user_caller, at_page(page), n * PAGE_SIZE, prot);
}

static s64 address_to_page(s64 at)
{
        bool is_near = at >= (s64)ARENA && at < (s64)at_page(1 << 16);

        return is_near ? (at - (s64)ARENA) >> PAGE_SHIFT : at;
}

s64 remap_as(struct mm *mm, const struct mm_caller *who, unsigned page, u64 old, u64 new, u64 flags,
             unsigned to)
{
        return address_to_page(mm_mremap(mm, who, at_page(page), old * PAGE_SIZE, new *PAGE_SIZE,
                                         flags, at_page(to)));
}

s64 remap(struct mm *mm, unsigned page, u64 old, u64 new, u64 flags, unsigned to)
{
        return remap_as(mm, &user_caller, page, old, new, flags, to);
}

s64 remap_bytes(struct mm *mm, unsigned page, u64 old, u64 new, u64 flags, unsigned to)
{
        return address_to_page(
                mm_mremap(mm, &user_caller, at_page(page), old, new, flags, at_page(to)));
}

/* ------------------------------------------------------------------ looking */

struct mm_stats stats_of(struct mm *mm)
{
        struct mm_stats stats;

        mm_stats(mm, &stats);
        return stats;
}

u64 locked_pages_of(struct mm *mm)
{
        return stats_of(mm).locked_vm;
}

u64 anon_pages_of(struct mm *mm)
{
        return stats_of(mm).rss_anon;
}

const char *flags_at(struct mm *mm, unsigned page)
{
        static char text[256];
        struct vma *vma = vma_at(mm, at_page(page));
        size_t len = 0;

        text[0] = 0;
        for (unsigned bit = 0; vma && bit < 64; bit++)
                if ((vma->flags >> bit & 1) && vm_flag_letters(bit))
                        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s",
                                                len ? " " : "", vm_flag_letters(bit));
        return text;
}

bool is_mapped(struct mm *mm, unsigned page)
{
        pte_t *pte = pgwalk_find(mm, at_page(page), PT_PTE);

        return pte && pte_is_leaf(pte_read(pte), PT_PTE);
}

struct mm *fork_of(struct mm *mm)
{
        int err;
        struct mm *child = mm_fork(mm, &user_caller, &err);

        ASSERT_TRUE(child);
        return child;
}

/* ------------------------------------------------------------------ limits */

struct mm_caller with_memlock(u64 pages)
{
        struct mm_caller who = user_caller;

        who.rlimit_memlock = pages * PAGE_SIZE;
        return who;
}

struct mm_caller with_as(u64 pages)
{
        struct mm_caller who = user_caller;

        who.rlimit_as = pages * PAGE_SIZE;
        return who;
}

struct mm_caller with_data(u64 soft_pages, u64 hard_pages)
{
        struct mm_caller who = user_caller;

        who.rlimit_data = soft_pages * PAGE_SIZE;
        who.rlimit_data_max = hard_pages * PAGE_SIZE;
        return who;
}

void commit_leave(u64 pages)
{
        mm_sysctl.overcommit_memory = 2;
        mm_sysctl.admin_reserve_kbytes = 0;
        mm_sysctl.user_reserve_kbytes = 0;
        /* The limit itself is not reached: "committed after it < limit". */
        mm_sysctl.overcommit_kbytes = (mm_committed() + pages + 1) * (PAGE_SIZE / 1024);
}
