/* SPDX-License-Identifier: MIT */
/*
 * The end: say what happened, where, and how to run it again, then stop.
 *
 * The report is lines of the log: the message, the registers of whoever is to blame, the calls
 * that led there, what the fault address belongs to, the kernel command line. With the parameter
 * `panic=exit` QEMU is left through its exit device (PANIC_EXIT_CODE), else the CPU halts. A panic
 * inside a panic prints one line and stops.
 */
#include "arch/cpu.h"
#include "arch/x86_64/layout.h"
#include "arch/x86_64/local.h"
#include "arch/x86_64/x86.h"
#include "kernel/base/assert.h"
#include "kernel/base/log.h"
#include "kernel/base/printf.h"
#include "kernel/base/string.h"

#define PANIC_EXIT_CODE 125

/* The value that functions keep between their locals and their return address. */
u64 __stack_chk_guard = 0x5bd1e995a7c3f00d;
_Noreturn void __stack_chk_fail(void);

static bool exit_on_panic;
static unsigned depth;

void panic_init(void)
{
        char value[8];

        exit_on_panic = boot_param("panic", value, sizeof(value)) && !strcmp(value, "exit");
}

static _Noreturn void panic_stop(void)
{
        if (exit_on_panic)
                machine_power_off(PANIC_EXIT_CODE);
        cpu_halt();
}

static void print_registers(const struct trapframe *tf)
{
        log_error("rip %016lx  rsp %04lx:%016lx  eflags %08lx  cs %04lx", tf->rip, tf->ss, tf->rsp,
                  tf->eflags, tf->cs);
        log_error("rax %016lx  rbx %016lx  rcx %016lx", tf->rax, tf->rbx, tf->rcx);
        log_error("rdx %016lx  rsi %016lx  rdi %016lx", tf->rdx, tf->rsi, tf->rdi);
        log_error("rbp %016lx  r8  %016lx  r9  %016lx", tf->rbp, tf->r8, tf->r9);
        log_error("r10 %016lx  r11 %016lx  r12 %016lx", tf->r10, tf->r11, tf->r12);
        log_error("r13 %016lx  r14 %016lx  r15 %016lx", tf->r13, tf->r14, tf->r15);
        log_error("cr0 %08lx  cr2 %016lx  cr3 %lx  cr4 %lx", cr0_read(), cr2_read(), cr3_read(),
                  cr4_read());
}

/* What lies at the address of the last fault: its page-table entry, and its VMA. */
static void print_address(u64 addr)
{
        static const char *const levels[] = { "PTE", "PMD", "PUD", "P4D" };
        char text[160];
        unsigned shift;
        u64 entry = paging_lookup(addr, &shift);

        log_error("address %#lx: %s entry %#lx", addr, levels[(shift - PAGE_SHIFT) / 9], entry);
        if (addr < TASK_SIZE && trap_describe_address(addr, text, sizeof(text)))
                log_error("address %#lx: %s", addr, text);
}

static void print_code(u64 rip)
{
        char text[3 * 16 + 1];
        size_t len = 0;

        if (rip < (u64)image_start || rip + 16 > (u64)text_end)
                return;
        for (unsigned i = 0; i < 16; i++)
                len += (size_t)scnprintf(text + len, sizeof(text) - len, "%02x ",
                                         ((const u8 *)rip)[i]);
        log_error("code at rip: %s", text);
}

static _Noreturn __attribute__((noinline)) void panic_report(const struct trapframe *tf,
                                                             const char *fmt, va_list ap)
{
        char message[256];

        irq_disable();
        log_enter_panic();
        vsnprintf(message, sizeof(message), fmt, ap);
        if (depth++) {
                if (depth == 2)
                        log_error("PANIC while reporting a panic: %s", message);
                panic_stop();
        }
        log_error("PANIC: %s", message);
        if (tf) {
                print_registers(tf);
                print_code(tf->rip);
                backtrace_print(tf->rip, tf->rbp, tf->rsp);
                if (tf->trapno == VECTOR_PAGE_FAULT || tf->trapno == VECTOR_DOUBLE_FAULT)
                        print_address(tf->cr2);
        } else {
                const u64 *mine = __builtin_frame_address(0);
                const u64 *frame = (const u64 *)mine[0]; /* of panic(), whose caller is asked for */

                backtrace_print(frame[1] - 1, frame[0], 0);
        }
        log_error("command line: %s", boot_info.cmdline ? boot_info.cmdline : "");
        log_error("end of PANIC: %s", message);
        panic_stop();
}

void panic(const char *fmt, ...)
{
        va_list ap;

        va_start(ap, fmt);
        panic_report(NULL, fmt, ap);
}

void panic_at(const struct trapframe *tf, const char *fmt, ...)
{
        va_list ap;

        va_start(ap, fmt);
        panic_report(tf, fmt, ap);
}

void __stack_chk_fail(void)
{
        panic("a stack canary was overwritten: some function wrote past its locals");
}
