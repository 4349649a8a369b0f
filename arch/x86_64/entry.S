/* SPDX-License-Identifier: MIT */
/*
 * Ways into the kernel and out of it: exceptions, interrupts, SYSCALL; and the switch between
 * kernel stacks.
 *
 * Every entry builds a struct trapframe (machine/trap.h) on the kernel stack. From user mode that
 * is the thread's own stack, at its very top (TSS.RSP0, and cpu_area for SYSCALL, which does not
 * switch stacks). GS_BASE is the kernel's (cpu_area) while in the kernel, the user's otherwise;
 * the frame's cs tells which. Interrupts are disabled here throughout.
 *
 * #DF, NMI and #MC come on stacks of their own, at any instruction, and never return: each is a
 * panic, which loads the kernel's GS_BASE whosever was loaded.
 */
#include "arch/x86_64/smap.inc"

/* Offsets in struct trapframe; trap.c asserts them. */
#define TF_RBP      56
#define TF_R11      72
#define TF_R10      80
#define TF_R9       88
#define TF_R8       96
#define TF_RAX      104
#define TF_RCX      112
#define TF_RDX      120
#define TF_RSI      128
#define TF_RDI      136
#define TF_ORIG_RAX 144
#define TF_RIP      152
#define TF_CS       160
#define TF_EFLAGS   168
#define TF_RSP      176

/* Offsets in struct cpu_area, and in struct context, with which a task begins. */
#define CPU_KSTACK_TOP    0
#define CPU_USER_RSP      8
#define CPU_RUNNING       16
#define CONTEXT_EXIT_WORK 8

/* From arch/trap.h. */
#define TRAP_SYSCALLS    512
#define TRAP_RESTART_MIN -516
#define TRAP_RESTARTS    5

#define USER_CS 0x33
#define USER_DS 0x2b

/* TF and RF: SYSRET would act on the first too early and forget the second. */
#define EFLAGS_NO_SYSRET 0x10100

#define ENOSYS 38

/* Registers below rdi, then room for trapno, error and cr2, which an entry leaves as they were. */
.macro push_registers rax=%rax
        pushq %rsi
        pushq %rdx
        pushq %rcx
        pushq \rax
        pushq %r8
        pushq %r9
        pushq %r10
        pushq %r11
        pushq %rbx
        pushq %rbp
        pushq %r12
        pushq %r13
        pushq %r14
        pushq %r15
        subq $24, %rsp
.endm

.macro pop_registers
        addq $24, %rsp
        popq %r15
        popq %r14
        popq %r13
        popq %r12
        popq %rbp
        popq %rbx
        popq %r11
        popq %r10
        popq %r9
        popq %r8
        popq %rax
        popq %rcx
        popq %rdx
        popq %rsi
        popq %rdi
.endm

        .text

/* SYSCALL: rcx holds the user's rip, r11 its flags; rsp is still the user's. */
        .globl entry_syscall
        .balign 16
entry_syscall:
        swapgs
        movq %rsp, %gs:CPU_USER_RSP
        movq %gs:CPU_KSTACK_TOP, %rsp
        pushq $USER_DS
        pushq %gs:CPU_USER_RSP
        pushq %r11
        pushq $USER_CS
        pushq %rcx
        pushq %rax
        pushq %rdi
        push_registers rax=$-ENOSYS
        xorl %ebp, %ebp                 /* backtraces end here */
        sti
        movq %r10, %rcx                 /* the fourth argument; the others are where C wants them */
        movq trap_syscalls(%rip), %r10
        cmpq $TRAP_SYSCALLS, %rax
        jae 2f
1:      call *(%r10, %rax, 8)
#ifdef DEBUG
        movq %rax, TF_RAX(%rsp)
        call syscall_check
        movq TF_RAX(%rsp), %rax
