/* SPDX-License-Identifier: MIT */
/* mm/ on the host machine, in terms of the model: machine.h. */
#include <string.h>

#include "tests/model/machine.h"
#include "tests/model/canonical.h"

#include "arch/host/host.h"
#include "arch/host/user.h"
#include "kernel/base/abi/madvise.h"
#include "kernel/base/abi/mman.h"
#include "kernel/base/assert.h"
#include "mm/mm_types.h"
#include "mm/object.h"
#include "mm/page.h"
#include "mm/pgwalk.h"
#include "mm/slab.h"
#include "mm/vma.h"

#define ARENA 0x10000000UL

static unsigned arena_pages;
static u64 committed_before;
static struct mm *mm;
static const struct mm_caller who = {
        .rlimit_as = MM_NO_LIMIT,
        .rlimit_data = MM_NO_LIMIT,
        .rlimit_data_max = MM_NO_LIMIT,
        .rlimit_stack = 8UL << 20,
        .rlimit_memlock = MM_NO_LIMIT,
        .caps = MM_CAP_IPC_LOCK | MM_CAP_SYS_ADMIN | MM_CAP_SYS_RAWIO,
};

/* arch/host asks the address sanitizer for it, which need not be here. */
void __sanitizer_print_stack_trace(void) __attribute__((weak));
void __sanitizer_print_stack_trace(void)
{
}

static u64 at(unsigned page)
{
        return ARENA + page * PAGE_SIZE;
}

void machine_start(unsigned pages)
{
        static const struct mem_range ram = { 16UL << 20, 24UL << 20 };
        struct mm_layout layout = { .stack_rlimit = 8UL << 20 };

        host_memory_map(ram.start, ram.end);
        page_init(&ram, 1, NULL, 0);
        slab_init();
        mm_init();
        mm = mm_create(&layout);
        CHECK(mm);
        arena_pages = pages;
        committed_before = mm_committed();
}

void machine_clear(void)
{
        CHECK(mm_munmap(mm, &who, ARENA, arena_pages * PAGE_SIZE) == 0);
}

void machine_validate(void)
{
        mm_validate(mm);
}

/* ------------------------------------------------------------------ calls */

static u64 protection(unsigned flags)
{
        return (flags & REF_READ ? PROT_READ : 0) | (flags & REF_WRITE ? PROT_WRITE : 0);
}

static s64 do_mmap(const struct ref_call *c)
{
        struct mmap_request req = {
                .addr = at(c->page),
                .len = c->len * PAGE_SIZE,
                .prot = protection(c->flags),
                .flags = MAP_FIXED | MAP_ANONYMOUS,
        };

        req.flags |= c->flags & REF_SHARED ? MAP_SHARED : MAP_PRIVATE;
        req.flags |= c->flags & REF_LOCKED ? MAP_LOCKED : 0;
        req.flags |= c->flags & REF_NORESERVE ? MAP_NORESERVE : 0;
        req.flags |= c->flags & REF_POPULATE ? MAP_POPULATE : 0;
        return mm_mmap(mm, &who, &req);
}

static s64 do_mremap(const struct ref_call *c)
{
        u64 flags = 0;

        if (c->flags & REF_FIXED)
                flags = MREMAP_MAYMOVE | MREMAP_FIXED;
        if (c->flags & REF_DONTUNMAP)
                flags |= MREMAP_DONTUNMAP;
        return mm_mremap(mm, &who, at(c->page), c->len * PAGE_SIZE, c->new_len * PAGE_SIZE, flags,
                         at(c->to));
}

static int do_access(const struct ref_call *c)
{
        u8 byte = 1;
        struct mm_fault fault = c->kind == REF_STORE ? host_store(mm, &who, at(c->page), &byte, 1)
                                                     : host_load(mm, &who, at(c->page), &byte, 1);

        return fault.signo ? REF_SIGNAL(fault.signo, fault.code) : 0;
}

static int do_fork(const struct ref_call *c)
{
        int err;
        struct mm *child = mm_fork(mm, &who, &err);

        if (!child)
                return err;
        if (c->kind == REF_CHILD) {
                mm_put(mm);
                mm = child;
        } else {
                mm_put(child);
        }
        return 0;
}

static s64 do_call(const struct ref_call *c)
{
        u64 addr = at(c->page), len = c->len * PAGE_SIZE;

        switch ((enum ref_kind)c->kind) {
        case REF_MMAP: return do_mmap(c);
        case REF_MUNMAP: return mm_munmap(mm, &who, addr, len);
        case REF_MPROTECT: return mm_mprotect(mm, &who, addr, len, protection(c->flags));
        case REF_MREMAP: return do_mremap(c);
        case REF_DONTNEED: return mm_madvise(mm, &who, addr, len, MADV_DONTNEED);
        case REF_DONTFORK: return mm_madvise(mm, &who, addr, len, MADV_DONTFORK);
        case REF_DOFORK: return mm_madvise(mm, &who, addr, len, MADV_DOFORK);
        case REF_MLOCK: return mm_mlock(mm, &who, addr, len, false);
        case REF_MUNLOCK: return mm_munlock(mm, &who, addr, len);
        case REF_LOAD:
        case REF_STORE: return do_access(c);
        case REF_CHILD:
        case REF_PARENT: return do_fork(c);
        case REF_KINDS: break;
        }
        return -38;
}

