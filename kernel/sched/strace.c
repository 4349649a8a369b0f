/* SPDX-License-Identifier: MIT */
/* What strace.h describes. Lines go to the log at once, so a kernel that dies has shown them. */
#include "kernel/sched/strace.h"
#include "kernel/base/log.h"
#include "kernel/base/printf.h"
#include "kernel/sched/process.h"
#include "kernel/sched/signal.h"

static bool on;

void strace_begin(void)
{
        on = true;
}

void strace_call(const char *name, const u64 *args, unsigned nr, long result)
{
        int tid = current_task()->tid;
        char list[6 * 20 + 1] = "";
        size_t len = 0;

        for (unsigned i = 0; i < nr; i++)
                len += (size_t)scnprintf(list + len, sizeof(list) - len, "%s0x%llx", i ? ", " : "",
                                         (unsigned long long)args[i]);
        if (result < 0 && result >= -4095)
                log_info("strace: %d %s(%s) = %ld", tid, name, list, result);
        else
                log_info("strace: %d %s(%s) = 0x%lx", tid, name, list, result);
}

void strace_signal(const struct siginfo *info)
{
        if (on)
                log_info("strace: %d --- signal %d code %d addr 0x%llx ---", current_task()->tid,
                         info->si_signo, info->si_code, (unsigned long long)info->addr);
}

void strace_end(int exit_code)
{
        int signo = exit_code & 0x7f;

        if (on)
                log_info("strace: %d +++ %s %d +++", current_task()->tid,
                         signo ? "killed by" : "exited with",
                         signo ? signo : exit_code >> 8 & 0xff);
}
