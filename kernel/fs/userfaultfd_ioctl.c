/* SPDX-License-Identifier: MIT */
/*
 * The ioctls of a userfaultfd. Each checks in the order of Linux, whose rows are:
 *
 *      not agreed on      EINVAL   every ioctl before UFFDIO_API
 *      memory changes     EAGAIN   ioctls that fill; the result field says so, too
 *      bad pointer        EFAULT
 *      range              EINVAL   the result field stays as it is
 *      mode               EINVAL
 *      the work           its own  the result field has the errno, or the bytes done
 *
 * A fill that came to an end before its range did is EAGAIN with the bytes done. What was done
 * wakes those who wait for it, unless DONTWAKE is asked for.
 */
#include "arch/usercopy.h"
#include "kernel/base/errno.h"
#include "kernel/base/string.h"
#include "kernel/fs/userfaultfd.h"
#include "kernel/sched/process.h"
#include "kernel/sched/task.h"
#include "mm/uffd.h"
#include "mm/vma_flags.h"

/* ------------------------------------------------------------------ the handshake */

static long do_api(struct uffd *u, uaddr arg)
{
        struct uffdio_api api, answer = {
                .api = UFFD_API,
                .features = UFFD_FEATURES_ALL,
                .ioctls = UFFD_IOCTLS_OF_FD,
        };
        int err = 0;

        if (user_copy_in(&api, arg, sizeof(api)))
                return -EFAULT;
        if (api.api != UFFD_API)
                err = -EINVAL;
        else if ((api.features & UFFD_FEATURE_EVENT_FORK) && !capable(CAP_SYS_PTRACE))
                err = -EPERM;
        else if (api.features & ~UFFD_FEATURES_ALL)
                err = -EINVAL;
        if (!err && user_copy_out(arg, &answer, sizeof(answer)))
                return -EFAULT;
        if (!err && !uffd_set_features(u, api.features))
                err = -EINVAL;
        if (err)
                return user_clear(arg, sizeof(api)) ? -EFAULT : err;
        return 0;
}

/* ------------------------------------------------------------------ registration */

static u64 modes_of(u64 mode)
{
        return (mode & UFFDIO_REGISTER_MODE_MISSING ? VM_UFFD_MISSING : 0) |
               (mode & UFFDIO_REGISTER_MODE_WP ? VM_UFFD_WP : 0) |
               (mode & UFFDIO_REGISTER_MODE_MINOR ? VM_UFFD_MINOR : 0);
}

static long do_register(struct uffd *u, uaddr arg)
{
        struct uffdio_register reg;
        u64 ioctls = UFFD_IOCTLS_OF_RANGE;
        int err;

        if (user_copy_in(&reg, arg, offsetof(struct uffdio_register, ioctls)))
                return -EFAULT;
        if (!reg.mode || (reg.mode & ~(u64)UFFDIO_REGISTER_MODES))
                return -EINVAL;
        err = uffd_check_range(reg.range.start, reg.range.len);
        if (!err)
                err = uffd_register(u, reg.range.start, reg.range.len, modes_of(reg.mode));
        if (err)
                return err;
        if (reg.mode & UFFDIO_REGISTER_MODE_WP)
                ioctls |= UFFD_IOCTL_WRITEPROTECT;
        if (reg.mode & UFFDIO_REGISTER_MODE_MINOR)
                ioctls |= UFFD_IOCTL_CONTINUE;
        arg += offsetof(struct uffdio_register, ioctls);
        return user_copy_out(arg, &ioctls, sizeof(ioctls)) ? -EFAULT : 0;
}

static int range_in(struct uffdio_range *range, uaddr arg)
{
        if (user_copy_in(range, arg, sizeof(*range)))
                return -EFAULT;
        return uffd_check_range(range->start, range->len);
}

static long do_unregister(struct uffd *u, uaddr arg)
{
        struct uffdio_range range;
        int err = range_in(&range, arg);

        return err ? err : uffd_unregister(u, range.start, range.len);
}

static long do_wake(struct uffd *u, uaddr arg)
{
        struct uffdio_range range;
        int err = range_in(&range, arg);

        if (!err)
                uffd_wake(u, range.start, range.len);
        return err;
}

/* ------------------------------------------------------------------ filling */

/* Memory is changing: -EAGAIN, also into the result field. */
static int check_changing(struct uffd *u, uaddr result)
{
        s64 err = -EAGAIN;

        if (!atomic_get(&u->changing))
                return 0;
        return user_copy_out(result, &err, sizeof(err)) ? -EFAULT : -EAGAIN;
}

/* The end of a fill that did `done` bytes of [dst, dst + len), or failed with it. */
static long finish(struct uffd *u, s64 done, u64 dst, u64 len, bool wake, uaddr result)
{
        if (done == -ESRCH)
                return done;
        if (user_copy_out(result, &done, sizeof(done)))
                return -EFAULT;
        if (done < 0)
                return done;
        if (wake)
                uffd_wake(u, dst, (u64)done);
        return (u64)done == len ? 0 : -EAGAIN;
}

static int source(void *arg, u64 offset, void *page)
{
        const struct uffdio_copy *copy = arg;

        return user_copy_in(page, copy->src + offset, PAGE_SIZE) ? -EFAULT : 0;
}

/* Who is killed fills no more: what is filled may be long. */
static bool is_killed(void)
{
        return signal_fatal_pending(current_task());
}