int machine_do(const struct ref_call *c)
{
        s64 result = do_call(c);

        if ((c->kind == REF_MMAP || c->kind == REF_MREMAP) && result >= 0)
                return (int)((result - (s64)ARENA) / (s64)PAGE_SIZE);
        return (int)result;
}

/* ------------------------------------------------------------------ looking */

/* A number for a pointer: the same for the same one, from 1 on. */
static uint8_t name_of(const void *what, const void **names)
{
        uint8_t i = 0;

        if (!what)
                return 0;
        while (names[i] && names[i] != what)
                i++;
        names[i] = what;
        return (uint8_t)(i + 1);
}

static uint8_t flags_of(u64 flags)
{
        static const struct {
                u64 vm;
                uint8_t ref;
        } table[] = { { VM_READ, REF_READ },        { VM_WRITE, REF_WRITE },
                      { VM_SHARED, REF_SHARED },    { VM_LOCKED, REF_LOCKED },
                      { VM_ACCOUNT, REF_ACCOUNT },  { VM_NORESERVE, REF_NORESERVE },
                      { VM_DONTCOPY, REF_DONTCOPY } };
        u64 may = VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC | (flags & VM_SHARED ? VM_MAYSHARE : 0);
        uint8_t result = 0;

        for (unsigned i = 0; i < sizeof(table) / sizeof(*table); i++) {
                if (flags & table[i].vm)
                        result |= table[i].ref;
                flags &= ~table[i].vm;
        }
        return flags == may ? result : REF_POPULATE;
}

static uint8_t content_at(unsigned page)
{
        pte_t *pte = pgwalk_find(mm, at(page), PT_PTE);
        pte_t entry;

        if (!pte)
                return REF_EMPTY;
        entry = pte_read(pte);
        if (!pte_is_leaf(entry, PT_PTE))
                return REF_EMPTY;
        if (pte_special(entry, PT_PTE))
                return REF_ZERO;
        return pfn_to_page(pte_pfn(entry, PT_PTE))->kind == PAGE_ANON ? REF_OWN : REF_OBJECT;
}

static void look_at_object(struct ref *seen, struct object *object, unsigned number)
{
        seen->object_size[number] = (uint8_t)(object_size(object) / PAGE_SIZE);
        seen->object_has[number] = 0;
        for (unsigned i = 0; i < seen->object_size[number]; i++)
                if (object_has_page(object, i))
                        seen->object_has[number] |= (uint8_t)(1u << i);
}

static void look_at_vma(struct ref *seen, const struct vma *vma, const void **anons,
                        const void **objects)
{
        unsigned s = (unsigned)((vma->start - ARENA) / PAGE_SIZE);
        struct ref_page page = { .mapped = true, .flags = flags_of(vma->flags) };
        int pgoff = (int)vma->pgoff;

        page.anon = name_of(vma->anon, anons);
        page.object = name_of(vma_object(vma), objects);
        if (page.object)
                look_at_object(seen, vma_object(vma), page.object);
        else
                pgoff = (int)((s64)vma->pgoff - (s64)bytes_to_pages(ARENA));
        if (vma_is_fork_child(vma))
                seen->inherited |= (uint8_t)(1u << (page.anon - 1));
        for (unsigned p = s; p < s + vma_pages(vma) && p < arena_pages; p++) {
                page.starts = p == s;
                page.pgoff = (int16_t)(pgoff + (int)(p - s));
                page.content = content_at(p);
                seen->page[p] = page;
        }
}

void machine_look(struct ref *seen, struct ref_counts *counts)
{
        const void *anons[REF_PAGES + 1] = { 0 }, *objects[REF_PAGES + 1] = { 0 };
        struct mm_stats stats;
        struct vma *vma;

        ref_init(seen, arena_pages);
        for (vma = vma_find(mm, ARENA); vma; vma = vma_next(vma))
                look_at_vma(seen, vma, anons, objects);
        mm_stats(mm, &stats);
        *counts = (struct ref_counts){
                .vmas = (int)stats.map_count,
                .total = (int)stats.total_vm,
                .data = (int)stats.data_vm,
                .locked = (int)stats.locked_vm,
                .rss_anon = (int)stats.rss_anon,
                .rss_shmem = (int)stats.rss_shmem,
                .committed = (int)(mm_committed() - committed_before),
        };
}
