/* SPDX-License-Identifier: MIT */
/* Random numbers, words that prove themselves, and accesses that may end in a signal. */
#include <setjmp.h>
#include <signal.h>
#include <string.h>

#include "userland/fuzz/stress/stress.h"

uint64_t random_next(struct random *r)
{
        uint64_t z = r->state += 0x9e3779b97f4a7c15;

        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
}

static uint64_t word_proof(uint64_t low)
{
        struct random r = { low };

        return (random_next(&r) | 1) << 40;
}

uint64_t word_make(unsigned origin, uint32_t serial)
{
        uint64_t low = (uint64_t)origin << 32 | serial;

        return low | word_proof(low);
}

bool word_is_good(uint64_t word)
{
        uint64_t low = word & 0xffffffffff;

        return word == 0 || word == (low | word_proof(low));
}

/* ------------------------------------------------------------------ accesses */

static __thread sigjmp_buf back;
static __thread volatile int armed;

static void on_fault(int signo, siginfo_t *info, void *context)
{
        (void)context;
        if (!armed) {
                complain("signal %d at %#lx, where nobody expected one", signo,
                         (unsigned long)info->si_addr);
                raw_call(NR_exit_group, 1);
        }
        armed = 0;
        siglongjmp(back, signo == SIGSEGV ? SEGV : BUS);
}

static void on_signal(int signo)
{
        (void)signo;
}

void catch_signals(void)
{
        struct sigaction action;

        memset(&action, 0, sizeof(action));
        action.sa_sigaction = on_fault;
        action.sa_flags = SA_SIGINFO | SA_NODEFER;
        sigaction(SIGSEGV, &action, NULL);
        sigaction(SIGBUS, &action, NULL);
        action.sa_handler = on_signal;
        action.sa_flags = 0; /* calls are to be interrupted */
        sigaction(SIGUSR1, &action, NULL);
}

enum outcome word_read(uint64_t addr, uint64_t *word)
{
        int outcome = sigsetjmp(back, 0);

        if (outcome == 0) {
                armed = 1;
                *word = *(volatile uint64_t *)addr;
                armed = 0;
        }
        return (enum outcome)outcome;
}

enum outcome word_write(uint64_t addr, uint64_t word)
{
        int outcome = sigsetjmp(back, 0);

        if (outcome == 0) {
                armed = 1;
                *(volatile uint64_t *)addr = word;
                armed = 0;
        }
        return (enum outcome)outcome;
}
