/* SPDX-License-Identifier: MIT */
/*
 * Caught faults. The handler leaves through siglongjmp, on a stack of its own, so that a fault can
 * be taken with any stack pointer. Threads share that stack: one signal at a time.
 */
#include "userland/tests/lib/fault.h"

#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "userland/tests/lib/arena.h"
#include "userland/tests/lib/transcript.h"

/* Offset of si_pkey, which not every library's siginfo_t has. */
#define SI_PKEY 32

static __thread sigjmp_buf back;
static __thread struct touch seen;

static void note_fault(int signo, siginfo_t *info, void *context)
{
        (void)context;
        seen.signo = signo;
        seen.code = info->si_code;
        seen.addr = (unsigned long)info->si_addr;
        memcpy(&seen.key, (char *)info + SI_PKEY, sizeof(seen.key));
        siglongjmp(back, 1);
}

static void catch_faults(void)
{
        static const int signals[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP };
        static char stack[32768];
        struct sigaction action;
        stack_t alt;

        memset(&alt, 0, sizeof(alt));
        alt.ss_sp = stack;
        alt.ss_size = sizeof(stack);
        sigaltstack(&alt, NULL);
        memset(&action, 0, sizeof(action));
        action.sa_sigaction = note_fault;
        action.sa_flags = SA_SIGINFO | SA_ONSTACK;
        sigemptyset(&action.sa_mask);
        for (unsigned i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
                sigaction(signals[i], &action, NULL);
}

struct touch touch(unsigned long addr, enum access access)
{
        memset(&seen, 0, sizeof(seen));
        catch_faults();
        if (sigsetjmp(back, 1) != 0)
                return seen;
        switch (access) {
        case ACCESS_READ:
                __asm__ volatile("movb (%0), %%al" : : "r"(addr) : "rax", "memory");
                break;
        case ACCESS_WRITE:
                /* One store and no load, so that memory that can only be written can be told. */
                __asm__ volatile("movb $1, (%0)" : : "r"(addr) : "memory");
                break;
        case ACCESS_EXEC:
                __asm__ volatile("call *%0"
                                 :
                                 : "r"(addr)
                                 : "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11",
                                   "memory");
                break;
        }
        return seen;
}

const char *code_name(int signo, int code)
{
        static char unknown[24];
        static const char *const segv[] = { "0", "SEGV_MAPERR", "SEGV_ACCERR", "SEGV_BNDERR",
                                            "SEGV_PKUERR" };
        static const char *const bus[] = { "0", "BUS_ADRALN", "BUS_ADRERR", "BUS_OBJERR" };
        static const char *const ill[] = { "0", "ILL_ILLOPC", "ILL_ILLOPN" };
        static const char *const fpe[] = { "0", "FPE_INTDIV", "FPE_INTOVF" };

        if (code == 128)
                return "SI_KERNEL";
        if (code == 0)
                return "SI_USER";
        if (code == -6)
                return "SI_TKILL";
        if (signo == SIGSEGV && code > 0 && code <= 4)
                return segv[code];
        if (signo == SIGBUS && code > 0 && code <= 3)
                return bus[code];
        if (signo == SIGILL && code > 0 && code <= 2)
                return ill[code];
        if (signo == SIGFPE && code > 0 && code <= 2)
                return fpe[code];
        snprintf(unknown, sizeof(unknown), "code %d", code);
        return unknown;
}

void touch_step(unsigned long addr, enum access access)
{
        static const char *const verbs[] = { "read", "write", "execute" };
        struct touch result = touch(addr, access);
        char text[96];
        char place[32];

        if (addr >= ARENA && addr < ARENA_END)
                snprintf(place, sizeof(place), "%s", place_name((long)addr));
        else
                snprintf(place, sizeof(place), "%#lx", addr);
        if (result.signo == 0)
                snprintf(text, sizeof(text), "ok");
        else if (result.addr == addr)
                snprintf(text, sizeof(text), "%s %s", signal_name(result.signo),
                         code_name(result.signo, result.code));
        else
                snprintf(text, sizeof(text), "%s %s at %s", signal_name(result.signo),
                         code_name(result.signo, result.code), place_name((long)result.addr));
        step_text(text, "%s %s", verbs[access], place);
}
