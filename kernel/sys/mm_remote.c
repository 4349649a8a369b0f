/* SPDX-License-Identifier: MIT */
/*
 * Memory of another process: process_vm_readv, process_vm_writev, process_madvise.
 *
 * The caller must be of the same users and groups as the process, or may trace any.
 */
#include "kernel/base/abi/madvise.h"
#include "kernel/base/errno.h"
#include "kernel/fs/uio.h"
#include "kernel/sched/pidfd.h"
#include "kernel/sched/process.h"
#include "kernel/sys/mm_calls.h"
#include "kernel/sys/syscall.h"
#include "mm/slab.h"

/* The memory of a process, with a reference, in *out; `process` is put. -ESRCH, -EPERM. */
static int memory_of(struct process *process, struct mm **out)
{
        const struct cred *me = current_cred();
        int err = 0;

        if (!process)
                return -ESRCH;
        if (!process_may_access(process, me->uid, me->gid)) {
                err = -EPERM;
        } else {
                *out = process_mm(process);
                err = *out ? 0 : -ESRCH;
        }
        process_put(process);
        return err;
}

/* ------------------------------------------------------------------ copies */

/* One transfer between the caller's vectors and another address space. */
struct remote_copy {
        struct mm *mm;
        struct mm_caller who;
        struct uio local;
        u8 *buf; /* a page */
        bool write;
};

/* At most a page at `addr`; bytes moved, or -EFAULT. */
static ssize_t copy_piece(struct remote_copy *c, u64 addr, size_t n)
{
        ssize_t moved;

        if (c->write) {
                n = uio_take(&c->local, c->buf, n);
                return n ? mm_access(c->mm, &c->who, addr, c->buf, n,
                                     MM_ACCESS_WRITE | MM_ACCESS_MAPPED)
                         : -EFAULT;
        }
        /* As on Linux, which pins what it reads, and pins no page that fork() left shared. */
        moved = mm_access(c->mm, &c->who, addr, c->buf, n, MM_ACCESS_ALONE | MM_ACCESS_MAPPED);
        if (moved <= 0)
                return -EFAULT;
        moved = (ssize_t)uio_put(&c->local, c->buf, (size_t)moved);
        return moved ? moved : -EFAULT;
}

/* All of one remote vector, or as much as the local ones hold; stops short at bad memory. */
static ssize_t copy_vector(struct remote_copy *c, const struct iovec *remote)
{
        u64 len = min_u64(remote->len, c->local.left), done = 0;

        while (done < len) {
                u64 addr = remote->base + done;
                size_t n = min_u64(len - done, PAGE_SIZE - (addr & ~PAGE_MASK));
                ssize_t moved = copy_piece(c, addr, n);

                if (moved < 0)
                        return done ? (ssize_t)done : moved;
                done += (u64)moved;
                if ((size_t)moved < n)
                        break;
        }
        return (ssize_t)done;
}

static ssize_t copy_vectors(struct remote_copy *c, uaddr rvec, u64 rcount)
{
        ssize_t total = 0;

        for (u64 i = 0; i < rcount && c->local.left; i++) {
                struct iovec remote;
                ssize_t moved;

                if (copy_in(&remote, rvec + i * sizeof(remote), sizeof(remote)))
                        return total ? total : -EFAULT;
                moved = copy_vector(c, &remote);
                if (moved < 0)
                        return total ? total : moved;
                total += moved;
                if ((u64)moved < remote.len)
                        break;
        }
        return total;
}

/* Are all remote vectors readable and of sane length? What they hold, in all, in *len. */
static int check_vectors(uaddr rvec, u64 rcount, u64 *len)
{
        *len = 0;
        if (rcount > IOV_MAX)
                return -EINVAL;
        for (u64 i = 0; i < rcount; i++) {
                struct iovec remote;

                if (copy_in(&remote, rvec + i * sizeof(remote), sizeof(remote)))
                        return -EFAULT;
                if ((s64)remote.len < 0)
                        return -EINVAL;
                *len += remote.len;
        }
        return 0;
}

static long copy_remote(int pid, struct remote_copy *c, uaddr rvec, u64 rcount)
{
        u64 len;
        long result = check_vectors(rvec, rcount, &len);

        if (result || len == 0)
                return result;
        result = memory_of(process_find(pid), &c->mm);
        if (result)
                return result;
        c->buf = kmalloc(PAGE_SIZE);
        result = c->buf ? copy_vectors(c, rvec, rcount) : -ENOMEM;
        kfree(c->buf);
        mm_put(c->mm);
        return result;
}

static long transfer(int pid, uaddr lvec, u64 lcount, uaddr rvec, u64 rcount, u64 flags, bool write)
{
        struct remote_copy c = { .who = current_mm_caller(), .write = write };
        long result;

        if (flags)
                return -EINVAL;
        uio_vectors(&c.local, lvec, lcount);
        result = c.local.err;
        if (!result && c.local.left)
                result = copy_remote(pid, &c, rvec, rcount);
        uio_release(&c.local);
        return result;
}

long sys_process_vm_readv(int pid, uaddr lvec, u64 lcount, uaddr rvec, u64 rcount, u64 flags)
{
        return transfer(pid, lvec, lcount, rvec, rcount, flags, false);
}

long sys_process_vm_writev(int pid, uaddr lvec, u64 lcount, uaddr rvec, u64 rcount, u64 flags)
{
        return transfer(pid, lvec, lcount, rvec, rcount, flags, true);
}

/* ------------------------------------------------------------------ advice */

/* What one process may advise about the memory of another. */
static bool is_remote_advice(int advice)
{
        return advice == MADV_COLD || advice == MADV_PAGEOUT || advice == MADV_WILLNEED ||
               advice == MADV_COLLAPSE;
}

/* Empty ranges are passed over but where they come first: that one's address is looked at. */
static long advise_vectors(struct mm *mm, const struct uio *ranges, int advice)
{
        struct mm_caller who = current_mm_caller();
        u64 left = ranges->left;
        long done = 0;

        for (unsigned i = 0; i < ranges->nr && left; i++) {
                const struct iovec *range = &ranges->vec[i];
                int err;

                if (range->len == 0 && i > 0)
                        continue;
                err = mm_madvise(mm, &who, range->base, range->len, advice);
                if (err)
                        return done ? done : err;
                done += (long)range->len;
                left -= range->len;
        }
        return done;
}

static long advise_process(int pidfd, const struct uio *ranges, int advice)
{
        struct process *process = pidfd_process(pidfd);
        struct mm *mm;
        long result;

        if (!process)
                return -EBADF;
        result = memory_of(process, &mm);
        if (result)
                return result;
        if (mm != current_mm() && !is_remote_advice(advice))
                result = -EINVAL;
        else if (mm != current_mm() && !capable(CAP_SYS_NICE))
                result = -EPERM;
        else
                result = advise_vectors(mm, ranges, advice);
        mm_put(mm);
        return result;
}

/*
 * Of the count Linux looks at 32 bits. The vectors are checked as those of a read are, all of them
 * before the first is used (process_madvise(2), readv(2)).
 */
long sys_process_madvise(int pidfd, uaddr vec, u32 count, int advice, unsigned flags)
{
        struct uio ranges;
        long result;

        if (flags)
                return -EINVAL;
        uio_vectors(&ranges, vec, count);
        result = ranges.err ? ranges.err : advise_process(pidfd, &ranges, advice);
        uio_release(&ranges);
        return result;
}
