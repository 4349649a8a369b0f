/* SPDX-License-Identifier: MIT */
/* User and group ids, capabilities, limits and prctl settings: what may be changed, and into what.
 */
#include <grp.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "userland/tests/lib/transcript.h"

#define NO_ID ((unsigned)-1)

#define CAPS_VERSION 0x20080522

struct caps_header {
        uint32_t version;
        int pid;
};
struct caps_data {
        uint32_t effective, permitted, inheritable;
};

static void show(void)
{
        struct caps_header header = { CAPS_VERSION, 0 };
        struct caps_data caps[2] = { 0 };
        unsigned r, e, s, rg, eg, sg;

        raw_call(NR_getresuid, &r, &e, &s);
        raw_call(NR_getresgid, &rg, &eg, &sg);
        raw_call(NR_capget, &header, caps);
        say("     uid %u %u %u, gid %u %u %u; capabilities: effective %s, permitted %s", r, e, s,
            rg, eg, sg, caps[0].effective ? "some" : "none", caps[0].permitted ? "some" : "none");
}

/* ------------------------------------------------------------------ user ids */

static void all_away(void)
{
        step(raw_call(NR_setuid, 1000), "setuid(1000)");
        show();
        step(raw_call(NR_setuid, 0), "setuid(0)");
        step(raw_call(NR_setgid, 5), "setgid(5)");
        step(raw_call(NR_setgroups, 0, 0), "setgroups");
        step(raw_call(NR_kill, getppid(), 0), "kill of root's process");
}

static void effective_away(void)
{
        step(raw_call(NR_setresuid, NO_ID, 1000, NO_ID), "effective 1000");
        show();
        step(raw_call(NR_setuid, 1001), "setuid(1001)");
        step(raw_call(NR_setresuid, NO_ID, 0, NO_ID), "effective 0 again");
        show();
}

static void real_and_effective(void)
{
        step(raw_call(NR_setreuid, 1000, 1001), "setreuid(1000, 1001)");
        show();
        step(raw_call(NR_setreuid, 1001, 1000), "the other way round");
        show();
        step(raw_call(NR_setreuid, NO_ID, 1002), "effective 1002");
}

static void all_three(void)
{
        step(raw_call(NR_setresuid, 1, 2, 3), "setresuid(1, 2, 3)");
        show();
        step(raw_call(NR_setresuid, 3, NO_ID, 1), "(3, -, 1)");
        step(raw_call(NR_setresuid, 4, NO_ID, NO_ID), "(4, -, -)");
        show();
}

static void caps_kept(void)
{
        step(raw_call(NR_prctl, PR_SET_KEEPCAPS, 1), "PR_SET_KEEPCAPS");
        step(raw_call(NR_setuid, 1000), "setuid(1000)");
        show();
}

static void group_ids(void)
{
        unsigned in[3] = { 5, 3, 4 }, out[8] = { 0 };

        step(raw_call(NR_setgroups, 3, in), "setgroups");
        step(raw_call(NR_getgroups, 8, out), "getgroups");
        say("     %u %u %u", out[0], out[1], out[2]);
        step(raw_call(NR_getgroups, 1, out), "getgroups: too few places");
        step(raw_call(NR_getgroups, -1, out), "getgroups: -1 places");
        step(raw_call(NR_getgroups, 0, 0), "getgroups: how many?");
        step(raw_call(NR_setgroups, 3, 8), "setgroups from a bad address");
        step(raw_call(NR_setresgid, NO_ID, 8, NO_ID), "effective group 8");
        show();
        step(raw_call(NR_setregid, 8, NO_ID), "real group 8");
        show();
        step(raw_call(NR_setgid, 7), "setgid(7)");
        show();
        step(raw_call(NR_setgid, NO_ID), "setgid(-1)");
}

/* ------------------------------------------------------------------ capabilities */

static void caps_dropped(void)
{
        struct caps_header header = { CAPS_VERSION, 0 };
        struct caps_data none[2] = { 0 };

        step(raw_call(NR_capset, &header, none), "drop all");
        show();
        step(raw_call(NR_setuid, 5), "setuid(5) without CAP_SETUID");
        step(raw_call(NR_sethostname, "x", 1), "sethostname");
        step(raw_call(NR_prctl, PR_CAPBSET_DROP, 21), "PR_CAPBSET_DROP");
        none[0].effective = 1;
        step(raw_call(NR_capset, &header, none), "effective, but not permitted");
        none[0].permitted = 1;
        step(raw_call(NR_capset, &header, none), "permitted again");
        header.pid = 1;
        step(raw_call(NR_capset, &header, none), "of another process");
}

static void caps_headers(void)
{
        struct caps_header header = { 77, 0 };
        struct caps_data data[2];

        step(raw_call(NR_capget, &header, 0), "capget: an unknown version, no data");
        step(header.version, "it is told the one known");
        header.version = 77;
        step(raw_call(NR_capget, &header, data), "capget: an unknown version");
        step(raw_call(NR_capget, 8, data), "capget: a bad address");
        header = (struct caps_header){ CAPS_VERSION, -1 };
        step(raw_call(NR_capget, &header, data), "capget: pid -1");
        header.pid = 0x3fffff;
        step(raw_call(NR_capget, &header, data), "capget: nobody");
        step(raw_call(NR_prctl, PR_CAPBSET_READ, 99), "PR_CAPBSET_READ of 99");
        step(raw_call(NR_prctl, PR_CAPBSET_DROP, 99), "PR_CAPBSET_DROP of 99");
        step(raw_call(NR_prctl, PR_CAPBSET_DROP, 0), "PR_CAPBSET_DROP of CAP_CHOWN");
        step(raw_call(NR_prctl, PR_CAPBSET_READ, 0), "PR_CAPBSET_READ of it");
}

