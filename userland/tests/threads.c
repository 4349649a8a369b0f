/* SPDX-License-Identifier: MIT */
/*
 * Threads as the kernel gives them, without a library's: clone with all that a library asks for,
 * futexes, robust lists, and the end of a thread and of all of them.
 */
#include <errno.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "userland/tests/lib/transcript.h"

#define THREAD_FLAGS \
        0x3d0f00 /* VM FS FILES SIGHAND THREAD SYSVSEM SETTLS PARENT_SETTID CHILD_CLEARTID */
#define STACK_SIZE 65536
#define NR_THREADS 8

/* What a thread starts with: it finds this on its stack. */
struct thread {
        void (*fn)(struct thread *self);
        long arg;
        volatile int tid; /* written by clone; cleared, and waited on, at the end */
        char stack[STACK_SIZE] __attribute__((aligned(16)));
};

static struct thread threads[NR_THREADS];
static volatile int word, go, counter;

static long futex(volatile int *addr, int op, long value, const struct timespec *timeout)
{
        return raw_call(NR_futex, addr, op, value, timeout, 0, 0);
}

__attribute__((noreturn)) static void thread_main(struct thread *self)
{
        self->fn(self);
        for (;;)
                raw_call(NR_exit, 0);
}

/* clone() itself: the child goes on on its own stack, so it must not return from here. */
static long thread_start(struct thread *t, void (*fn)(struct thread *), long arg, long flags)
{
        unsigned long *top = (unsigned long *)(void *)(t->stack + STACK_SIZE) - 4;
        register long r10 __asm__("r10") = (long)&t->tid;
        register long r8 __asm__("r8") = (long)t; /* its TLS: itself */
        long result;

        t->fn = fn;
        t->arg = arg;
        top[0] = (unsigned long)t;
        top[1] = (unsigned long)thread_main;
        __asm__ volatile("syscall\n\ttest %%rax, %%rax\n\tjnz 1f\n\t"
                         "xor %%ebp, %%ebp\n\tpop %%rdi\n\tpop %%rax\n\tcall *%%rax\n1:"
                         : "=a"(result)
                         : "a"((long)NR_clone), "D"(flags), "S"(top), "d"(&t->tid), "r"(r10),
                           "r"(r8)
                         : "rcx", "r11", "memory");
        return result;
}

static void thread_join(struct thread *t)
{
        int tid;

        while ((tid = t->tid))
                futex(&t->tid, FUTEX_WAIT, tid, NULL);
}

/* ------------------------------------------------------------------ threads */

static void look_around(struct thread *self)
{
        unsigned long fs = 0;

        raw_call(NR_arch_prctl, 0x1003, &fs);
        counter = fs == (unsigned long)self && raw_call(NR_gettid) == self->tid &&
                  raw_call(NR_getpid) != raw_call(NR_gettid);
}

static void add_up(struct thread *self)
{
        for (int i = 0; i < 1000; i++) {
                __atomic_add_fetch(&counter, 1, __ATOMIC_SEQ_CST);
                if (i % 100 == self->arg)
                        raw_call(NR_sched_yield);
        }
}

static void running(void)
{
        scene("threads");
        step(thread_start(&threads[0], look_around, 0, THREAD_FLAGS) > 0, "one starts");
        thread_join(&threads[0]);
        step(counter, "it has its TLS, its tid, its process's pid");
        counter = 0;
        for (int i = 0; i < NR_THREADS; i++)
                thread_start(&threads[i], add_up, i, THREAD_FLAGS);
        for (int i = 0; i < NR_THREADS; i++)
                thread_join(&threads[i]);
        step(counter, "%d of them count to 1000 each", NR_THREADS);
}

/* ------------------------------------------------------------------ futexes */

