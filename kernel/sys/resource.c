/* SPDX-License-Identifier: MIT */
/* System calls on limits, on what has been used, and on the system as a whole. */
#include "kernel/base/abi/resource.h"
#include "arch/boot.h"
#include "arch/cpu.h"
#include "kernel/base/abi/prctl.h"
#include "kernel/base/log.h"
#include "kernel/base/string.h"
#include "kernel/sched/process.h"
#include "kernel/sched/uts.h"
#include "kernel/sys/process.h"
#include "kernel/sys/syscall.h"
#include "kernel/sys/time.h"
#include "mm/page.h"

/* ------------------------------------------------------------------ limits */

/* More files than this no table can hold; Linux calls it fs.nr_open. */
#define NOFILE_MAX 1048576

/* May the caller see and change the limits of `p`? As Linux: the ids of both must be the same. */
static int owner_check(struct process *p)
{
        const struct cred *me = current_cred(), *him = &p->cred;

        if (p == current_process() || capable(CAP_SYS_RESOURCE))
                return 0;
        if (me->uid == him->euid && me->uid == him->suid && me->uid == him->uid &&
            me->gid == him->egid && me->gid == him->sgid && me->gid == him->gid)
                return 0;
        return -EPERM;
}

static int limit_check(unsigned resource, const struct rlimit64 *new, const struct rlimit64 *now)
{
        if (resource >= RLIMIT_COUNT)
                return -EINVAL;
        if (!new)
                return 0;
        if (new->cur > new->max)
                return -EINVAL;
        if (resource == RLIMIT_NOFILE && new->max > NOFILE_MAX)
                return -EPERM;
        return new->max > now[resource].max && !capable(CAP_SYS_RESOURCE) ? -EPERM : 0;
}

/* The process of thread `tid` (0: the caller's), which may be a zombie; NULL. Locked. */
static struct process *process_of_locked(int tid)
{
        struct task *t = tid ? task_find_locked(tid) : current_task();

        return t ? t->process : process_find_locked(tid);
}

/* Exchange one limit of the process that has thread `tid` (0: the caller). */
static int limit_exchange(int tid, unsigned resource, const struct rlimit64 *new,
                          struct rlimit64 *old)
{
        struct process *p;
        int err;

        spin_lock(&process_lock);
        p = process_of_locked(tid);
        err = p ? owner_check(p) : -ESRCH;
        if (!err)
                err = limit_check(resource, new, p->rlimits);
        if (!err) {
                if (old)
                        *old = p->rlimits[resource];
                if (new)
                        p->rlimits[resource] = *new;
        }
        spin_unlock(&process_lock);
        return err;
}

long sys_prlimit64(int tid, unsigned resource, uaddr new_at, uaddr old_at)
{
        struct rlimit64 new, old;
        int err;

        if (new_at && copy_in(&new, new_at, sizeof(new)))
                return -EFAULT;
        err = limit_exchange(tid, resource, new_at ? &new : NULL, &old);
        if (err)
                return err;
        return old_at ? copy_out(old_at, &old, sizeof(old)) : 0;
}

long sys_getrlimit(unsigned resource, uaddr out)
{
        struct rlimit64 old;
        int err = limit_exchange(0, resource, NULL, &old);

        return err ? err : copy_out(out, &old, sizeof(old));
}

long sys_setrlimit(unsigned resource, uaddr in)
{
        struct rlimit64 new;

        if (copy_in(&new, in, sizeof(new)))
                return -EFAULT;
        return limit_exchange(0, resource, &new, NULL);
}

/* ------------------------------------------------------------------ use */

static void thread_usage(struct rusage *out)
{
        struct task *me = current_task();

        memset(out, 0, sizeof(*out));
        out->utime = timeval_of(task_utime(me));
        out->stime = timeval_of(task_stime(me));
        out->minflt = me->nr_faults;
        out->nvcsw = me->nr_switches_wanted;
        out->nivcsw = me->nr_switches_forced;
}

static void maxrss_add(struct rusage *out)
{
        struct mm_stats stats;

        mm_stats(current_mm(), &stats);
        out->maxrss = max_u64(out->maxrss, stats.hiwater_rss * (PAGE_SIZE / 1024));
}

