/* SPDX-License-Identifier: MIT */
/* prctl, arch_prctl, personality, iopl: settings of the calling thread or process. */
#include "kernel/base/abi/prctl.h"
#include "arch/context.h"
#include "kernel/base/abi/signal.h"
#include "kernel/base/string.h"
#include "kernel/sched/process.h"
#include "kernel/sys/process.h"
#include "kernel/sys/syscall.h"

/* ------------------------------------------------------------------ prctl */

static long name_set(uaddr src)
{
        char name[TASK_COMM_LEN] = { 0 };
        ssize_t n = string_in(name, src, TASK_COMM_LEN - 1);

        if (n == -EFAULT)
                return n;
        name[TASK_COMM_LEN - 1] = 0;
        task_set_comm(current_task(), name);
        return 0;
}

static long name_get(uaddr dst)
{
        char name[TASK_COMM_LEN];

        spin_lock(&process_lock);
        memcpy(name, current_task()->comm, TASK_COMM_LEN);
        spin_unlock(&process_lock);
        return copy_out(dst, name, TASK_COMM_LEN);
}

static long bounding_set(int op, u64 cap)
{
        struct cred c = *current_cred();

        if (cap > CAP_LAST)
                return -EINVAL;
        if (op == PR_CAPBSET_READ)
                return c.cap_bounding >> cap & 1;
        if (!capable(CAP_SETPCAP))
                return -EPERM;
        c.cap_bounding &= ~(1ULL << cap);
        return cred_commit(&c);
}

/* The flag leaves huge pages to memory that asks for them by MADV_HUGEPAGE. */
static long thp_disable_set(u64 disable, u64 flags)
{
        enum mm_thp_disable how = disable ? MM_THP_DISABLE : MM_THP_ENABLE;

        if (flags & ~(disable ? PR_THP_DISABLE_EXCEPT_ADVISED : 0))
                return -EINVAL;
        mm_set_thp_disable(current_mm(), flags ? MM_THP_ADVISED : how);
        return 0;
}

static long thp_disable_get(void)
{
        switch (mm_get_thp_disable(current_mm())) {
        case MM_THP_DISABLE: return 1;
        case MM_THP_ADVISED: return 1 | PR_THP_DISABLE_EXCEPT_ADVISED;
        default: return 0;
        }
}

/* PR_SET_VMA has but one thing to set. */
static long vma_name_set(u64 what, u64 addr, u64 len, uaddr src)
{
        char name[MM_ANON_NAME_MAX];
        ssize_t n;

        if (what != PR_SET_VMA_ANON_NAME || !mm_sysctl.anon_names)
                return -EINVAL;
        if (!src)
                return mm_set_anon_name(current_mm(), addr, len, NULL);
        n = string_in(name, src, sizeof(name));
        if (n < 0)
                return n == -ENAMETOOLONG ? -EINVAL : n;
        return mm_set_anon_name(current_mm(), addr, len, name);
}

static long ambient_set(u64 op, u64 cap, u64 arg4, u64 arg5)
{
        struct cred c = *current_cred();

        if (op == PR_CAP_AMBIENT_CLEAR_ALL) {
                if (cap || arg4 || arg5)
                        return -EINVAL;
                c.cap_ambient = 0;
                return cred_commit(&c);
        }
        if (cap > CAP_LAST || arg4 || arg5)
                return -EINVAL;
        switch (op) {
        case PR_CAP_AMBIENT_IS_SET: return c.cap_ambient >> cap & 1;
        case PR_CAP_AMBIENT_RAISE:
                if (!(c.cap_permitted & c.cap_inheritable & 1ULL << cap))
                        return -EPERM;
                c.cap_ambient |= 1ULL << cap;
                return cred_commit(&c);
        case PR_CAP_AMBIENT_LOWER: c.cap_ambient &= ~(1ULL << cap); return cred_commit(&c);
        default: return -EINVAL;
        }
}

static long death_signal(int op, u64 arg)
{
        struct task *me = current_task();
        s32 signo = me->pdeath_signal;

        if (op == PR_GET_PDEATHSIG)
                return copy_out(arg, &signo, sizeof(signo));
        if (arg > NSIG)
                return -EINVAL;
        me->pdeath_signal = (int)arg;
        return 0;
}

static long flag_set(bool *flag, u64 value)
{
        if (value > 1)
                return -EINVAL;
        *flag = value;
        return 0;
}

