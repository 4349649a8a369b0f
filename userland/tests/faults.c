/* SPDX-License-Identifier: MIT */
/*
 * Which signal, which si_code and which si_addr every kind of bad access gives, and that the
 * handler sees the machine as Linux shows it.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "userland/tests/lib/arena.h"
#include "userland/tests/lib/fault.h"
#include "userland/tests/lib/transcript.h"

#define TASK_SIZE 0x7ffffffff000UL

static void no_mapping(void)
{
        static const unsigned long places[] = { 0,
                                                1,
                                                PAGE - 1,
                                                TASK_SIZE,
                                                TASK_SIZE - 1,
                                                0x7ffffffff001UL,
                                                0x800000000000UL,
                                                0xffff7fffffffffffUL,
                                                0xffff800000000000UL,
                                                0xffffffff80000000UL,
                                                0xffffffff80100000UL,
                                                0xfffffffffffff000UL,
                                                ~0UL };

        scene_in_arena("where nothing is mapped");
        touch_step(at(3), ACCESS_READ);
        touch_step(at(3) + 0x123, ACCESS_WRITE);
        touch_step(at(3) + 0xfff, ACCESS_EXEC);
        for (unsigned i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
                touch_step(places[i], ACCESS_READ);
                touch_step(places[i], ACCESS_WRITE);
        }
        touch_step(0, ACCESS_EXEC);
        touch_step(0xffffffff80100000UL, ACCESS_EXEC);
}

static void no_permission(void)
{
        scene_in_arena("where it is not allowed");
        map(0, 1, "---");
        touch_step(at(0), ACCESS_READ);
        touch_step(at(0) + 1, ACCESS_WRITE);
        touch_step(at(0) + 2, ACCESS_EXEC);
        map(1, 1, "r--");
        touch_step(at(1) + 8, ACCESS_WRITE);
        touch_step(at(1) + 8, ACCESS_READ);
        touch_step(at(1) + 8, ACCESS_WRITE); /* the zero page is there now */
        touch_step(at(1), ACCESS_EXEC);
        map(2, 1, "rw-");
        touch_step(at(2), ACCESS_EXEC); /* never touched */
        touch_step(at(2), ACCESS_WRITE);
        touch_step(at(2), ACCESS_EXEC);
        protect(2, 1, "r--");
        touch_step(at(2), ACCESS_WRITE);
        protect(2, 1, "---");
        touch_step(at(2) + 5, ACCESS_READ);
        unmap(2, 1);
        touch_step(at(2) + 5, ACCESS_READ);
        map(2, 1, "-w-");
        touch_step(at(2), ACCESS_READ);
        touch_step(at(2), ACCESS_WRITE);
        show_maps();
}

static sigjmp_buf back;
static struct {
        int signo, code, trap, error;
        unsigned long addr, cr2;
} seen;

static void note(int signo, siginfo_t *info, void *context)
{
        greg_t *regs = ((ucontext_t *)context)->uc_mcontext.gregs;

        seen.signo = signo;
        seen.code = info->si_code;
        seen.addr = (unsigned long)info->si_addr;
        seen.trap = (int)regs[REG_TRAPNO];
        seen.error = (int)regs[REG_ERR];
        seen.cr2 = regs[REG_CR2];
        siglongjmp(back, 1);
}

