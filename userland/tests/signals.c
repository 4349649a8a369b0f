/* SPDX-License-Identifier: MIT */
/*
 * Signals: what a handler is told, what it may change, which signal comes when, and what becomes
 * of the system call that was interrupted.
 */
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "userland/tests/lib/transcript.h"

#define SA_RESTORER_BIT 0x04000000UL

static volatile int taken;

static void install(int signo, void (*fn)(int, siginfo_t *, void *), int flags)
{
        struct sigaction act;

        memset(&act, 0, sizeof(act));
        act.sa_sigaction = fn;
        act.sa_flags = SA_SIGINFO | flags;
        sigaction(signo, &act, NULL);
}

/* ------------------------------------------------------------------ who sent it */

static void tell(int signo, siginfo_t *info, void *context)
{
        int code = info->si_code;

        (void)context;
        taken++;
        say("     %s: code %d, errno %d, from %s, value %d", signal_name(signo), code,
            info->si_errno, info->si_pid == getpid() ? "itself" : "another",
            code == SI_QUEUE ? info->si_value.sival_int : -1);
}

static void tell_child(int signo, siginfo_t *info, void *context)
{
        (void)context;
        taken++;
        say("     %s: code %d, status %d", signal_name(signo), info->si_code, info->si_status);
}

static void sending(void)
{
        union sigval value = { .sival_int = 77 };

        scene("every way to send has its code");
        install(SIGUSR1, tell, 0);
        install(SIGRTMIN + 3, tell, 0);
        step(kill(getpid(), SIGUSR1), "kill");
        step(raw_call(NR_tkill, raw_call(NR_gettid), SIGUSR1), "tkill");
        step(raw_call(NR_tgkill, getpid(), raw_call(NR_gettid), SIGUSR1), "tgkill");
        step(sigqueue(getpid(), SIGUSR1, value), "sigqueue, a standard signal");
        step(sigqueue(getpid(), SIGRTMIN + 3, value), "sigqueue, a real-time signal");
        step(raw_call(NR_kill, getpid(), 0), "kill with 0 sends nothing");
        step(raw_call(NR_kill, getpid(), 65), "kill with 65");
        step(raw_call(NR_kill, getpid(), -1), "kill with -1");
        step(raw_call(NR_kill, 0x80000000, 0), "kill of INT_MIN");
        step(raw_call(NR_tgkill, 0, 1, 0), "tgkill of group 0");
        step(raw_call(NR_tgkill, getpid(), 0x3fffff, 0), "tgkill of nobody");
}

static void forging(void)
{
        siginfo_t info;

        scene("siginfo of one's own");
        memset(&info, 0, sizeof(info));
        info.si_code = SI_USER;
        step(raw_call(NR_rt_sigqueueinfo, getpid(), SIGUSR1, &info), "SI_USER to oneself");
        step(raw_call(NR_rt_sigqueueinfo, getppid(), 0, &info), "SI_USER to another");
        info.si_code = SI_QUEUE;
        step(raw_call(NR_rt_sigqueueinfo, getppid(), 0, &info), "SI_QUEUE, signal 0");
        step(raw_call(NR_rt_sigqueueinfo, getpid(), SIGUSR1, 8), "from a bad address");
        step(raw_call(NR_rt_sigqueueinfo, getpid(), 99, &info), "signal 99");
        step(raw_call(NR_rt_tgsigqueueinfo, getpid(), 0, SIGUSR1, &info), "to thread 0");
}

/* ------------------------------------------------------------------ blocking */

static void queueing(void)
{
        union sigval value;
        sigset_t all, old, pending;

        scene("what is blocked waits: standard signals once, real-time ones each");
        install(SIGUSR2, tell, 0);
        install(SIGRTMIN + 1, tell, 0);
        install(SIGRTMIN + 2, tell, 0);
        sigfillset(&all);
        sigprocmask(SIG_BLOCK, &all, &old);
        for (value.sival_int = 0; value.sival_int < 3; value.sival_int++) {
                sigqueue(getpid(), SIGRTMIN + 2, value);
                sigqueue(getpid(), SIGUSR1, value);
        }
        sigqueue(getpid(), SIGRTMIN + 1, value);
        kill(getpid(), SIGUSR2);
        sigpending(&pending);
        for (int signo = 1; signo <= 64; signo++)
                if (sigismember(&pending, signo) == 1)
                        say("     pending: %s", signal_name(signo));
        step(sigprocmask(SIG_SETMASK, &old, NULL), "unblock: each is entered before the last one");
}