long sys_getrusage(int who, uaddr out)
{
        struct process *p = current_process();
        struct rusage usage;

        spin_lock(&process_lock);
        switch (who) {
        case RUSAGE_SELF: process_usage(p, &usage); break;
        case RUSAGE_CHILDREN: process_child_usage(p, &usage); break;
        case RUSAGE_THREAD: thread_usage(&usage); break;
        default: spin_unlock(&process_lock); return -EINVAL;
        }
        spin_unlock(&process_lock);
        if (who != RUSAGE_CHILDREN)
                maxrss_add(&usage);
        return copy_out(out, &usage, sizeof(usage));
}

long sys_sysinfo(uaddr out)
{
        struct sysinfo_abi info = { .mem_unit = 1 };
        struct memory_stats stats;
        struct process *p;

        memory_stats(&stats);
        info.uptime = clock_ns() / NSEC_PER_SEC;
        info.totalram = stats.total * PAGE_SIZE;
        info.freeram = stats.free * PAGE_SIZE;
        info.sharedram = stats.object * PAGE_SIZE;
        spin_lock(&process_lock);
        for (int pid = 1; (p = process_next_locked(pid)); pid = p->pid + 1)
                info.procs += p->nr_threads;
        spin_unlock(&process_lock);
        return copy_out(out, &info, sizeof(info));
}

/* ------------------------------------------------------------------ the system's name */

long sys_uname(uaddr out)
{
        return copy_out(out, uts_name(), sizeof(struct utsname));
}

static long name_set(void (*set)(const char *, size_t), uaddr src, int len)
{
        char name[UTS_LEN] = { 0 };

        if (!capable(CAP_SYS_ADMIN))
                return -EPERM;
        if (len < 0 || len > UTS_LEN - 1)
                return -EINVAL;
        if (copy_in(name, src, len))
                return -EFAULT;
        set(name, len);
        return 0;
}

long sys_sethostname(uaddr src, int len)
{
        return name_set(uts_set_nodename, src, len);
}

long sys_setdomainname(uaddr src, int len)
{
        return name_set(uts_set_domainname, src, len);
}

/* ------------------------------------------------------------------ power */

/* The exit status that QEMU's debug device is to give: kernel parameter exit=, or 0. */
static u8 exit_status(void)
{
        char buf[8];
        unsigned n = 0;

        if (!boot_param("exit", buf, sizeof(buf)))
                return 0;
        for (const char *s = buf; *s >= '0' && *s <= '9'; s++)
                n = n * 10 + (unsigned)(*s - '0');
        return n & 127;
}

long sys_reboot(u32 magic1, u32 magic2, u32 cmd, uaddr arg)
{
        (void)arg;
        if (!capable(CAP_SYS_BOOT))
                return -EPERM;
        if (magic1 != REBOOT_MAGIC1 || (magic2 != REBOOT_MAGIC2 && magic2 != REBOOT_MAGIC2A &&
                                        magic2 != REBOOT_MAGIC2B && magic2 != REBOOT_MAGIC2C))
                return -EINVAL;
        switch (cmd) {
        case REBOOT_CMD_CAD_ON:
        case REBOOT_CMD_CAD_OFF: return 0;
        case REBOOT_CMD_RESTART:
        case REBOOT_CMD_RESTART2: log_info("restarting"); machine_reset();
        case REBOOT_CMD_HALT:
        case REBOOT_CMD_POWER_OFF: log_info("power off"); machine_power_off(exit_status());
        default: return -EINVAL;
        }
}

/* ------------------------------------------------------------------ random bytes */

#define GRND_NONBLOCK 1u
#define GRND_RANDOM   2u
#define GRND_INSECURE 4u
#define RANDOM_MAX    0x7ffff000UL /* what one call may give, as for read() */

long sys_getrandom(uaddr dst, u64 len, unsigned flags)
{
        u8 buf[256];
        u64 done = 0;

        if ((flags & ~(GRND_NONBLOCK | GRND_RANDOM | GRND_INSECURE)) ||
            (flags & (GRND_RANDOM | GRND_INSECURE)) == (GRND_RANDOM | GRND_INSECURE))
                return -EINVAL;
        len = min_u64(len, RANDOM_MAX);
        while (done < len) {
                size_t part = min_u64(sizeof(buf), len - done), left;

                cpu_random(buf, part);
                left = user_copy_out(dst + done, buf, part);
                done += part - left;
                if (left)
                        return done ? (long)done : -EFAULT;
                if (signal_pending())
                        break;
        }
        return (long)done;
}
