/* SPDX-License-Identifier: MIT */
/*
 * Accesses that may fault. The handler changes where the interrupted program goes on, so a fault
 * returns from the signal like any other, with all that this takes of the kernel.
 */
#include <signal.h>
#include <string.h>
#include <ucontext.h>

#include "userland/fuzz/same/same.h"

#define ALT_STACK 16384

static unsigned char alt_stacks[WORKERS][ALT_STACK];
/* Where an access that faults goes on; 0 when there is none. */
static unsigned long resume_rip, resume_rsp;
static struct fault seen;

static void on_fault(int signo, siginfo_t *info, void *context)
{
        long long *regs = (long long *)((ucontext_t *)context)->uc_mcontext.gregs;

        if (!resume_rip) {
                put("signal %d at %p from %#llx\n", signo, info->si_addr, regs[REG_RIP]);
                raw_call(NR_exit_group, 98);
        }
        seen.signo = signo;
        seen.code = info->si_code;
        seen.addr = (unsigned long)info->si_addr;
        seen.error = (unsigned long)regs[REG_ERR];
        seen.trap = (unsigned long)regs[REG_TRAPNO];
        regs[REG_RIP] = (long long)resume_rip;
        regs[REG_RSP] = (long long)resume_rsp;
}

void user_prepare(unsigned self)
{
        static const int signals[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP };
        struct sigaction action;
        stack_t alt;

        memset(&alt, 0, sizeof(alt));
        alt.ss_sp = alt_stacks[self];
        alt.ss_size = ALT_STACK;
        sigaltstack(&alt, NULL);
        memset(&action, 0, sizeof(action));
        action.sa_sigaction = on_fault;
        action.sa_flags = SA_SIGINFO | SA_ONSTACK;
        for (unsigned i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
                sigaction(signals[i], &action, NULL);
}

/* The access stands between the two: what the handler needs, and where it goes on. */
#define ACCESS(instruction)                                                                 \
        "leaq 1f(%%rip), %%rax\n\tmovq %%rax, %[rip]\n\tmovq %%rsp, %[rsp]\n\t" instruction \
        "\n1:\n\tmovq $0, %[rip]"

struct fault user_load(uint64_t addr, unsigned char *byte)
{
        unsigned long value;

        memset(&seen, 0, sizeof(seen));
        __asm__ volatile(ACCESS("movb (%[addr]), %%al")
                         : "=&a"(value), [rip] "=m"(resume_rip), [rsp] "=m"(resume_rsp)
                         : [addr] "r"(addr)
                         : "memory");
        *byte = seen.signo ? 0 : (unsigned char)value;
        return seen;
}

struct fault user_store(uint64_t addr, unsigned char byte)
{
        memset(&seen, 0, sizeof(seen));
        __asm__ volatile(ACCESS("movb %[byte], (%[addr])")
                         : [rip] "=m"(resume_rip), [rsp] "=m"(resume_rsp)
                         : [addr] "r"(addr), [byte] "d"(byte)
                         : "rax", "memory");
        return seen;
}

/* The call's return address goes below what the compiler may keep under the stack pointer. */
struct fault user_run(uint64_t addr)
{
        memset(&seen, 0, sizeof(seen));
        __asm__ volatile(ACCESS("leaq -128(%%rsp), %%rsp\n\tcall *%[addr]\n\t"
                                "leaq 128(%%rsp), %%rsp")
                         : [rip] "=m"(resume_rip), [rsp] "=m"(resume_rsp)
                         : [addr] "r"(addr)
                         : "rax", "memory");
        return seen;
}

void put_fault(const struct fault *fault)
{
        put("%s %d error %lx trap %lu at ", signal_name(fault->signo), fault->code, fault->error,
            fault->trap);
        put_place(fault->addr);
}
