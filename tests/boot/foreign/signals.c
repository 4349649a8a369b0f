/* SPDX-License-Identifier: MIT */
/* Signals: who sent them, where the fault was, on which stack; masks, restarts, timers. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

static sigjmp_buf back;
static siginfo_t seen;
static volatile int count;
static char other_stack[65536] __attribute__((aligned(16)));
static volatile int on_other;

static void note(int sig, siginfo_t *info, void *context)
{
        char here;

        (void)sig, (void)context;
        seen = *info;
        count++;
        on_other = &here > other_stack && &here < other_stack + sizeof(other_stack);
}

static void note_and_jump(int sig, siginfo_t *info, void *context)
{
        note(sig, info, context);
        siglongjmp(back, 1);
}

static void handle(int sig, void (*fn)(int, siginfo_t *, void *), int flags)
{
        struct sigaction act;

        memset(&act, 0, sizeof(act));
        act.sa_sigaction = fn;
        act.sa_flags = SA_SIGINFO | flags;
        sigaction(sig, &act, NULL);
}

static void report(const char *what, const void *base)
{
        printf("%s: signal %d, code %d, address +%ld\n", what, seen.si_signo, seen.si_code,
               (long)((char *)seen.si_addr - (char *)base));
}

static void faults(void)
{
        char *p = mmap(NULL, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        volatile int zero = 0, one = 1;
        FILE *f;

        handle(SIGSEGV, note_and_jump, 0);
        handle(SIGBUS, note_and_jump, 0);
        handle(SIGFPE, note_and_jump, 0);
        handle(SIGILL, note_and_jump, 0);
        handle(SIGTRAP, note, 0);
        if (sigsetjmp(back, 1) == 0)
                *(volatile char *)(p + 77) = 1;
        report("write to a read-only page", p);
        munmap(p + 4096, 4096);
        if (sigsetjmp(back, 1) == 0)
                one = *(volatile char *)(p + 4096 + 3);
        report("read of an unmapped page", p);
        if (sigsetjmp(back, 1) == 0)
                ((void (*)(void))(uintptr_t)p)();
        report("execution of a page without permission", p);
        if (sigsetjmp(back, 1) == 0)
                *(volatile char *)(one ? 0x8000000000000000UL : 0) = 1;
        report("a non-canonical address", NULL);
        if (sigsetjmp(back, 1) == 0)
                one = one / zero;
        printf("division by zero: signal %d, code %d\n", seen.si_signo, seen.si_code);
        if (sigsetjmp(back, 1) == 0)
                __asm__ volatile("ud2");
        printf("an undefined instruction: signal %d, code %d\n", seen.si_signo, seen.si_code);
        if (sigsetjmp(back, 1) == 0)
                __asm__ volatile("hlt");
        printf("a privileged instruction: signal %d, code %d\n", seen.si_signo, seen.si_code);
        __asm__ volatile("int3");
        printf("a breakpoint: signal %d, code %d\n", seen.si_signo, seen.si_code);
        f = tmpfile();
        if (f && ftruncate(fileno(f), 100) == 0) {
                char *m = mmap(NULL, 8192, PROT_READ, MAP_SHARED, fileno(f), 0);

                if (sigsetjmp(back, 1) == 0)
                        one = *(volatile char *)(m + 4096);
                report("beyond the end of a file", m);
        }
}

static void sending(void)
{
        union sigval value;
        sigset_t set, old;

        value.sival_int = 99;
        handle(SIGUSR1, note, 0);
        handle(SIGRTMIN + 1, note, 0);
        count = 0;
        kill(getpid(), SIGUSR1);
        printf("kill: code %d, from here %d\n", seen.si_code, seen.si_pid == getpid());
        raise(SIGUSR1);
        printf("raise: code %d\n", seen.si_code);
        sigqueue(getpid(), SIGRTMIN + 1, value);
        printf("sigqueue: code %d, value %d\n", seen.si_code, seen.si_value.sival_int);
        sigemptyset(&set);
        sigaddset(&set, SIGUSR1);
        sigaddset(&set, SIGRTMIN + 1);
        sigprocmask(SIG_BLOCK, &set, &old);
        count = 0;
        for (int i = 0; i < 3; i++) {
                kill(getpid(), SIGUSR1);
                sigqueue(getpid(), SIGRTMIN + 1, value);
        }
        printf("blocked: %d\n", count);
        sigprocmask(SIG_SETMASK, &old, NULL);
        printf("unblocked: %d\n", count);
}

static void restarts(void)
{
        struct itimerval soon = { { 0, 0 }, { 0, 20000 } };
        struct timespec second = { 1, 0 };
        int fds[2], status;
        char c = 0;
        ssize_t n;

        handle(SIGALRM, note, 0);
        if (pipe(fds) != 0)
                return;
        setitimer(ITIMER_REAL, &soon, NULL);
        n = read(fds[0], &c, 1);
        printf("a read broken off: %zd, errno %d\n", n, errno);
        setitimer(ITIMER_REAL, &soon, NULL);
        n = nanosleep(&second, NULL);
        printf("a sleep broken off: %zd, errno %d\n", n, errno);
        handle(SIGALRM, note, SA_RESTART);
        fflush(stdout);
        if (fork() == 0) {
                usleep(100000);
                _exit(write(fds[1], "x", 1) != 1);
        }
        count = 0;
        setitimer(ITIMER_REAL, &soon, NULL);
        n = read(fds[0], &c, 1);
        printf("a read taken up again: %zd %c, %d signals\n", n, c, count);
        wait(&status);
}

static int deeper(int n)
{
        volatile char room[4096];

        room[0] = (char)n;
        return deeper(n + 1) + room[0];
}

static void stacks(void)
{
        struct rlimit limit = { 256 * 1024, 256 * 1024 };
        stack_t set;
        int status;

        fflush(stdout);
        if (fork() == 0) {
                memset(&set, 0, sizeof(set));
                set.ss_sp = other_stack;
                set.ss_size = sizeof(other_stack);
                sigaltstack(&set, NULL);
                setrlimit(RLIMIT_STACK, &limit);
                handle(SIGSEGV, note_and_jump, SA_ONSTACK);
                if (sigsetjmp(back, 1) == 0)
                        deeper(0);
                printf("stack overflow: signal %d, on the other stack %d\n", seen.si_signo,
                       on_other);
                exit(0);
        }
        wait(&status);
}

static void change(int sig, siginfo_t *info, void *context)
{
        ucontext_t *uc = context;

        (void)sig, (void)info;
        uc->uc_mcontext.gregs[REG_RIP] += 2;
        uc->uc_mcontext.gregs[REG_RAX] = 123456;
        uc->uc_mcontext.fpregs->_xmm[7].element[0] = 4321;
        sigaddset(&uc->uc_sigmask, SIGUSR2);
}

static void contexts(void)
{
        unsigned long rax = 1;
        unsigned xmm = 1;
        sigset_t now;

        handle(SIGILL, change, 0);
        __asm__ volatile("ud2\n\tmovd %%xmm7, %1" : "+a"(rax), "=r"(xmm) : : "xmm7");
        sigprocmask(SIG_BLOCK, NULL, &now);
        printf("changed by the handler: rax %lu, xmm7 %u, mask %d\n", rax, xmm,
               sigismember(&now, SIGUSR2));
}

int main(void)
{
        faults();
        sending();
        restarts();
        stacks();
        contexts();
        return 0;
}
