/* SPDX-License-Identifier: MIT */
/* Address spaces as strips of text: strip.h. */
#include "tests/unit/strip.h"

#include <stdlib.h>

#include "mm/account.h"
#include "mm/fault.h"
#include "mm/pgwalk.h"

const struct mm_caller root_caller = {
        .rlimit_as = MM_NO_LIMIT,
        .rlimit_data = MM_NO_LIMIT,
        .rlimit_data_max = MM_NO_LIMIT,
        .rlimit_stack = 8UL << 20,
        .rlimit_memlock = 8UL << 20,
        .caps = MM_CAP_IPC_LOCK | MM_CAP_SYS_ADMIN | MM_CAP_SYS_RAWIO,
};

const struct mm_caller user_caller = {
        .rlimit_as = MM_NO_LIMIT,
        .rlimit_data = MM_NO_LIMIT,
        .rlimit_data_max = MM_NO_LIMIT,
        .rlimit_stack = 8UL << 20,
        .rlimit_memlock = 8UL << 20,
};

struct mm *strip_empty(void)
{
        struct mm_layout layout = { .stack_rlimit = 8UL << 20 };
        struct mm *mm = mm_create(&layout);

        CHECK(mm);
        return mm;
}

void map_pages(struct mm *mm, unsigned page, unsigned n, u64 prot, u64 flags)
{
        struct mmap_request req = {
                .addr = at_page(page),
                .len = n * PAGE_SIZE,
                .prot = prot,
                .flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | flags,
        };

        ASSERT_EQ(mm_mmap(mm, &root_caller, &req), (s64)req.addr);
}

void write_pages(struct mm *mm, unsigned page, unsigned n, char letter)
{
        for (unsigned i = 0; i < n; i++) {
                struct mm_fault fault = host_store(mm, &root_caller, at_page(page + i), &letter, 1);

                ASSERT_EQ(fault.signo, 0);
        }
}

struct mm_fault touch(struct mm *mm, u64 addr, bool write)
{
        u8 byte = 1;

        return write ? host_store(mm, &user_caller, addr, &byte, 1)
                     : host_load(mm, &user_caller, addr, &byte, 1);
}

u8 peek_byte(struct mm *mm, u64 addr)
{
        u8 byte = 0;

        EXPECT_EQ(host_load(mm, &root_caller, addr, &byte, 1).signo, 0);
        return byte;
}

void strip_map(struct mm *mm, unsigned page, const char *text)
{
        for (unsigned i = 0, n; text[i]; i += n) {
                char c = text[i];

                for (n = 1; text[i + n] == c; n++)
                        ;
                if (c == '.')
                        continue;
                map_pages(mm, page + i, n, PROT_READ | PROT_WRITE,
                          c != '-' && (c - 'A') % 2 ? MAP_NORESERVE : 0);
                if (c != '-')
                        write_pages(mm, page + i, n, c);
        }
}

struct mm *strip(const char *text)
{
        struct mm *mm = strip_empty();

        strip_map(mm, 0, text);
        return mm;
}

static char page_char(struct mm *mm, u64 addr)
{
        pte_t *pte = pgwalk_find(mm, addr, PT_PTE);
        pte_t entry = pte ? pte_read(pte) : pte_none();
        char c;

        if (!vma_at(mm, addr))
                return '.';
        if (pte_is_none(entry))
                return '-';
        if (pte_is_marker(entry))
                return '#';
        c = *(const char *)pfn_to_virt(pte_pfn(entry, PT_PTE));
        return c ? c : '0';
}

const char *strip_text(struct mm *mm, unsigned pages)
{
        static char text[ARENA_PAGES + 1];

        CHECK(pages <= ARENA_PAGES);
        for (unsigned i = 0; i < pages; i++)
                text[i] = page_char(mm, at_page(i));
        text[pages] = 0;
        return text;
}

const char *strip_vmas(struct mm *mm)
{
        static char text[1024];
        size_t len = 0;

        text[0] = 0;
        for (struct vma *vma = vma_find(mm, 0); vma; vma = vma_next(vma))
                len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%lld-%lld%c%c",
                                        len ? " " : "", (long long)(vma->start - ARENA) / 4096,
                                        (long long)(vma->end - ARENA) / 4096,
                                        vma->flags & VM_READ ? 'r' : '-',
                                        vma->flags & VM_WRITE ? 'w' : '-');
        return text;
}

void strip_validate(struct mm *mm)
{
        mm_lock(mm);
        mm_validate(mm);
        mm_unlock(mm, 0);
        host_tlb_verify(&mm->mmu);
}

void strip_done(struct mm *mm)
{
        strip_validate(mm);
        EXPECT_TRUE(mm_validate_system());
        mm_put(mm);
        EXPECT_EQ(mm_committed(), 0);
}

char *strip_snapshot(struct mm *mm)
{
        struct mm_stats s;
        struct pgwalk walk = pgwalk_begin(mm, 0, TASK_SIZE);
        char *text = NULL;
        size_t size;
        FILE *out = open_memstream(&text, &size);

        mm_stats(mm, &s);
        for (struct vma *vma = vma_find(mm, 0); vma; vma = vma_next(vma))
                fprintf(out, "%#lx-%#lx flags %#lx pgoff %#lx backing %p anon %p\n",
                        (long)vma->start, (long)vma->end, (long)vma->flags, (long)vma->pgoff,
                        (void *)vma->backing, (void *)vma->anon);
        while (pgwalk_next(&walk))
                fprintf(out, "%#lx: %#lx '%c'\n", (long)walk.addr, (long)walk.entry.v,
                        page_char(mm, walk.addr));
        fprintf(out,
                "total %lu data %lu exec %lu stack %lu locked %lu anon %lu file %lu shmem %lu ",
                (long)s.total_vm, (long)s.data_vm, (long)s.exec_vm, (long)s.stack_vm,
                (long)s.locked_vm, (long)s.rss_anon, (long)s.rss_file, (long)s.rss_shmem);
        fprintf(out, "count %lu committed %lu brk %#lx\n", (long)s.map_count, (long)mm_committed(),
                (long)mm->brk);
        fclose(out);
        return text;
}
