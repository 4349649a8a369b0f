/* SPDX-License-Identifier: MIT */
/* mmap, munmap, mprotect, pkey_*, mremap, brk: their arguments. The work is mm/'s. */
#include "kernel/base/abi/mman.h"
#include "kernel/base/abi/prctl.h"
#include "kernel/base/errno.h"
#include "kernel/fs/file.h"
#include "kernel/sched/process.h"
#include "kernel/sys/mm_calls.h"

/* Stands for files that cannot be mapped; mm/ refuses them, after the checks that come first. */
static struct backing unmappable = { .ref = { { 1 } } };

static long map_file(struct file *file, struct mmap_request *req)
{
        struct mm_caller who = current_mm_caller();

        req->backing = file_backing(file);
        if (!req->backing)
                req->backing = &unmappable;
        req->readable = file_readable(file);
        req->writable = file_writable(file);
        req->noexec = file_is_noexec(file);
        if ((current_task()->personality & READ_IMPLIES_EXEC) && (req->prot & PROT_READ) &&
            !req->noexec)
                req->prot |= PROT_EXEC;
        return mm_mmap(current_mm(), &who, req);
}

static long map_anonymous(struct mmap_request *req)
{
        struct mm_caller who = current_mm_caller();

        req->offset = 0;
        if ((current_task()->personality & READ_IMPLIES_EXEC) && (req->prot & PROT_READ))
                req->prot |= PROT_EXEC;
        return mm_mmap(current_mm(), &who, req);
}

long sys_mmap(uaddr addr, u64 len, u64 prot, u64 flags, int fd, u64 offset)
{
        struct mmap_request req = {
                .addr = addr,
                .len = len,
                .prot = prot,
                .flags = flags,
                .offset = offset,
        };
        struct file *file;
        long result;

        if (offset & ~PAGE_MASK)
                return -EINVAL;
        if (flags & MAP_ANONYMOUS)
                return map_anonymous(&req);
        file = file_of_fd(fd);
        if (!file)
                return -EBADF;
        result = file_is_path_only(file) ? -EBADF : map_file(file, &req);
        file_put(file);
        return result;
}

long sys_munmap(uaddr addr, u64 len)
{
        return mm_munmap(current_mm(), NULL, addr, len);
}

long sys_pkey_mprotect(uaddr addr, u64 len, u64 prot, int key)
{
        struct mm_caller who = current_mm_caller();

        if ((current_task()->personality & READ_IMPLIES_EXEC) && (prot & PROT_READ))
                prot |= PROT_EXEC;
        return mm_pkey_mprotect(current_mm(), &who, addr, len, prot, key);
}

long sys_mprotect(uaddr addr, u64 len, u64 prot)
{
        return sys_pkey_mprotect(addr, len, prot, -1);
}

long sys_pkey_alloc(u64 flags, u64 rights)
{
        return mm_pkey_alloc(current_mm(), flags, rights);
}

long sys_pkey_free(int key)
{
        return mm_pkey_free(current_mm(), key);
}

long sys_mremap(uaddr addr, u64 old_len, u64 new_len, u64 flags, uaddr new_addr)
{
        struct mm_caller who = current_mm_caller();

        return mm_mremap(current_mm(), &who, addr, old_len, new_len, flags, new_addr);
}

long sys_brk(uaddr addr)
{
        struct mm_caller who = current_mm_caller();

        return (long)mm_brk(current_mm(), &who, addr);
}

long sys_remap_file_pages(uaddr addr, u64 size, u64 prot, u64 pgoff, u64 flags)
{
        struct mm_caller who = current_mm_caller();

        return mm_remap_file_pages(current_mm(), &who, addr, size, prot, pgoff, flags);
}
