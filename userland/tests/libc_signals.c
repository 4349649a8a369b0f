/* SPDX-License-Identifier: MIT */
/* Signals through the C library: siginfo, masks, queues, alternate stacks, jumps, timers. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "lib/expect.h"
#include "lib/transcript.h"

static siginfo_t last;
static volatile int count;
static void *stack_seen;
static sigjmp_buf back;

static void on_signal(int sig, siginfo_t *info, void *context)
{
        (void)sig, (void)context;
        last = *info;
        count++;
        stack_seen = __builtin_frame_address(0);
}

static void handle(int sig, int flags)
{
        struct sigaction act = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | flags };

        sigemptyset(&act.sa_mask);
        sigaction(sig, &act, NULL);
        memset(&last, 0, sizeof(last));
        count = 0;
}

static void sending(void)
{
        union sigval value = { .sival_int = 1234 };

        scene("sending");
        handle(SIGUSR1, 0);
        expect(raise(SIGUSR1) == 0 && count == 1 && last.si_signo == SIGUSR1 &&
                       last.si_code == SI_TKILL && last.si_pid == getpid(),
               "raise");
        expect(kill(getpid(), SIGUSR1) == 0 && count == 2 && last.si_code == SI_USER &&
                       last.si_uid == getuid(),
               "kill");
        expect(sigqueue(getpid(), SIGUSR1, value) == 0 && count == 3 && last.si_code == SI_QUEUE &&
                       last.si_value.sival_int == 1234,
               "sigqueue");
        expect(kill(getpid(), 65) == -1 && errno == EINVAL, "signal 65: EINVAL");
        expect(kill(getpid(), 0) == 0, "signal 0");
        expect(signal(SIGUSR1, SIG_IGN) != SIG_DFL && raise(SIGUSR1) == 0 && count == 3, "ignored");
        expect(signal(SIGKILL, SIG_IGN) == SIG_ERR && errno == EINVAL, "SIGKILL cannot be");
}

static void masks(void)
{
        sigset_t set, old, pending;
        struct timespec none = { 0 };
        siginfo_t info;
        int sig;

        scene("masks");
        handle(SIGUSR2, 0);
        handle(SIGRTMIN + 2, 0);
        sigemptyset(&set);
        sigaddset(&set, SIGUSR2);
        sigaddset(&set, SIGRTMIN + 2);
        expect(sigprocmask(SIG_BLOCK, &set, &old) == 0, "block two");
        raise(SIGUSR2);
        raise(SIGUSR2);
        raise(SIGRTMIN + 2);
        raise(SIGRTMIN + 2);
        sigpending(&pending);
        expect(count == 0 && sigismember(&pending, SIGUSR2) && !sigismember(&pending, SIGUSR1),
               "they wait");
        expect(sigwaitinfo(&set, &info) == SIGUSR2 && info.si_code == SI_TKILL, "sigwaitinfo");
        expect(sigtimedwait(&set, NULL, &none) == SIGRTMIN + 2, "the real-time one, first");
        expect(sigwait(&set, &sig) == 0 && sig == SIGRTMIN + 2, "and second: it queues");
        expect(sigtimedwait(&set, NULL, &none) == -1 && errno == EAGAIN, "nothing is left");
        raise(SIGUSR2);
        sigdelset(&old, SIGUSR2);
        expect(sigsuspend(&old) == -1 && errno == EINTR && count == 1, "sigsuspend");
        expect(sigprocmask(SIG_SETMASK, &old, NULL) == 0, "unblock");
        expect(sigprocmask(77, &old, NULL) == -1 && errno == EINVAL, "a bad how: EINVAL");
}

static void jump(int sig, siginfo_t *info, void *context)
{
        (void)sig, (void)context;
        last = *info;
        siglongjmp(back, 1);
}

static void faults(void)
{
        struct sigaction act = { .sa_sigaction = jump, .sa_flags = SA_SIGINFO };
        char *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        sigset_t now;

        scene("faults");
        sigaction(SIGSEGV, &act, NULL);
        if (sigsetjmp(back, 1) == 0)
                *(volatile char *)(page + 5) = 1;
        expect(last.si_signo == SIGSEGV && last.si_code == SEGV_ACCERR && last.si_addr == page + 5,
               "write to a page for reading");
        munmap(page, 4096);
        if (sigsetjmp(back, 1) == 0)
                (void)*(volatile char *)(page + 6);
        expect(last.si_code == SEGV_MAPERR && last.si_addr == page + 6, "read of no page");
        sigprocmask(SIG_BLOCK, NULL, &now);
        expect(!sigismember(&now, SIGSEGV), "siglongjmp gives the mask back");
}

static volatile int trapped;

static void skip_instruction(int sig, siginfo_t *info, void *context)
{
        ucontext_t *uc = context;

        (void)sig, (void)info;
        uc->uc_mcontext.gregs[REG_RIP] += 2; /* ud2 */
        uc->uc_mcontext.gregs[REG_RBX] = 4711;
        trapped = 1;
}

