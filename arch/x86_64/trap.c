/* SPDX-License-Identifier: MIT */
/*
 * Exceptions and interrupts, after entry.S has built the frame: which go to mm/ as page faults,
 * which become signals, which are the kernel's end.
 *
 * An exception of user code becomes the signal that Linux raises. An exception of the kernel is a
 * panic, except a page fault at an instruction of the exception table (usercopy.S), and what XRSTOR
 * from user memory raises. So the kernel
 * can neither run nor read user memory by mistake, even where the CPU would let it (no SMAP).
 */
#include "arch/context.h"
#include "arch/cpu.h"
#include "arch/page.h"
#include "arch/park.h"
#include "arch/x86_64/layout.h"
#include "arch/x86_64/local.h"
#include "arch/x86_64/x86.h"
#include "kernel/base/abi/signal.h"
#include "kernel/base/assert.h"
#include "kernel/sync/trace.h"

enum vector {
        VEC_DE = 0,
        VEC_DB = 1,
        VEC_NMI = 2,
        VEC_BP = 3,
        VEC_OF = 4,
        VEC_BR = 5,
        VEC_UD = 6,
        VEC_NM = 7,
        VEC_DF = VECTOR_DOUBLE_FAULT,
        VEC_TS = 10,
        VEC_NP = 11,
        VEC_SS = 12,
        VEC_GP = 13,
        VEC_PF = VECTOR_PAGE_FAULT,
        VEC_MF = 16,
        VEC_AC = 17,
        VEC_MC = 18,
        VEC_XM = 19,
        VEC_EXCEPTIONS = 32
};

/* Error code of a page fault. */
#define PF_PRESENT  0x01u
#define PF_WRITE    0x02u
#define PF_USER     0x04u
#define PF_RESERVED 0x08u
#define PF_FETCH    0x10u
#define PF_PKEY     0x20u

struct extable_row {
        u64 insn, fixup;
};
extern const struct extable_row extable_start[], extable_end[];

_Static_assert(offsetof(struct trapframe, rbp) == 56, "entry.S");
_Static_assert(offsetof(struct trapframe, r11) == 72, "entry.S");
_Static_assert(offsetof(struct trapframe, r10) == 80, "entry.S");
_Static_assert(offsetof(struct trapframe, r8) == 96, "entry.S");
_Static_assert(offsetof(struct trapframe, rax) == 104, "entry.S");
_Static_assert(offsetof(struct trapframe, rcx) == 112, "entry.S");
_Static_assert(offsetof(struct trapframe, rsi) == 128, "entry.S");
_Static_assert(offsetof(struct trapframe, rdi) == 136, "entry.S");
_Static_assert(offsetof(struct trapframe, orig_rax) == 144, "entry.S");
_Static_assert(offsetof(struct trapframe, rip) == 152, "entry.S");
_Static_assert(offsetof(struct trapframe, rsp) == 176, "entry.S");
_Static_assert(sizeof(struct trapframe) == 192, "entry.S keeps the stack 16-byte aligned");
_Static_assert(offsetof(struct cpu_area, user_rsp) == 8, "entry.S");
_Static_assert(offsetof(struct cpu_area, running) == 16, "entry.S");
_Static_assert(offsetof(struct context, exit_work) == 8, "entry.S");
_Static_assert(TRAP_SYSCALLS == 512, "entry.S");
_Static_assert(TRAP_RESTART_MIN == -516 && TRAP_RESTART_MAX - TRAP_RESTART_MIN == 4, "entry.S");

static const char *const exception_names[VEC_EXCEPTIONS] = {
        [VEC_DE] = "divide error",
        [VEC_DB] = "debug exception",
        [VEC_NMI] = "non-maskable interrupt",
        [VEC_BP] = "breakpoint",
        [VEC_OF] = "overflow",
        [VEC_BR] = "bound range exceeded",
        [VEC_UD] = "invalid opcode",
        [VEC_NM] = "no floating-point unit",
        [VEC_DF] = "double fault",
        [VEC_TS] = "invalid TSS",
        [VEC_NP] = "segment not present",
        [VEC_SS] = "stack segment fault",
        [VEC_GP] = "general protection fault",
        [VEC_PF] = "page fault",
        [VEC_MF] = "x87 floating-point error",
        [VEC_AC] = "alignment check",
        [VEC_MC] = "machine check",
        [VEC_XM] = "SIMD floating-point error",
};

static u64 fixup_find(u64 rip)
{
        for (const struct extable_row *row = extable_start; row < extable_end; row++)
                if (row->insn == rip)
                        return row->fixup;
        return 0;
}

/* ---- what a kernel fault should be called */

