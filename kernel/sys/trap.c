/* SPDX-License-Identifier: MIT */
/*
 * What the machine calls: system calls and faults of programs, the timer, received bytes, and the
 * last stop before user mode.
 */
#include "arch/cpu.h"
#include "arch/trap.h"
#include "kernel/base/assert.h"
#include "kernel/base/errno.h"
#include "kernel/base/log.h"
#include "kernel/base/printf.h"
#include "kernel/fs/file.h"
#include "kernel/fs/tty.h"
#include "kernel/sched/process.h"
#include "kernel/sched/rseq.h"
#include "kernel/sched/signal.h"
#include "kernel/sys/trap.h"
#include "mm/object.h"
#include "mm/vma_flags.h"

/* ------------------------------------------------------------------ system calls and faults */

#define X86_PF_PRESENT 1 /* error code of a page fault: there was a translation */

void trap_syscall_interrupted(void)
{
        current_task()->call_interrupted = true;
}

/* There is no memory left for a page of this program: it has to go, and the log says so. */
static void out_of_memory(void)
{
        struct process *p = current_process();
        struct mm_stats stats;

        mm_stats(current_mm(), &stats);
        log_error("out of memory: killed process %d (%s), total %llu kB, resident %llu kB", p->pid,
                  p->comm, (unsigned long long)stats.total_vm * 4,
                  (unsigned long long)(stats.rss_anon + stats.rss_file + stats.rss_shmem) * 4);
        signal_kill_self(SIGKILL);
}

/* A fault that may take more than a page, or end in a signal. */
static __attribute__((noinline)) bool fault_with_all(struct task *me, u64 addr, unsigned access)
{
        bool user = access & FAULT_USER;
        struct mm_caller who = current_mm_caller();
        struct mm_fault fault = mm_fault(me->mm, &who, addr, access);

        if (!fault.signo)
                return true;
        if (fault.signo == MM_FAULT_OOM)
                out_of_memory();
        else if (user && fault.signo == SIGSEGV && fault.code == SEGV_PKUERR)
                signal_fault_key(fault.addr, fault.key);
        else if (user && fault.signo != MM_FAULT_SIGNAL)
                signal_fault(fault.signo, fault.code, fault.addr);
        return user;
}

bool trap_page_fault(struct trapframe *tf, u64 addr, unsigned access)
{
        struct task *me = current_task();

        if (!me->process || !me->mm)
                return false;
        if (addr >= TASK_SIZE) {
                if (!(access & FAULT_USER))
                        return false;
                /* Whether the kernel has something mapped there is not the program's business. */
                tf->error |= X86_PF_PRESENT;
        }
        me->nr_faults++;
        return mm_fault_plain(me->mm, addr, access) || fault_with_all(me, addr, access);
}

void trap_user_exception(struct trapframe *tf, int signo, int code, u64 addr)
{
        (void)tf;
        signal_fault(signo, code, addr);
}

/* Returning there would fault in kernel mode (SDM, IRET); a handler's address may be anything. */
static bool rip_is_canonical(const struct trapframe *tf)
{
        return tf->rip >> 47 == 0;
}

void trap_exit_to_user(struct trapframe *tf)
{
        struct task *me = current_task();

        lock_trace_check_none();
        for (;;) {
                context_begin_exit(&me->context);
                if (sched_work_pending())
                        sched_work();
                if (me->rseq.interrupted)
                        rseq_interrupted(tf);
                if (!rip_is_canonical(tf))
                        signal_fault(SIGSEGV, SI_KERNEL, 0);
                if (me->call_interrupted || signal_deliver_pending(me))
                        signal_deliver(tf);
                cpu_irq_save();
                if (!context_exit_asked(&me->context) && rip_is_canonical(tf))
                        break;
                cpu_irq_enable();
        }
        ASSERT(!signal_deliver_pending(me)); /* whoever makes it so asks */
}

/* ------------------------------------------------------------------ interrupts */

void trap_timer(bool user)
{
        sched_interrupt_enter();
        sched_timer_interrupt(user);
        sched_interrupt_leave();
}

/* Bytes between the interrupt handler and the console's thread; the handler writes `in` only. */
static struct {
        u8 bytes[256];
        volatile u8 in, out;
        struct task *reader;
} input;

void trap_console_byte(u8 byte)
{
        sched_interrupt_enter();
        if ((u8)(input.in + 1) != input.out) {
                input.bytes[input.in] = byte;
                input.in++;
        }
        if (input.reader)
                unpark(input.reader);
        sched_interrupt_leave();
}

static void input_main(void *arg)
{
        (void)arg;
        for (;;) {
                while (input.out != input.in) {
                        u8 byte = input.bytes[input.out];

                        input.out++;
                        tty_input(byte);
                }
                park(false, PARK_FOREVER);
        }
}

void trap_init(void)
{
        input.reader = kthread_create("console", input_main, NULL);
        CHECK(input.reader);
}

/* ------------------------------------------------------------------ reports */

static char flag(u64 flags, u64 bit, char c)
{
        return flags & bit ? c : '-';
}

size_t trap_describe_address(u64 addr, char *buf, size_t size)
{
        struct mm *mm = current_mm();
        struct mm_region r;
        int n;

        buf[0] = 0;
        if (!mm || !mm_next_region(mm, addr, &r))
                return 0;
        if (r.start > addr)
                n = scnprintf(buf, size, "not mapped; next region %llx",
                              (unsigned long long)r.start);
        else
                n = scnprintf(buf, size, "in %llx-%llx %c%c%c%c %s", (unsigned long long)r.start,
                              (unsigned long long)r.end, flag(r.flags, VM_READ, 'r'),
                              flag(r.flags, VM_WRITE, 'w'), flag(r.flags, VM_EXEC, 'x'),
                              r.flags & VM_SHARED ? 's' : 'p', r.special ? r.special : "");
        if (r.backing)
                backing_put(r.backing);
        return n;
}