static void contexts(void)
{
        struct sigaction act = { .sa_sigaction = skip_instruction, .sa_flags = SA_SIGINFO };
        long rbx = 1;

        scene("contexts");
        sigaction(SIGILL, &act, NULL);
        __asm__ volatile("ud2" : "+b"(rbx));
        expect(trapped && rbx == 4711, "a handler changes registers");
}

static void stacks(void)
{
        static char area[16384] __attribute__((aligned(16)));
        stack_t set = { .ss_sp = area, .ss_size = sizeof(area) }, old;

        scene("alternate stack");
        expect(sigaltstack(&set, NULL) == 0, "set");
        handle(SIGUSR1, SA_ONSTACK);
        raise(SIGUSR1);
        expect((char *)stack_seen > area && (char *)stack_seen < area + sizeof(area), "used");
        handle(SIGUSR1, 0);
        raise(SIGUSR1);
        expect((char *)stack_seen < area || (char *)stack_seen >= area + sizeof(area),
               "not without SA_ONSTACK");
        set.ss_flags = SS_DISABLE;
        expect(sigaltstack(&set, &old) == 0 && old.ss_sp == area && old.ss_size == sizeof(area),
               "and back");
}

static void timers(void)
{
        struct itimerval soon = { .it_value = { 0, 10000 } };
        struct timespec second = { 1, 0 }, left;
        char byte;
        int fds[2];

        scene("timers");
        handle(SIGALRM, 0);
        expect(setitimer(ITIMER_REAL, &soon, NULL) == 0 && nanosleep(&second, &left) == -1 &&
                       errno == EINTR && count == 1 && last.si_code == SI_KERNEL &&
                       left.tv_sec == 0,
               "a timer breaks a sleep");
        expect(pipe(fds) == 0, "a pipe");
        setitimer(ITIMER_REAL, &soon, NULL);
        expect(read(fds[0], &byte, 1) == -1 && errno == EINTR, "and a read");
        handle(SIGALRM, SA_RESTART);
        setitimer(ITIMER_REAL, &soon, NULL);
        if (fork() == 0) {
                usleep(100000);
                _exit(write(fds[1], "x", 1) != 1);
        }
        expect(read(fds[0], &byte, 1) == 1 && count == 1, "but not with SA_RESTART");
        wait(NULL);
        expect(alarm(100) == 0 && alarm(0) > 90, "alarm");
        close(fds[0]);
        close(fds[1]);
}

static void jumps(void)
{
        jmp_buf env;
        volatile int passes = 0;
        int r = setjmp(env);

        scene("jumps");
        passes++;
        if (passes == 1)
                longjmp(env, 0);
        expect(passes == 2 && r == 1, "longjmp(env, 0) makes setjmp return 1");
}

static void ends(void)
{
        int status;
        pid_t pid;

        scene("ends");
        pid = fork();
        if (pid == 0) {
                signal(SIGABRT, SIG_IGN);
                abort();
        }
        waitpid(pid, &status, 0);
        expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT, "abort, though ignored");
        handle(SIGCHLD, 0);
        pid = fork();
        if (pid == 0)
                _exit(7);
        while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
                ;
        expect(WIFEXITED(status) && WEXITSTATUS(status) == 7 && last.si_signo == SIGCHLD &&
                       last.si_code == CLD_EXITED && last.si_status == 7 && last.si_pid == pid,
               "SIGCHLD tells who and how");
}

int main(void)
{
        sending();
        masks();
        faults();
        contexts();
        stacks();
        timers();
        jumps();
        ends();
        return expect_result();
}