static long do_copy(struct uffd *u, uaddr arg)
{
        uaddr result = arg + offsetof(struct uffdio_copy, copy);
        struct uffd_fill fill = { .kind = UFFD_COPY, .source = source, .stop = is_killed };
        struct uffdio_copy copy;
        int err = check_changing(u, result);

        if (err)
                return err;
        if (user_copy_in(&copy, arg, offsetof(struct uffdio_copy, copy)))
                return -EFAULT;
        if (uffd_check_length(copy.src, copy.len) || uffd_check_range(copy.dst, copy.len))
                return -EINVAL;
        if (copy.mode & ~(u64)(UFFDIO_MODE_DONTWAKE | UFFDIO_MODE_WP))
                return -EINVAL;
        fill.dst = copy.dst;
        fill.len = copy.len;
        fill.wp = copy.mode & UFFDIO_MODE_WP;
        fill.arg = &copy;
        return finish(u, uffd_fill(u, &fill), copy.dst, copy.len,
                      !(copy.mode & UFFDIO_MODE_DONTWAKE), result);
}

/* ZEROPAGE, CONTINUE and POISON, whose structures are the same. */
static long do_fill(struct uffd *u, uaddr arg, enum uffd_fill_kind kind)
{
        uaddr result = arg + offsetof(struct uffdio_zeropage, done);
        u64 modes = UFFDIO_MODE_DONTWAKE | (kind == UFFD_CONTINUE ? UFFDIO_MODE_WP : 0);
        struct uffd_fill fill = { .kind = kind, .stop = is_killed };
        struct uffdio_zeropage zero;
        int err = check_changing(u, result);

        if (err)
                return err;
        if (user_copy_in(&zero, arg, offsetof(struct uffdio_zeropage, done)))
                return -EFAULT;
        err = uffd_check_range(zero.range.start, zero.range.len);
        if (err || (zero.mode & ~modes))
                return -EINVAL;
        fill.dst = zero.range.start;
        fill.len = zero.range.len;
        fill.wp = zero.mode & UFFDIO_MODE_WP;
        return finish(u, uffd_fill(u, &fill), fill.dst, fill.len,
                      !(zero.mode & UFFDIO_MODE_DONTWAKE), result);
}

static long do_move(struct uffd *u, uaddr arg)
{
        uaddr result = arg + offsetof(struct uffdio_copy, copy);
        struct uffdio_copy move;
        s64 done;
        int err = check_changing(u, result);

        if (err)
                return err;
        if (user_copy_in(&move, arg, offsetof(struct uffdio_copy, copy)))
                return -EFAULT;
        if (u->mm != current_mm())
                return -EINVAL;
        if (uffd_check_range(move.dst, move.len) || uffd_check_range(move.src, move.len))
                return -EINVAL;
        if (move.mode & ~(u64)(UFFDIO_MODE_DONTWAKE | UFFDIO_MOVE_ALLOW_SRC_HOLES))
                return -EINVAL;
        done = uffd_move(u, move.dst, move.src, move.len, move.mode & UFFDIO_MOVE_ALLOW_SRC_HOLES);
        return finish(u, done, move.dst, move.len, !(move.mode & UFFDIO_MODE_DONTWAKE), result);
}

static long do_writeprotect(struct uffd *u, uaddr arg)
{
        struct uffdio_writeprotect wp;
        bool protect, wake;
        int err;

        if (atomic_get(&u->changing))
                return -EAGAIN;
        if (user_copy_in(&wp, arg, sizeof(wp)))
                return -EFAULT;
        err = uffd_check_range(wp.range.start, wp.range.len);
        if (err || (wp.mode & ~(u64)(UFFDIO_WRITEPROTECT_MODE_WP | UFFDIO_WRITEPROTECT_DONTWAKE)))
                return -EINVAL;
        protect = wp.mode & UFFDIO_WRITEPROTECT_MODE_WP;
        wake = !(wp.mode & UFFDIO_WRITEPROTECT_DONTWAKE);
        if (protect && !wake)
                return -EINVAL;
        err = uffd_writeprotect(u, wp.range.start, wp.range.len, protect);
        if (!err && !protect && wake)
                uffd_wake(u, wp.range.start, wp.range.len);
        return err;
}

/* ------------------------------------------------------------------ the table */

long userfaultfd_ioctl(struct file *file, unsigned cmd, uaddr arg)
{
        struct uffd *u = file->data;

        if (cmd == UFFDIO_API)
                return do_api(u, arg);
        if (!uffd_is_agreed(u))
                return -EINVAL;
        switch (cmd) {
        case UFFDIO_REGISTER: return do_register(u, arg);
        case UFFDIO_UNREGISTER: return do_unregister(u, arg);
        case UFFDIO_WAKE: return do_wake(u, arg);
        case UFFDIO_COPY: return do_copy(u, arg);
        case UFFDIO_ZEROPAGE: return do_fill(u, arg, UFFD_ZEROPAGE);
        case UFFDIO_MOVE: return do_move(u, arg);
        case UFFDIO_WRITEPROTECT: return do_writeprotect(u, arg);
        case UFFDIO_CONTINUE: return do_fill(u, arg, UFFD_CONTINUE);
        case UFFDIO_POISON: return do_fill(u, arg, UFFD_POISON);
        default: return -EINVAL;
        }
}
