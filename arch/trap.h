/* SPDX-License-Identifier: MIT */
/*
 * Entries into the kernel. struct trapframe (<machine/trap.h>) is the register state of the
 * interrupted code, in the order of Linux's struct pt_regs, at the top of the kernel stack. The
 * machine calls up only through the trap_* functions, which kernel/sys defines.
 */
#ifndef ARCH_TRAP_H
#define ARCH_TRAP_H

#include "kernel/base/types.h"

#include <machine/trap.h>

/* Access that faulted; the bits are those of x86's error code. */
#define FAULT_PRESENT 0x1u /* a translation existed but forbade the access */
#define FAULT_WRITE   0x2u
#define FAULT_USER    0x4u /* the CPU was in user mode */
#define FAULT_EXEC    0x10u
#define FAULT_PKEY    0x20u

/*
 * System calls. The machine calls the function at the number that the program gave, or for a number
 * past the end the last one, with the six arguments; the result is the program's. Interrupts are
 * enabled. The frame is complete, but for the result.
 */
#define TRAP_SYSCALLS 512
typedef void trap_syscall_fn(void);           /* of what kind does not matter here */
extern trap_syscall_fn *const *trap_syscalls; /* TRAP_SYSCALLS + 1 of them */

/*
 * The call has ended with `result`, one of the ERESTART numbers: said before trap_exit_to_user(),
 * which settles whether it is to be made again.
 */
#define TRAP_RESTART_MIN (-516L)
#define TRAP_RESTART_MAX (-512L)
void trap_syscall_interrupted(void);

/*
 * Page fault at `addr`. Returns true if it was dealt with (resolved, or a signal raised); false for
 * a fault of the kernel itself: the machine then tries the exception table, then panics.
 */
bool trap_page_fault(struct trapframe *tf, u64 addr, unsigned access);

/* Any other exception of user code: raise `signo` with `code` and `addr`. */
void trap_user_exception(struct trapframe *tf, int signo, int code, u64 addr);

/* The one-shot timer has fired, while the CPU was in user mode or not. Interrupts are disabled. */
void trap_timer(bool user);

/* A byte has come in on the console. Interrupts are disabled. */
void trap_console_byte(u8 byte);

/*
 * What is to be done before user mode, of which context_ask_exit() has told the machine: reschedule
 * if asked, deliver signals. Called with interrupts enabled; loops inside until nothing is left to
 * do, and returns with interrupts disabled, so that none can ask for more before user mode is
 * reached.
 */
void trap_exit_to_user(struct trapframe *tf);

/*
 * The first thing the machine calls, on the boot stack, before interrupts and memory exist: set the
 * console up, so that whatever goes wrong from here on is told.
 */
void trap_console_open(void);

/* Text for panic reports: the VMA of an address in the current process, or "". */
size_t trap_describe_address(u64 addr, char *buf, size_t size);

#endif