static void catch_all(void)
{
        static const int signals[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP };
        struct sigaction action;

        memset(&action, 0, sizeof(action));
        memset(&seen, 0, sizeof(seen));
        action.sa_sigaction = note;
        action.sa_flags = SA_SIGINFO | SA_ONSTACK; /* the stack that touch() set up */
        for (unsigned i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
                sigaction(signals[i], &action, NULL);
}

/* A step: what was caught, with the trap's number and error code. */
static void report(const char *what)
{
        char text[80];

        snprintf(text, sizeof(text), "%s %s, trap %d, error %d", signal_name(seen.signo),
                 code_name(seen.signo, seen.code), seen.trap, seen.error);
        step_text(seen.signo ? text : "nothing", "%s", what);
}

#define caught(what, ...)                      \
        do {                                   \
                catch_all();                   \
                if (sigsetjmp(back, 1) == 0) { \
                        __VA_ARGS__;           \
                }                              \
                report(what);                  \
        } while (0)

/*
 * The kernel's view of a page fault: bit 0 present, 1 write, 2 user, 4 instruction fetch.
 *
 * Left out because the emulator differs from the processor: int $0x81 (another error code), and an
 * access through a stack pointer that is not canonical (trap 13 instead of 12).
 */
static void trap_numbers(void)
{
        volatile char *page = (volatile char *)at(0);

        scene_in_arena("trap numbers and error codes");
        map(0, 1, "r--");
        caught("read of a hole", (void)*(volatile char *)at(4));
        check(seen.cr2 == at(4) && seen.addr == at(4), "cr2 and si_addr");
        caught("write of a hole", *(volatile char *)(at(4) + 3) = 1);
        check(seen.cr2 == at(4) + 3 && seen.addr == at(4) + 3, "cr2 and si_addr");
        caught("write of a read-only page that is not there", *page = 1);
        caught("read of it", (void)*page);
        caught("write of it now that it is there", *page = 1);
        caught("jump to it", ((void (*)(void))at(0))());
        caught("read of the kernel", (void)*(volatile char *)0xffffffff80000000UL);
        caught("write of what the kernel does not map", *(volatile char *)0xffff800000000000UL = 1);
        caught("jump to the kernel", ((void (*)(void))0xffffffff80000000UL)());
        caught("read of the first byte past user space", (void)*(volatile char *)0x7ffffffff000UL);
        caught("write of it", *(volatile char *)0x7ffffffff000UL = 1);
        caught("not canonical", (void)*(volatile char *)0x800000000000UL);
        caught("ud2", __asm__ volatile("ud2"));
        caught("int3", __asm__ volatile("int3"));
        caught("hlt", __asm__ volatile("hlt"));
        caught("cli", __asm__ volatile("cli"));
        caught("in", __asm__ volatile("inb $0x80, %%al" : : : "rax"));
        caught("mov from cr0", __asm__ volatile("mov %%cr0, %%rax" : : : "rax"));
        caught("rdmsr", __asm__ volatile("rdmsr" : : "c"(0x10) : "rax", "rdx"));
        caught("loading a bad segment", __asm__ volatile("mov %0, %%ds" : : "r"(0x1234)));
        caught("divide by zero", __asm__ volatile("divl %%ecx" : : "a"(1), "d"(0), "c"(0) : "cc"));
        caught("divide overflow", __asm__ volatile("divl %%ecx" : : "a"(0), "d"(5), "c"(1) : "cc"));
}

static void straddling(void)
{
        scene_in_arena("accesses that cross into a bad page");
        map(0, 1, "rw-");
        caught("8 bytes, the last 4 in a hole", (void)*(volatile long *)(at(1) - 4));
        check(seen.addr == at(1), "si_addr is the first bad byte");
        caught("8 bytes, the last one in a hole", *(volatile long *)(at(1) - 7) = -1L);
        check(seen.addr == at(1), "si_addr is the first bad byte");
        check(*(volatile char *)(at(1) - 7) == 0, "nothing was stored");
        map(1, 1, "r--");
        caught("8 bytes, the last 4 read-only", *(volatile long *)(at(1) - 4) = -1L);
        check(seen.addr == at(1), "si_addr is the first bad byte");
        caught("8 bytes, the first 4 in a hole", (void)*(volatile long *)(at(0) - 4));
        check(seen.addr == at(0) - 4, "si_addr is the first byte");
}

static void deadly_read(void)
{
        signal(SIGSEGV, SIG_DFL);
        (void)*(volatile char *)at(4);
}

static void deadly_ignored(void)
{
        signal(SIGSEGV, SIG_IGN);
        (void)*(volatile char *)at(4);
}

static void deadly_blocked(void)
{
        struct sigaction action;
        sigset_t set;

        memset(&action, 0, sizeof(action));
        action.sa_sigaction = note;
        action.sa_flags = SA_SIGINFO;
        sigaction(SIGSEGV, &action, NULL);
        sigemptyset(&set);
        sigaddset(&set, SIGSEGV);
        sigprocmask(SIG_BLOCK, &set, NULL);
        (void)*(volatile char *)at(4);
}

static void recurse(int signo)
{
        (void)signo;
        (void)*(volatile char *)at(4);
}

static void deadly_nested(void)
{
        signal(SIGSEGV, recurse);
        (void)*(volatile char *)at(4);
}

static void deadly_stack(void)
{
        signal(SIGSEGV, SIG_DFL);
        __asm__ volatile("mov %0, %%rsp\n\tpush $0" : : "r"(at(4)));
}

static void deadly_handler_stack(void)
{
        signal(SIGSEGV, recurse);
        __asm__ volatile("mov %0, %%rsp\n\tpush $0" : : "r"(at(4)));
}

static void deadly_ud2(void)
{
        signal(SIGILL, SIG_DFL);
        __asm__ volatile("ud2");
}

static void deadly_divide(void)
{
        signal(SIGFPE, SIG_DFL);
        __asm__ volatile("divl %%ecx" : : "a"(1), "d"(0), "c"(0) : "cc");
}

static void deadly_trap(void)
{
        signal(SIGTRAP, SIG_DFL);
        __asm__ volatile("int3");
}

int main(void)
{
        no_mapping();
        no_permission();
        trap_numbers();
        straddling();
        scene_in_arena("deaths");
        in_child(deadly_read, "read of a hole");
        in_child(deadly_ignored, "with SIGSEGV ignored");
        in_child(deadly_blocked, "with SIGSEGV blocked");
        in_child(deadly_nested, "inside the handler");
        in_child(deadly_stack, "with a bad stack");
        in_child(deadly_handler_stack, "with no room for the handler");
        in_child(deadly_ud2, "ud2");
        in_child(deadly_divide, "divide by zero");
        in_child(deadly_trap, "int3");
        return 0;
}