/* ------------------------------------------------------------------ limits */

struct limit {
        uint64_t cur, max;
};

static void limits(void)
{
        struct limit l;

        step(raw_call(NR_prlimit64, 0, RLIMIT_STACK, 0, &l), "read RLIMIT_STACK");
        l.cur = 1 << 20;
        step(raw_call(NR_prlimit64, 0, RLIMIT_STACK, &l, 0), "lower it");
        l.cur = 2 << 20;
        l.max = 1 << 20;
        step(raw_call(NR_prlimit64, 0, RLIMIT_STACK, &l, 0), "soft above hard");
        step(raw_call(NR_prlimit64, 0, 16, &l, 0), "limit 16");
        step(raw_call(NR_prlimit64, 0, RLIMIT_STACK, 8, 0), "from a bad address");
        step(raw_call(NR_prlimit64, 0x3fffff, RLIMIT_STACK, 0, &l), "of nobody");
        l.cur = l.max = 200;
        step(raw_call(NR_prlimit64, 0, RLIMIT_NOFILE, &l, 0), "RLIMIT_NOFILE 200");
        step(raw_call(NR_setuid, 1000), "setuid(1000)");
        l.max = 100;
        l.cur = 100;
        step(raw_call(NR_setrlimit, RLIMIT_NOFILE, &l), "lower the hard limit");
        l.max = 200;
        step(raw_call(NR_setrlimit, RLIMIT_NOFILE, &l), "raise it");
        l.cur = 0;
        step(raw_call(NR_getrlimit, RLIMIT_NOFILE, &l), "read it");
        step((long)l.cur, "soft");
        step(raw_call(NR_prlimit64, getppid(), RLIMIT_NOFILE, 0, &l), "of root's process");
}

static void process_limit(void)
{
        struct limit l = { 3, 3 };
        int made = 0;
        long pid = 0;

        raw_call(NR_setuid, 12345);
        step(raw_call(NR_setrlimit, 6 /* RLIMIT_NPROC */, &l), "three processes");
        while (made < 10 && (pid = raw_call(NR_fork)) > 0)
                made++;
        if (!pid)
                for (;;)
                        pause();
        step(made, "children made");
        step(pid, "the next");
        signal(SIGTERM, SIG_IGN);
        kill(-1, SIGTERM);
        while (wait(NULL) > 0)
                continue;
}

/* ------------------------------------------------------------------ prctl */

static void settings(void)
{
        char name[16] = { 0 };
        int signo = -1;

        step(raw_call(NR_prctl, PR_SET_NAME, "a name longer than fifteen"), "PR_SET_NAME");
        step(raw_call(NR_prctl, PR_GET_NAME, name), "PR_GET_NAME");
        say("     \"%s\"", name);
        step(raw_call(NR_prctl, PR_SET_NAME, 8), "PR_SET_NAME from a bad address");
        step(raw_call(NR_prctl, PR_GET_DUMPABLE), "PR_GET_DUMPABLE");
        step(raw_call(NR_prctl, PR_SET_DUMPABLE, 2), "PR_SET_DUMPABLE, 2");
        step(raw_call(NR_prctl, PR_SET_DUMPABLE, 0), "PR_SET_DUMPABLE, 0");
        step(raw_call(NR_prctl, PR_GET_DUMPABLE), "PR_GET_DUMPABLE");
        step(raw_call(NR_prctl, PR_SET_PDEATHSIG, 65), "PR_SET_PDEATHSIG, 65");
        step(raw_call(NR_prctl, PR_SET_PDEATHSIG, SIGUSR1), "PR_SET_PDEATHSIG");
        step(raw_call(NR_prctl, PR_GET_PDEATHSIG, &signo), "PR_GET_PDEATHSIG");
        step(signo, "it is");
        step(raw_call(NR_prctl, PR_SET_KEEPCAPS, 2), "PR_SET_KEEPCAPS, 2");
        step(raw_call(NR_prctl, PR_SET_NO_NEW_PRIVS, 0), "PR_SET_NO_NEW_PRIVS, 0");
        step(raw_call(NR_prctl, PR_SET_NO_NEW_PRIVS, 1), "PR_SET_NO_NEW_PRIVS, 1");
        step(raw_call(NR_prctl, PR_GET_NO_NEW_PRIVS), "PR_GET_NO_NEW_PRIVS");
        step(raw_call(NR_prctl, 0x53564d41, 0, 0, 0, "x"), "PR_SET_VMA");
        step(raw_call(NR_prctl, 12345), "an unknown one");
        step(raw_call(NR_personality, 0xffffffff), "personality");
        step(raw_call(NR_arch_prctl, 0x1003, 8), "ARCH_GET_FS to a bad address");
        step(raw_call(NR_arch_prctl, 0x1001, 0x7fffffffffffffff), "ARCH_SET_GS out of range");
        step(raw_call(NR_arch_prctl, 77, 0), "arch_prctl, unknown");
}

int main(void)
{
        scene("ids as root");
        show();
        in_child(all_away, "giving root up");
        in_child(effective_away, "for a while");
        in_child(real_and_effective, "two ids");
        in_child(all_three, "three ids");
        in_child(caps_kept, "with capabilities kept");
        in_child(group_ids, "groups");
        scene("capabilities");
        in_child(caps_dropped, "without any");
        in_child(caps_headers, "headers");
        scene("limits");
        in_child(limits, "who may set them");
        in_child(process_limit, "RLIMIT_NPROC");
        scene("settings");
        in_child(settings, "prctl and its like");
        return 0;
}