#endif
        cli
        movq %gs:CPU_RUNNING, %rdx
        cmpl $0, CONTEXT_EXIT_WORK(%rdx)
        jne syscall_exit
        leaq -TRAP_RESTART_MIN(%rax), %rdx
        cmpq $TRAP_RESTARTS, %rdx
        jb syscall_exit

        /*
         * Nothing is to be done, so the frame is what this entry made of it, and C has preserved
         * the registers that it has to (rbp was ours). What SYSRET must not be given is checked all the same.
         */
        movq TF_RIP(%rsp), %rcx
        movq TF_EFLAGS(%rsp), %r11
        testl $EFLAGS_NO_SYSRET, %r11d
        jnz syscall_exit
        movq %rcx, %rdx
        shrq $47, %rdx
        jnz syscall_exit
        movq TF_RBP(%rsp), %rbp
        movq TF_R10(%rsp), %r10
        movq TF_R9(%rsp), %r9
        movq TF_R8(%rsp), %r8
        movq TF_RDX(%rsp), %rdx
        movq TF_RSI(%rsp), %rsi
        movq TF_RDI(%rsp), %rdi
        movq TF_RSP(%rsp), %rsp
        swapgs
        sysretq

2:      movl $TRAP_SYSCALLS, %eax
        jmp 1b

/* The long way out, interrupts disabled, rax: the result. */
syscall_exit:
        movq %rax, TF_RAX(%rsp)
        movq %rsp, %rdi
        call syscall_leave

        /*
         * SYSRET when the frame is as SYSCALL could have left it. It must not be used with a
         * non-canonical rip (Intel CPUs raise #GP in kernel mode, on the user's stack).
         */
        movq TF_RIP(%rsp), %rcx
        cmpq %rcx, TF_RCX(%rsp)
        jne return_to_user
        movq TF_EFLAGS(%rsp), %r11
        cmpq %r11, TF_R11(%rsp)
        jne return_to_user
        testl $EFLAGS_NO_SYSRET, %r11d
        jnz return_to_user
        shrq $47, %rcx
        jnz return_to_user
        pop_registers
        movq TF_RSP - TF_ORIG_RAX(%rsp), %rsp
        swapgs
        sysretq

/* To user mode with the frame at rsp, whatever it says. */
return_to_user:
        pop_registers
        addq $8, %rsp
        swapgs
        iretq

/* One stub a vector, 16 bytes apart: complete the frame with an error code and say which. */
        .globl entry_stubs
        .balign 16
entry_stubs:
        vector = 0
        .rept 256
        .balign 16
        .if vector != 8 && (vector < 10 || vector > 14) && vector != 17 && vector != 21 && vector != 29 && vector != 30
        pushq $0
        .endif
        pushq %rdi
        movl $vector, %edi
        .if vector == 2 || vector == 8 || vector == 18
        jmp entry_fatal
        .else
        jmp entry_common
        .endif
        vector = vector + 1
        .endr

/* The CPU's frame, the error code in orig_rax's place and rdi are on the stack; edi: vector. */
        .balign 16
entry_common:
        push_registers
        cld
        CLAC                            /* interrupts leave AC as user code set it */
        movq %rsp, %rdx
        movq TF_ORIG_RAX(%rsp), %rsi
        movq $-1, TF_ORIG_RAX(%rsp)
        testb $3, TF_CS(%rsp)
        jz 1f
        swapgs
        xorl %ebp, %ebp
        call trap_entered_user
        jmp return_to_user
        .globl entry_kernel_trap
1:      call trap_entered_kernel
entry_kernel_trap:                      /* a backtrace knows a trapframe by this return address */
        pop_registers
        addq $8, %rsp
        iretq

entry_fatal:
        push_registers
        cld
        CLAC
        movq %rsp, %rdx
        movq TF_ORIG_RAX(%rsp), %rsi
        movq $-1, TF_ORIG_RAX(%rsp)
        call trap_fatal
        ud2

/* void context_swap(u64 *save_sp, u64 load_sp): callee-saved registers go with the stack. */
        .globl context_swap
        .balign 16
context_swap:
        pushq %rbp
        pushq %rbx
        pushq %r12
        pushq %r13
        pushq %r14
        pushq %r15
        movq %rsp, (%rdi)
        movq %rsi, %rsp
        popq %r15
        popq %r14
        popq %r13
        popq %r12
        popq %rbx
        popq %rbp
        ret

/* First run of a thread: context.c left fn in r12 and its argument in r13. */
        .globl context_start
context_start:
        xorl %ebp, %ebp
        movq %r13, %rdi
        call *%r12
        ud2                             /* fn of a kernel thread must not return */

        .globl context_start_user
context_start_user:
        xorl %ebp, %ebp
        movq %r13, %rdi
        call *%r12
        movq %rsp, %rdi
        call exit_to_user
        jmp return_to_user