static long dumpable_set(u64 value)
{
        if (value > 1)
                return -EINVAL;
        current_process()->dumpable = (int)value;
        return 0;
}

static long no_new_privs_set(u64 value, u64 rest)
{
        if (value != 1 || rest)
                return -EINVAL;
        current_task()->no_new_privs = true;
        return 0;
}

static long subreaper_get(uaddr dst)
{
        s32 value = current_process()->subreaper;

        return copy_out(dst, &value, sizeof(value));
}

static long tid_address_get(uaddr dst)
{
        return copy_out(dst, &current_task()->clear_child_tid, sizeof(u64));
}

long sys_prctl(int op, u64 arg2, u64 arg3, u64 arg4, u64 arg5)
{
        struct task *me = current_task();
        struct process *p = me->process;

        switch (op) {
        case PR_SET_PDEATHSIG:
        case PR_GET_PDEATHSIG: return death_signal(op, arg2);
        case PR_GET_DUMPABLE: return p->dumpable;
        case PR_SET_DUMPABLE: return dumpable_set(arg2);
        case PR_GET_KEEPCAPS: return me->keep_caps;
        case PR_SET_KEEPCAPS: return flag_set(&me->keep_caps, arg2);
        case PR_SET_NAME: return name_set(arg2);
        case PR_GET_NAME: return name_get(arg2);
        case PR_CAPBSET_READ:
        case PR_CAPBSET_DROP: return bounding_set(op, arg2);
        case PR_GET_SECCOMP: return 0;
        case PR_GET_TIMING: return 0;
        case PR_SET_TIMING: return arg2 ? -EINVAL : 0;
        case PR_GET_SECUREBITS: return 0;
        case PR_GET_TIMERSLACK: return 50000;
        case PR_SET_TIMERSLACK: return 0;
        case PR_SET_CHILD_SUBREAPER: p->subreaper = arg2; return 0;
        case PR_GET_CHILD_SUBREAPER: return subreaper_get(arg2);
        case PR_SET_NO_NEW_PRIVS: return no_new_privs_set(arg2, arg3 | arg4 | arg5);
        case PR_GET_NO_NEW_PRIVS: return arg2 | arg3 | arg4 | arg5 ? -EINVAL : me->no_new_privs;
        case PR_GET_TID_ADDRESS: return tid_address_get(arg2);
        case PR_SET_THP_DISABLE: return arg4 | arg5 ? -EINVAL : thp_disable_set(arg2, arg3);
        case PR_GET_THP_DISABLE: return arg2 | arg3 | arg4 | arg5 ? -EINVAL : thp_disable_get();
        case PR_SET_VMA: return vma_name_set(arg2, arg3, arg4, arg5);
        case PR_CAP_AMBIENT: return ambient_set(arg2, arg3, arg4, arg5);
        default: return -EINVAL;
        }
}

/* ------------------------------------------------------------------ the machine's settings */

long sys_arch_prctl(int op, u64 arg)
{
        u64 fs, gs;

        context_get_user_tls(&fs, &gs);
        switch (op) {
        case ARCH_SET_FS:
        case ARCH_SET_GS:
                if (arg >= TASK_SIZE)
                        return -EPERM;
                if (op == ARCH_SET_FS)
                        context_set_user_tls(arg, gs);
                else
                        context_set_user_tls(fs, arg);
                return 0;
        case ARCH_GET_FS: return copy_out(arg, &fs, sizeof(fs));
        case ARCH_GET_GS: return copy_out(arg, &gs, sizeof(gs));
        case ARCH_GET_CPUID: return 1;
        case ARCH_SET_CPUID: return -ENODEV;
        default: return -EINVAL;
        }
}

long sys_personality(u32 personality)
{
        struct task *me = current_task();
        u32 old = me->personality;

        if (personality != 0xffffffff)
                me->personality = personality;
        return old;
}

/* As on Linux, level 3 opens the ports and nothing else: the flags' IOPL, and so cli, stays shut.
 */
long sys_iopl(unsigned level)
{
        struct task *me = current_task();

        if (level > 3)
                return -EINVAL;
        if (level > me->iopl && !capable(CAP_SYS_RAWIO))
                return -EPERM;
        me->iopl = level;
        context_set_user_ports(level == 3);
        return 0;
}