static void arguments(void)
{
        struct timespec ms = { 0, 1000000 }, bad = { 0, -1 };

        scene("futex: what it refuses");
        word = 7;
        step(futex(&word, FUTEX_WAIT, 8, NULL), "another value");
        step(futex(&word, FUTEX_WAIT, 7, &ms), "time passes");
        step(futex(&word, FUTEX_WAIT, 7, &bad), "a bad time");
        step(futex((volatile int *)1, FUTEX_WAIT, 7, &ms), "misaligned");
        step(futex((volatile int *)0x1000, FUTEX_WAIT, 7, &ms), "nothing there");
        step(raw_call(NR_futex, 0xffff800000000000, FUTEX_WAKE | 128, 1), "the kernel's memory");
        step(raw_call(NR_futex, 0x1000, FUTEX_WAKE | 128, 1), "wake, private, nothing there");
        step(raw_call(NR_futex, 0x1000, FUTEX_WAKE, 1), "wake, shared, nothing there");
        step(futex(&word, FUTEX_WAKE, 1, NULL), "wake nobody");
        step(futex(&word, 99, 1, NULL), "operation 99");
        step(raw_call(NR_futex, &word, FUTEX_WAIT_BITSET, 7, &ms, 0, 0), "no bits");
        step(raw_call(NR_futex, &word, FUTEX_WAIT_BITSET, 7, &ms, 0, 1), "a time long ago");
        step(raw_call(NR_futex, &word, FUTEX_CMP_REQUEUE, 1, 1, &go, 6), "requeue: another value");
        step(raw_call(NR_futex, &word, FUTEX_REQUEUE, -1, 1, &go, 0), "requeue: -1");
        step(raw_call(NR_futex, &go, FUTEX_WAKE_OP, 1, 1, &word, 1U << 28 | 3 << 12 | 7),
             "wake-op: add 3, was it 7?");
        step(word, "the word");
        step(raw_call(NR_futex, &go, FUTEX_WAKE_OP, 1, 1, &word, 0x50000000), "wake-op, unknown");
        step(raw_call(NR_set_robust_list, 0, 23), "a robust list of bad size");
}

static void wait_on_word(struct thread *self)
{
        __atomic_add_fetch(&go, 1, __ATOMIC_SEQ_CST);
        raw_call(NR_futex, &word, FUTEX_WAIT_BITSET, 0, 0, 0, self->arg);
        __atomic_add_fetch(&counter, 1, __ATOMIC_SEQ_CST);
}

static void waiters_start(int n)
{
        word = go = counter = 0;
        for (int i = 0; i < n; i++)
                thread_start(&threads[i], wait_on_word, 1L << i, THREAD_FLAGS);
        while (go < n)
                raw_call(NR_sched_yield);
        usleep(20000);
}

static void waiters_join(int n)
{
        for (int i = 0; i < n; i++)
                thread_join(&threads[i]);
        step(counter, "have ended");
}

static void waking(void)
{
        static volatile int second;

        scene("futex: who wakes");
        waiters_start(4);
        step(raw_call(NR_futex, &word, FUTEX_WAKE_BITSET, 10, 0, 0, 2), "by bit 1");
        step(futex(&word, FUTEX_WAKE, 2, NULL), "two");
        step(futex(&word, FUTEX_WAKE, 10, NULL), "all that are left");
        waiters_join(4);
        waiters_start(6);
        step(raw_call(NR_futex, &word, FUTEX_CMP_REQUEUE, 1, 3, &second, 0), "wake 1, move 3");
        step(futex(&word, FUTEX_WAKE, 10, NULL), "left behind");
        step(futex(&second, FUTEX_WAKE, 10, NULL), "moved");
        waiters_join(6);
}