static const char *page_fault_cause(u64 addr, u64 error)
{
        if (error & PF_RESERVED)
                return "a page table is corrupt (reserved bit set)";
        if (!(error & PF_PRESENT) && stack_guard_name(addr))
                return "the guard of a stack was touched";
        if (addr < PAGE_SIZE)
                return error & PF_FETCH ? "NULL was called" : "NULL was followed";
        if (addr < TASK_SIZE) {
                if (error & PF_FETCH)
                        return error & PF_PRESENT ? "user memory was executed (SMEP)"
                                                  : "user memory was executed";
                return error & PF_PRESENT ? "user memory was touched outside a user copy (SMAP)"
                                          : "user memory was touched outside a user copy";
        }
        if (!(error & PF_PRESENT))
                return "nothing is mapped there";
        if (error & PF_FETCH)
                return "memory that is not code was executed (NX)";
        return "read-only memory was written";
}

static _Noreturn void kernel_page_fault(struct trapframe *tf, u64 addr, u64 error)
{
        tf->trapno = VEC_PF;
        tf->cr2 = addr;
        panic_at(tf, "page fault: %s at %#lx: %s",
                 error & PF_FETCH   ? "execution"
                 : error & PF_WRITE ? "write"
                                    : "read",
                 addr, page_fault_cause(addr, error));
}

/* XRSTOR did not like what a program had written: the only other exception that is expected. */
static bool is_bad_xrstor(unsigned vector, const struct trapframe *tf)
{
        return vector == VEC_GP && tf->rip == (u64)usercopy_xrstor_insn;
}

static _Noreturn void kernel_exception(unsigned vector, u64 error, struct trapframe *tf)
{
        const char *name = vector < VEC_EXCEPTIONS ? exception_names[vector] : NULL;

        tf->trapno = vector;
        panic_at(tf, "%s (vector %u, error %#lx) in the kernel", name ? name : "exception", vector,
                 error);
}

/* #DF, #MC and NMI, wherever they hit. */
void trap_fatal(unsigned vector, u64 error, struct trapframe *tf)
{
        u64 addr = cr2_read();
        const char *guard = vector == VEC_DF ? stack_guard_name(addr) : NULL;

        msr_write(MSR_GS_BASE, (u64)&cpu_area); /* whichever it was: the report asks who ran */
        tf->trapno = vector;
        tf->cr2 = addr;
        if (guard)
                panic_at(tf, "double fault: %s has overflowed (guard page hit at %#lx)", guard,
                         addr);
        panic_at(tf, "%s (error %#lx)", exception_names[vector], error);
}

/* ---- page faults */

_Static_assert(PF_PRESENT == FAULT_PRESENT && PF_WRITE == FAULT_WRITE && PF_USER == FAULT_USER &&
                       PF_FETCH == FAULT_EXEC && PF_PKEY == FAULT_PKEY,
               "fault_access()");

static unsigned fault_access(u64 error)
{
        return error & (PF_PRESENT | PF_WRITE | PF_USER | PF_FETCH | PF_PKEY);
}

static void page_fault_kernel(u64 error, struct trapframe *tf)
{
        u64 addr = cr2_read();
        u64 fixup = fixup_find(tf->rip);

        if (!fixup || addr >= TASK_SIZE || (error & PF_RESERVED))
                kernel_page_fault(tf, addr, error);
        if (tf->eflags & X86_EFLAGS_IF)
                irq_enable();
        if (!trap_page_fault(tf, addr, fault_access(error)))
                tf->rip = fixup;
        irq_disable();
}

/* ---- other exceptions of user code */

/* si_code from exception flags, in x87's and MXCSR's common order; 0: none is both set and
 * unmasked. */
static int float_code(u32 flags)
{
        if (flags & 0x01)
                return FPE_FLTINV;
        if (flags & 0x04)
                return FPE_FLTDIV;
        if (flags & 0x08)
                return FPE_FLTOVF;
        if (flags & 0x12)
                return FPE_FLTUND;
        if (flags & 0x20)
                return FPE_FLTRES;
        return 0;
}

static int x87_code(void)
{
        u16 status, control;

        asm volatile("fnstsw %0" : "=m"(status));
        asm volatile("fnstcw %0" : "=m"(control));
        return float_code(status & ~control & 0x3f);
}

static int simd_code(void)
{
        u32 mxcsr;

        asm volatile("stmxcsr %0" : "=m"(mxcsr));
        return float_code(mxcsr & ~(mxcsr >> 7) & 0x3f);
}

/* Single step, breakpoint or (neither) INT1, as DR6 says; DR6 is sticky, so clear it. */
static int debug_code(void)
{
        u64 dr6;

        asm volatile("mov %%dr6, %0" : "=r"(dr6));
        asm volatile("mov %0, %%dr6" : : "r"(0xffff0ff0UL));
        if (dr6 & 1 << 14)
                return TRAP_TRACE;
        return dr6 & 0xf ? TRAP_HWBKPT : TRAP_BRKPT;
}

/* Faults, unlike traps, are reported with RF set. QEMU's emulated CPU forgets it. */
static bool is_fault(unsigned vector)
{
        return vector != VEC_DB && vector != VEC_BP && vector != VEC_OF;
}

