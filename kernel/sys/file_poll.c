/* SPDX-License-Identifier: MIT */
/* poll, ppoll, select, pselect6: copies, time-outs, signal masks. */
#include "arch/cpu.h"
#include "kernel/base/abi/time.h"
#include "kernel/base/string.h"
#include "kernel/fs/calls.h"
#include "kernel/fs/poll.h"
#include "kernel/sched/signal.h"
#include "kernel/sched/task.h"
#include "kernel/sys/file.h"
#include "mm/slab.h"

/* ---------------------------------------------------------------- time and masks */

/* A relative time as a deadline of clock_ns(); 0 means "do not wait". */
static u64 deadline_after(u64 ns)
{
        u64 deadline;

        if (ns == 0)
                return 0;
        if (__builtin_add_overflow(clock_ns(), ns, &deadline))
                return PARK_FOREVER;
        return deadline;
}

static u64 to_ns(s64 sec, s64 nsec)
{
        u64 ns;

        if (__builtin_mul_overflow((u64)sec, NSEC_PER_SEC, &ns) ||
            __builtin_add_overflow(ns, (u64)nsec, &ns))
                return PARK_FOREVER;
        return ns;
}

static long deadline_from(uaddr timeout, u64 *out)
{
        struct timespec64 t;

        *out = PARK_FOREVER;
        if (!timeout)
                return 0;
        if (copy_in(&t, timeout, sizeof(t)))
                return -EFAULT;
        if (t.sec < 0 || t.nsec < 0 || t.nsec >= (s64)NSEC_PER_SEC)
                return -EINVAL;
        *out = deadline_after(to_ns(t.sec, t.nsec));
        return 0;
}

/* What is left of the time, back to the caller; it is no error if that cannot be stored. */
static void give_rest(uaddr timeout, u64 deadline, bool micro)
{
        u64 now = clock_ns();
        u64 rest = deadline && deadline > now ? deadline - now : 0;
        struct timespec64 t = { (s64)(rest / NSEC_PER_SEC), (s64)(rest % NSEC_PER_SEC) };

        if (!timeout || deadline == PARK_FOREVER)
                return;
        if (micro)
                t.nsec /= (s64)NSEC_PER_USEC;
        if (copy_out(timeout, &t, sizeof(t)))
                return;
}

static long mask_for_call(uaddr mask, size_t size)
{
        u64 set;

        if (!mask)
                return 0;
        if (size != sizeof(set))
                return -EINVAL;
        if (copy_in(&set, mask, sizeof(set)))
                return -EFAULT;
        signal_set_blocked_for_call(set);
        return 0;
}

/* ---------------------------------------------------------------- poll */

static long poll_user(uaddr from, unsigned nr, u64 deadline)
{
        struct pollfd *fds;
        long n;

        if (nr > current_rlimit(RLIMIT_NOFILE))
                return -EINVAL;
        fds = kmalloc(nr * sizeof(*fds) + 1);
        if (!fds)
                return -ENOMEM;
        n = copy_in(fds, from, nr * sizeof(*fds));
        if (!n)
                n = call_poll(fds, nr, deadline);
        for (unsigned i = 0; n >= 0 && i < nr; i++)
                if (copy_out(from + i * sizeof(*fds) + offsetof(struct pollfd, revents),
                             &fds[i].revents, sizeof(fds[i].revents)))
                        n = -EFAULT;
        kfree(fds);
        return n == -EINTR ? -ERESTARTNOHAND : n;
}

long sys_poll(uaddr fds, unsigned nr, int timeout_ms)
{
        u64 deadline = timeout_ms < 0 ? PARK_FOREVER : deadline_after((u64)timeout_ms * 1000000);

        return poll_user(fds, nr, deadline);
}

long sys_ppoll(uaddr fds, unsigned nr, uaddr timeout, uaddr mask, size_t mask_size)
{
        u64 deadline;
        long n = deadline_from(timeout, &deadline);

        if (!n)
                n = mask_for_call(mask, mask_size);
        if (n)
                return n;
        n = poll_user(fds, nr, deadline);
        give_rest(timeout, deadline, false);
        return n;
}

/* ---------------------------------------------------------------- select */

#define SET_WORDS(nr) (((nr) + 63) / 64)

static long select_user(unsigned nr, const uaddr from[3], u64 deadline)
{
        size_t bytes = SET_WORDS(nr) * sizeof(u64);
        u64 *words = kzalloc(3 * bytes + 1), *sets[3];
        long n = words ? 0 : -ENOMEM;

        for (unsigned i = 0; i < 3 && !n; i++) {
                sets[i] = from[i] ? words + i * SET_WORDS(nr) : NULL;
                if (from[i])
                        n = copy_in(sets[i], from[i], bytes);
        }
        if (!n)
                n = call_select(nr, sets[0], sets[1], sets[2], deadline);
        for (unsigned i = 0; n >= 0 && i < 3; i++)
                if (from[i] && copy_out(from[i], sets[i], bytes))
                        n = -EFAULT;
        kfree(words);
        return n == -EINTR ? -ERESTARTNOHAND : n;
}

static long select_sets(int nr, uaddr in, uaddr out, uaddr except, u64 deadline)
{
        const uaddr from[3] = { in, out, except };

        if (nr < 0)
                return -EINVAL;
        return select_user((unsigned)min_u64((u64)nr, FD_SETSIZE), from, deadline);
}

long sys_select(int nr, uaddr in, uaddr out, uaddr except, uaddr timeout)
{
        u64 deadline = PARK_FOREVER;
        struct timeval64 t;
        long n;

        if (timeout) {
                if (copy_in(&t, timeout, sizeof(t)))
                        return -EFAULT;
                t.sec += t.usec / 1000000;
                t.usec %= 1000000;
                if (t.sec < 0 || t.usec < 0)
                        return -EINVAL;
                deadline = deadline_after(to_ns(t.sec, t.usec * 1000));
        }
        n = select_sets(nr, in, out, except, deadline);
        give_rest(timeout, deadline, true);
        return n;
}

long sys_pselect6(int nr, uaddr in, uaddr out, uaddr except, uaddr timeout, uaddr mask)
{
        u64 packed[2] = { 0, 0 }, deadline;
        long n;

        if (mask && copy_in(packed, mask, sizeof(packed)))
                return -EFAULT;
        n = deadline_from(timeout, &deadline);
        if (!n)
                n = mask_for_call(packed[0], packed[1]);
        if (n)
                return n;
        n = select_sets(nr, in, out, except, deadline);
        give_rest(timeout, deadline, false);
        return n;
}