static void waiting(void)
{
        struct timespec short_time = { 0, 10000000 }, bad = { 0, 1000000000 };
        sigset_t set, old;
        siginfo_t info;
        long signo;

        scene("sigtimedwait");
        sigemptyset(&set);
        sigaddset(&set, SIGUSR1);
        sigprocmask(SIG_BLOCK, &set, &old);
        kill(getpid(), SIGUSR1);
        signo = raw_call(NR_rt_sigtimedwait, &set, &info, &short_time, 8);
        step_text(signal_name((int)signo), "one that is pending");
        check(info.si_code == SI_USER && info.si_pid == getpid(), "its siginfo");
        step(raw_call(NR_rt_sigtimedwait, &set, &info, &short_time, 8), "none: the time passes");
        step(raw_call(NR_rt_sigtimedwait, &set, &info, &bad, 8), "a bad time");
        step(raw_call(NR_rt_sigtimedwait, &set, &info, 0, 4), "a bad size");
        step(raw_call(NR_rt_sigtimedwait, 8, &info, 0, 8), "a bad set");
        sigprocmask(SIG_SETMASK, &old, NULL);
}

static void suspending(void)
{
        sigset_t set, now;

        scene("sigsuspend");
        sigemptyset(&set);
        sigaddset(&set, SIGUSR1);
        sigprocmask(SIG_SETMASK, &set, NULL);
        kill(getpid(), SIGUSR1);
        sigemptyset(&set);
        step(raw_call(NR_rt_sigsuspend, &set, 8), "the pending one comes");
        sigprocmask(SIG_SETMASK, NULL, &now);
        check(sigismember(&now, SIGUSR1) == 1, "the mask is as before");
        sigemptyset(&now);
        sigprocmask(SIG_SETMASK, &now, NULL);
}

/* ------------------------------------------------------------------ flags of the action */

static int depth, again; /* how often a handler sends signals itself */

static void nest(int signo, siginfo_t *info, void *context)
{
        (void)info;
        (void)context;
        depth++;
        say("     %s: in, depth %d", signal_name(signo), depth);
        if (signo == SIGUSR1 && again-- > 0) {
                kill(getpid(), SIGUSR2);
                kill(getpid(), SIGUSR1);
        }
        say("     %s: out", signal_name(signo));
        depth--;
}

static void flags(void)
{
        struct sigaction act, seen;

        scene("sa_mask, SA_NODEFER, SA_RESETHAND");
        install(SIGUSR1, nest, 0);
        install(SIGUSR2, nest, 0);
        again = 1;
        step(kill(getpid(), SIGUSR1), "its own signal is deferred, another is not");
        install(SIGUSR1, nest, SA_NODEFER);
        again = 2;
        step(kill(getpid(), SIGUSR1), "SA_NODEFER");
        memset(&act, 0, sizeof(act));
        act.sa_sigaction = nest;
        act.sa_flags = SA_SIGINFO;
        sigaddset(&act.sa_mask, SIGUSR2);
        sigaction(SIGUSR1, &act, NULL);
        again = 1;
        step(kill(getpid(), SIGUSR1), "a mask that defers the other");
        install(SIGUSR2, nest, (int)SA_RESETHAND);
        step(kill(getpid(), SIGUSR2), "SA_RESETHAND");
        sigaction(SIGUSR2, NULL, &seen);
        check(seen.sa_handler == SIG_DFL, "the default action after that");
        step(raw_call(NR_rt_sigaction, SIGKILL, &act, 0, 8), "an action for SIGKILL");
        step(raw_call(NR_rt_sigaction, SIGSTOP, &act, 0, 8), "an action for SIGSTOP");
        step(raw_call(NR_rt_sigaction, SIGKILL, 0, &seen, 8), "asking about SIGKILL");
        step(raw_call(NR_rt_sigaction, 65, 0, &seen, 8), "signal 65");
        step(raw_call(NR_rt_sigaction, SIGUSR1, 0, &seen, 4), "a bad size");
        step(raw_call(NR_rt_sigaction, SIGUSR1, 8, 0, 8), "a bad address");
        step(raw_call(NR_rt_sigprocmask, 3, &act.sa_mask, 0, 8), "sigprocmask: a bad way");
}

/* ------------------------------------------------------------------ the context */

static void change_context(int signo, siginfo_t *info, void *context)
{
        ucontext_t *u = context;

        (void)signo;
        (void)info;
        u->uc_mcontext.gregs[REG_RAX] = 0x1234;
        u->uc_mcontext.gregs[REG_RIP] += 2; /* over the ud2 */
        sigaddset(&u->uc_sigmask, SIGUSR2);
}

static void clobber_xmm(int signo, siginfo_t *info, void *context)
{
        (void)signo;
        (void)info;
        (void)context;
        __asm__ volatile("movq %0, %%xmm0" : : "r"(0xdeadUL) : "xmm0");
}