static void user_signal(struct trapframe *tf, int signo, int code, u64 addr)
{
        irq_enable();
        trap_user_exception(tf, signo, code, addr);
}

static void user_float(struct trapframe *tf, int code)
{
        if (code) /* else the flags were cleared meanwhile: run the instruction again */
                user_signal(tf, SIGFPE, code, tf->rip);
}

static void user_exception(unsigned vector, u64 error, struct trapframe *tf)
{
        tf->trapno = vector;
        tf->error = error;
        if (is_fault(vector))
                tf->eflags |= X86_EFLAGS_RF;
        switch (vector) {
        case VEC_DE: user_signal(tf, SIGFPE, FPE_INTDIV, tf->rip); break;
        case VEC_DB: user_signal(tf, SIGTRAP, debug_code(), tf->rip); break;
        case VEC_BP: user_signal(tf, SIGTRAP, SI_KERNEL, 0); break;
        case VEC_UD: user_signal(tf, SIGILL, ILL_ILLOPN, tf->rip); break;
        case VEC_NP:
        case VEC_SS: user_signal(tf, SIGBUS, SI_KERNEL, 0); break;
        case VEC_MF: user_float(tf, x87_code()); break;
        case VEC_XM: user_float(tf, simd_code()); break;
        case VEC_AC: user_signal(tf, SIGBUS, BUS_ADRALN, 0); break;
        default: user_signal(tf, SIGSEGV, SI_KERNEL, 0); break;
        }
}

/*
 * A fault of user code that the CPU made with the kernel's rights, without PF_USER, can only be one
 * of QEMU's emulation: its far returns read the user stack so, and SMAP never lets them. It is no
 * reason to stop the kernel; the program gets what a bad segment would bring it.
 */
static void page_fault_user(u64 error, struct trapframe *tf)
{
        u64 addr = cr2_read();

        if (!(error & PF_USER) && (error & PF_PRESENT)) {
                user_exception(VEC_GP, 0, tf);
                return;
        }
        error |= PF_USER;
        if (error & PF_RESERVED)
                kernel_page_fault(tf, addr, error);
        if (addr >= TASK_SIZE) /* as on Linux: which kernel pages exist is not told */
                error |= PF_PRESENT;
        tf->trapno = VEC_PF;
        tf->error = error;
        tf->cr2 = addr;
        tf->eflags |= X86_EFLAGS_RF;
        irq_enable();
        if (!trap_page_fault(tf, addr, fault_access(error)))
                panic_at(tf, "page fault at %#lx in user mode that nobody took", addr);
}

/* ---- entries, from entry.S */

/*
 * The last step before user mode; returns with interrupts disabled and a frame that IRET takes.
 * A non-canonical rip (sigreturn can put one there) would raise #GP in the kernel: it is raised as
 * the program's own instead.
 */
void exit_to_user(struct trapframe *tf)
{
        for (;;) {
                trap_exit_to_user(tf);
                ASSERT(!cpu_irqs_enabled() && trapframe_from_user(tf));
                if ((u64)((s64)tf->rip << 16 >> 16) == tf->rip)
                        return;
                user_exception(VEC_GP, 0, tf);
        }
}

/* A system call has ended in one of the ways that entry.S does not finish itself. */
void syscall_leave(struct trapframe *tf)
{
        irq_enable();
        if ((s64)tf->rax >= TRAP_RESTART_MIN && (s64)tf->rax <= TRAP_RESTART_MAX)
                trap_syscall_interrupted();
        exit_to_user(tf);
}

/* Debug builds, after every system call. */
void syscall_check(void)
{
        lock_trace_check_none();
        ASSERT(cpu_irqs_enabled());
}

/* To user mode at once if nothing is to be done before. */
static inline void leave_for_user(struct trapframe *tf)
{
        lock_trace_check_none();
        irq_disable();
        if (!context_exit_asked((const struct context *)park_self()))
                return;
        irq_enable();
        exit_to_user(tf);
}

void trap_entered_user(unsigned vector, u64 error, struct trapframe *tf)
{
        if (vector == VEC_PF) {
                page_fault_user(error, tf);
        } else if (vector < VEC_EXCEPTIONS) {
                user_exception(vector, error, tf);
        } else if (vector == VECTOR_TIMER) {
                clock_timer_fired(tf);
        } else {
                irq_dispatch(vector);
        }
        leave_for_user(tf);
}

void trap_entered_kernel(unsigned vector, u64 error, struct trapframe *tf)
{
        if (vector == VEC_PF)
                page_fault_kernel(error, tf);
        else if (is_bad_xrstor(vector, tf))
                tf->rip = fixup_find(tf->rip);
        else if (vector < VEC_EXCEPTIONS)
                kernel_exception(vector, error, tf);
        else if (vector == VECTOR_TIMER)
                clock_timer_fired(tf);
        else
                irq_dispatch(vector);
}