static void between_processes(void)
{
        volatile int *shared =
                mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        int status;
        pid_t pid;

        scene("futex: between processes");
        pid = fork();
        if (!pid) {
                shared[1] = 1;
                futex(&shared[0], FUTEX_WAIT, 0, NULL);
                _exit(shared[0]);
        }
        while (!shared[1])
                usleep(1000);
        usleep(20000);
        shared[0] = 9;
        step(futex(&shared[0], FUTEX_WAKE | 128, 1, NULL), "a private wake misses it");
        step(futex(&shared[0], FUTEX_WAKE, 1, NULL), "a shared one does not");
        waitpid(pid, &status, 0);
        step(status, "its status");
}

/* ------------------------------------------------------------------ robust locks */

struct robust_node {
        struct robust_node *next;
        volatile int lock;
};

static struct {
        struct robust_node *list;
        long offset;
        struct robust_node *pending;
} robust;
static struct robust_node held;

static void hold_and_die(struct thread *self)
{
        (void)self;
        robust.list = &held;
        robust.offset = offsetof(struct robust_node, lock);
        robust.pending = NULL;
        held.next = (struct robust_node *)&robust;
        held.lock = (int)raw_call(NR_gettid);
        raw_call(NR_set_robust_list, &robust, sizeof(robust));
}

static void robust_locks(void)
{
        scene("robust locks");
        thread_start(&threads[0], hold_and_die, 0, THREAD_FLAGS);
        thread_join(&threads[0]);
        check(held.lock == 0x40000000, "the owner has died");
}

/* ------------------------------------------------------------------ the end */

static void sleep_forever(struct thread *self)
{
        (void)self;
        for (;;)
                raw_call(NR_pause);
}

static void end_all(struct thread *self)
{
        usleep(20000);
        raw_call(NR_exit_group, self->arg);
}

static void kill_all(struct thread *self)
{
        (void)self;
        raw_call(NR_kill, getpid(), SIGKILL);
}

static void fault(struct thread *self)
{
        (void)self;
        raw_call(NR_tgkill, getpid(), raw_call(NR_gettid), SIGSEGV);
}

static void one_ends_all(void)
{
        thread_start(&threads[0], sleep_forever, 0, THREAD_FLAGS);
        thread_start(&threads[1], end_all, 5, THREAD_FLAGS);
        sleep_forever(NULL);
}

static void one_kills_all(void)
{
        thread_start(&threads[0], sleep_forever, 0, THREAD_FLAGS);
        thread_start(&threads[1], kill_all, 0, THREAD_FLAGS);
        sleep_forever(NULL);
}

static void one_faults(void)
{
        thread_start(&threads[0], sleep_forever, 0, THREAD_FLAGS);
        thread_start(&threads[1], fault, 0, THREAD_FLAGS);
        sleep_forever(NULL);
}

static void first_leaves(void)
{
        thread_start(&threads[0], end_all, 6, THREAD_FLAGS);
        raw_call(NR_exit, 3);
}

static void last_leaves(void)
{
        thread_start(&threads[0], add_up, 0, THREAD_FLAGS);
        raw_call(NR_exit, 4);
}

static void all_stop(void)
{
        for (int i = 0; i < 4; i++)
                thread_start(&threads[i], sleep_forever, 0, THREAD_FLAGS);
        usleep(10000);
        raw_call(NR_kill, getpid(), SIGSTOP);
        _exit(8);
}

static void stopping(void)
{
        int status;
        pid_t pid;

        scene("all of them stop and go on");
        pid = fork();
        if (!pid)
                all_stop();
        waitpid(pid, &status, WUNTRACED);
        step(status, "stopped");
        kill(pid, SIGCONT);
        waitpid(pid, &status, 0);
        step(status, "ended");
}

int main(void)
{
        running();
        arguments();
        waking();
        between_processes();
        robust_locks();
        scene("the end of a process with threads");
        in_child(one_ends_all, "exit_group by another thread");
        in_child(one_kills_all, "SIGKILL by another thread");
        in_child(one_faults, "a fatal signal to another thread");
        in_child(first_leaves, "the first thread leaves before exit_group");
        in_child(last_leaves, "the first thread leaves first");
        stopping();
        return 0;
}