/* The value of xmm0 after a signal to oneself, which is sent without touching it. */
static unsigned long xmm0_after_signal(void)
{
        unsigned long value;

        __asm__ volatile("movq %1, %%xmm0\n\t"
                         "mov $39, %%eax\n\tsyscall\n\t" /* getpid */
                         "mov %%eax, %%edi\n\tmov $10, %%esi\n\tmov $62, %%eax\n\tsyscall\n\t"
                         "movq %%xmm0, %0"
                         : "=r"(value)
                         : "r"(0x12345678UL)
                         : "rax", "rdi", "rsi", "rcx", "r11", "xmm0", "memory");
        return value;
}

static void context(void)
{
        unsigned long rax;
        sigset_t now;

        scene("what a handler changes counts");
        install(SIGILL, change_context, 0);
        __asm__ volatile("mov $1, %%eax\n\tud2" : "=a"(rax) : : "memory");
        step((long)rax, "rax");
        sigprocmask(SIG_SETMASK, NULL, &now);
        check(sigismember(&now, SIGUSR2) == 1, "the mask");
        sigemptyset(&now);
        sigprocmask(SIG_SETMASK, &now, NULL);
        install(SIGUSR1, clobber_xmm, 0);
        check(xmm0_after_signal() == 0x12345678UL, "registers it uses itself come back");
}

/* ------------------------------------------------------------------ the alternate stack */

static char other_stack[65536];

static void on_other_stack(int signo, siginfo_t *info, void *context)
{
        ucontext_t *u = context;
        stack_t off = { .ss_flags = SS_DISABLE }, now;
        char here;

        (void)signo;
        (void)info;
        sigaltstack(NULL, &now);
        step(now.ss_flags, "flags inside");
        step(u->uc_stack.ss_flags, "flags in the context");
        check(&here >= other_stack && &here < other_stack + sizeof(other_stack), "it runs there");
        step(raw_call(NR_sigaltstack, &off, 0), "changing it from inside");
}

static void altstack(void)
{
        stack_t stack = { .ss_sp = other_stack, .ss_size = sizeof(other_stack) }, now;

        scene("the alternate stack");
        raw_call(NR_sigaltstack, 0, &now);
        step(now.ss_flags, "flags before");
        step(raw_call(NR_sigaltstack, &stack, 0), "set it");
        install(SIGUSR1, on_other_stack, SA_ONSTACK);
        kill(getpid(), SIGUSR1);
        raw_call(NR_sigaltstack, 0, &now);
        step(now.ss_flags, "flags after");
        stack.ss_size = 2047;
        step(raw_call(NR_sigaltstack, &stack, 0), "too small");
        stack.ss_flags = 4;
        step(raw_call(NR_sigaltstack, &stack, 0), "a bad flag");
        step(raw_call(NR_sigaltstack, 8, 0), "a bad address");
        stack.ss_flags = (int)(1U << 31);
        stack.ss_size = sizeof(other_stack);
        step(raw_call(NR_sigaltstack, &stack, 0), "SS_AUTODISARM");
        kill(getpid(), SIGUSR1);
        raw_call(NR_sigaltstack, 0, &now);
        check(now.ss_flags == (int)(1U << 31), "it is armed again after");
        stack.ss_flags = SS_DISABLE;
        step(raw_call(NR_sigaltstack, &stack, 0), "turn it off");
}

/* ------------------------------------------------------------------ interrupted calls */

static void count(int signo, siginfo_t *info, void *context)
{
        (void)signo;
        (void)info;
        (void)context;
        taken++;
}

static void alarm_soon(long usec, long interval)
{
        struct itimerval it = { { 0, interval }, { 0, usec } };

        setitimer(ITIMER_REAL, &it, NULL);
}

static void restarting(void)
{
        struct timespec sleep = { 0, 100000000 }, rest = { 9, 9 };
        int fds[2];
        char c;

        scene("interrupted system calls");
        if (pipe(fds))
                _exit(90);
        install(SIGALRM, count, 0);
        alarm_soon(20000, 0);
        step(raw_call(NR_read, fds[0], &c, 1), "read, no SA_RESTART");
        install(SIGALRM, count, SA_RESTART);
        taken = 0;
        alarm_soon(20000, 0);
        if (fork() == 0) {
                usleep(80000);
                raw_call(NR_write, fds[1], "x", 1);
                _exit(0);
        }
        step(raw_call(NR_read, fds[0], &c, 1), "read, SA_RESTART");
        check(taken == 1, "the handler ran in between");
        wait(NULL);
        alarm_soon(20000, 0);
        step(raw_call(NR_nanosleep, &sleep, &rest), "nanosleep is not restarted");
        check(rest.tv_sec == 0 && rest.tv_nsec < 100000000, "the rest");
        alarm_soon(20000, 0);
        step(raw_call(NR_pause), "pause");
        taken = 0;
        alarm_soon(5000, 5000);
        while (taken < 4)
                pause();
        alarm_soon(0, 0);
        check(1, "an interval timer comes again and again");
        step(alarm(100), "alarm");
        step(alarm(0), "alarm says what was left");
}

