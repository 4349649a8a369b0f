/* SPDX-License-Identifier: MIT */
/*
 * Limits of processes at their edges: one below, at and one above what is allowed, none at all and
 * no bound, for every call that uses some of what is limited; what is left behind by a call that
 * was refused; limits below what is in use already; and who may set them.
 *
 * Limits on memory are not here but in mm_accounting and in what it names. A limit on messages in
 * queues, on real-time priorities and on their time bind nothing that this kernel has, and those on
 * resident memory, file locks and core files bind nothing anywhere, or change no transcript.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "userland/tests/lib/transcript.h"
#include "userland/tests/rlimits/parts.h"

#define PR_CAPBSET_DROP  24
#define CAP_SYS_RESOURCE 24
#define CAPS_VERSION     0x20080522

long limit_set(int resource, unsigned long soft, unsigned long hard)
{
        struct limit limit = { soft, hard };

        return raw_call(NR_setrlimit, resource, &limit);
}

struct limit limit_get(int resource)
{
        struct limit limit = { 0, 0 };

        raw_call(NR_getrlimit, resource, &limit);
        return limit;
}

void become(unsigned id)
{
        raw_call(NR_setgroups, 0, 0);
        raw_call(NR_setresgid, id, id, id);
        raw_call(NR_setresuid, id, id, id);
}

long exec_self(const char *what)
{
        const char *const argv[] = { "rlimits", what, NULL };
        const char *const envp[] = { NULL };

        return raw_call(NR_execve, "/proc/self/exe", argv, envp);
}

void end_child(long pid)
{
        raw_call(NR_kill, pid, SIGKILL);
        waitpid((pid_t)pid, NULL, 0);
}

/* Whoever is root may or may not have it, depending on who started him: here nobody has. */
static void give_up_resource(void)
{
        struct {
                unsigned version;
                int pid;
        } header = { CAPS_VERSION, 0 };
        struct {
                unsigned effective, permitted, inheritable;
        } caps[2];

        raw_call(NR_prctl, PR_CAPBSET_DROP, CAP_SYS_RESOURCE);
        raw_call(NR_capget, &header, caps);
        caps[0].effective &= ~(1U << CAP_SYS_RESOURCE);
        caps[0].permitted &= ~(1U << CAP_SYS_RESOURCE);
        raw_call(NR_capset, &header, caps);
}

int main(int argc, char **argv)
{
        if (argc > 1)
                return rlimits_after_exec(argv[1]);
        give_up_resource();
        raw_call(NR_close_range, 3, ~0U, 0);
        rlimits_rules();
        rlimits_descriptors();
        rlimits_table();
        rlimits_sizes();
        rlimits_processes();
        rlimits_signals();
        rlimits_arguments();
        rlimits_time();
        return 0;
}
