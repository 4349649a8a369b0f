/* SPDX-License-Identifier: MIT */
/* System calls, signals, and the way from one process to another. */
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "userland/bench/bench.h"

#define TRIPS 100

static int null_call(const struct op *op)
{
        for (unsigned i = 0; i < op->units; i++)
                syscall(SYS_getppid);
        return 0;
}

/* Two instructions a round. What this takes more than its n is what timer ticks add. */
static int compute(const struct op *op)
{
        unsigned long rounds = op->n / 2;

        __asm__ volatile("1: dec %0\n jnz 1b" : "+r"(rounds));
        return 0;
}

/* ------------------------------------------------------------------ signals */

static void take_signal(int signo)
{
        (void)signo;
}

static void signal_begin(const struct op *op)
{
        struct sigaction action = { .sa_handler = take_signal };

        (void)op;
        if (sigaction(SIGUSR1, &action, NULL) != 0)
                bench_failed("sigaction");
}

static int signal_run(const struct op *op)
{
        pid_t me = getpid();

        for (unsigned i = 0; i < op->units; i++)
                kill(me, SIGUSR1);
        return 0;
}

/* ------------------------------------------------------------------ a pipe there and one back */

static int there[2], back[2];
static pid_t partner;

static void pipe_begin(const struct op *op)
{
        char byte;

        (void)op;
        if (pipe(there) != 0 || pipe(back) != 0)
                bench_failed("pipe");
        partner = fork();
        if (partner < 0)
                bench_failed("fork");
        if (partner)
                return;
        close(there[1]);
        while (read(there[0], &byte, 1) == 1)
                write(back[1], &byte, 1);
        _exit(0);
}

static int pipe_run(const struct op *op)
{
        char byte = 0;

        for (unsigned i = 0; i < op->units; i++)
                if (write(there[1], &byte, 1) != 1 || read(back[0], &byte, 1) != 1)
                        bench_failed("the other side of the pipe");
        return 0;
}

static void pipe_end(const struct op *op)
{
        (void)op;
        close(there[1]);
        waitpid(partner, NULL, 0);
        close(there[0]);
        close(back[0]);
        close(back[1]);
}

static const struct op ops[] = {
        { .name = "compute",
          .what = "40,000,000 instructions of the program: more are the timer's",
          .n = 40000000,
          .units = 1,
          .run = compute },
        { .name = "null",
          .what = "a system call that does nothing (getppid)",
          .units = 1000,
          .run = null_call },
        { .name = "signal",
          .what = "kill(2) of oneself, the handler and the way back",
          .units = 100,
          .begin = signal_begin,
          .run = signal_run },
        { .name = "pipe",
          .what = "a byte to another process and one back: two switches",
          .units = TRIPS,
          .begin = pipe_begin,
          .run = pipe_run,
          .end = pipe_end },
};
const struct op_table call_ops = bench_table(ops);