static void sleep_a_little(void)
{
        struct timespec time = { 0, 400000000 };

        _exit(raw_call(NR_nanosleep, &time, 0) ? 1 : 0);
}

static void stopping(void)
{
        int status;
        pid_t pid;

        scene("stop and continue");
        pid = fork();
        if (!pid)
                sleep_a_little();
        usleep(30000);
        step(kill(pid, SIGSTOP), "SIGSTOP");
        waitpid(pid, &status, WUNTRACED);
        step(status, "it has stopped");
        step(kill(pid, SIGCONT), "SIGCONT");
        waitpid(pid, &status, WCONTINUED);
        step(status, "it goes on");
        waitpid(pid, &status, 0);
        step(status, "and sleeps to the end, without EINTR");
        pid = fork();
        if (!pid)
                for (;;)
                        pause();
        kill(pid, SIGSTOP);
        waitpid(pid, &status, WUNTRACED);
        kill(pid, SIGTERM);
        usleep(20000);
        step(waitpid(pid, &status, WNOHANG), "stopped, SIGTERM waits");
        kill(pid, SIGKILL);
        waitpid(pid, &status, 0);
        step_text(signal_name(WTERMSIG(status)), "SIGKILL does not");
}

static void children(void)
{
        int status;

        scene("SIGCHLD");
        install(SIGCHLD, tell_child, SA_RESTART);
        if (fork() == 0)
                _exit(5);
        wait(&status);
        if (fork() == 0)
                raise(SIGTERM);
        wait(&status);
        install(SIGCHLD, tell_child, SA_RESTART | SA_NOCLDWAIT);
        if (fork() == 0)
                _exit(6);
        step(raw_call(NR_wait4, -1, &status, 0, 0), "SA_NOCLDWAIT: nothing to wait for");
        signal(SIGCHLD, SIG_IGN);
        if (fork() == 0)
                _exit(7);
        step(raw_call(NR_wait4, -1, &status, 0, 0), "SIGCHLD ignored: the same");
        signal(SIGCHLD, SIG_DFL);
}

/* ------------------------------------------------------------------ the end */

static int *volatile nowhere = (int *)8;

static void blocked_fault(void)
{
        sigset_t all;

        install(SIGSEGV, count, 0);
        sigfillset(&all);
        sigprocmask(SIG_SETMASK, &all, NULL);
        *nowhere = 0;
}

static void ignored_fault(void)
{
        signal(SIGSEGV, SIG_IGN);
        *nowhere = 0;
}

/* Goes on with rsp, rax, rdi and rsi as given, by a system call. */
static void call_on_stack(unsigned long rsp, long nr, long a, long b)
{
        __asm__ volatile("mov %0, %%rsp\n\tsyscall\n\tud2"
                         :
                         : "r"(rsp), "a"(nr), "D"(a), "S"(b)
                         : "memory", "rcx", "r11");
}

static void no_stack_for_frame(void)
{
        install(SIGUSR1, count, 0);
        install(SIGSEGV, count, 0);
        call_on_stack(0x1000, NR_kill, getpid(), SIGUSR1);
}

static void no_frame(void)
{
        call_on_stack(0x1000, NR_rt_sigreturn, 0, 0);
}

static void zero_frame(void)
{
        static char zeros[4096] __attribute__((aligned(64)));

        call_on_stack((unsigned long)zeros + 1024, NR_rt_sigreturn, 0, 0);
}

static void handler_nowhere(void)
{
        struct {
                unsigned long handler, flags, restorer, mask;
        } act = { 0x8000000000000000UL, SA_RESTORER_BIT, 0x1000, 0 };

        raw_call(NR_rt_sigaction, SIGSEGV, &act, 0, 8);
        raw_call(NR_kill, getpid(), SIGSEGV);
}

static void no_restorer(void)
{
        struct {
                unsigned long handler, flags, restorer, mask;
        } act = { (unsigned long)count, 0, 0, 0 };

        raw_call(NR_rt_sigaction, SIGUSR1, &act, 0, 8);
        raw_call(NR_kill, getpid(), SIGUSR1);
}

int main(void)
{
        sending();
        forging();
        queueing();
        waiting();
        suspending();
        flags();
        context();
        altstack();
        restarting();
        stopping();
        children();
        scene("what cannot be delivered kills");
        in_child(blocked_fault, "a fault whose signal is blocked");
        in_child(ignored_fault, "a fault whose signal is ignored");
        in_child(no_stack_for_frame, "no stack for the frame");
        in_child(no_frame, "sigreturn without a frame");
        in_child(zero_frame, "sigreturn to a frame of zeros");
        in_child(handler_nowhere, "a handler at a non-canonical address");
        in_child(no_restorer, "an action without restorer");
        return 0;
}
