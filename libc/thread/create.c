/* SPDX-License-Identifier: MIT */
/* Making, ending, joining and detaching threads. thread.h has the picture. */
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/mman.h>
#include "thread.h"
#include "../system/raw.h"

#define PAGE 4096UL

#define THREAD_FLAGS                                                                        \
        (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | \
         CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID)

volatile int thread_count = 1;

static unsigned long round_up(unsigned long n, unsigned long to)
{
        return (n + to - 1) & ~(to - 1);
}

/* Where struct pthread goes when a block of memory ends at `end`. */
static void *place_thread(unsigned long end)
{
        return (void *)((end - sizeof(struct pthread)) & ~(thread_tls_align() - 1));
}

/* A thread's memory in a mapping of its own; null when there is none. */
static struct pthread *map_thread(unsigned long stack_len, unsigned long guard_len)
{
        unsigned long tls = thread_tls_size() + sizeof(struct pthread) + thread_tls_align();
        unsigned long len = guard_len + round_up(stack_len + tls, PAGE);
        struct pthread *t;
        char *map;

        map = mmap(NULL, len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
        if (map == MAP_FAILED)
                return NULL;
        if (mprotect(map + guard_len, len - guard_len, PROT_READ | PROT_WRITE) != 0) {
                munmap(map, len);
                return NULL;
        }
        t = thread_init_block(place_thread((unsigned long)map + len));
        t->map = map;
        t->map_len = len;
        t->stack = map + guard_len;
        t->stack_len = (unsigned long)t - thread_tls_size() - (unsigned long)t->stack;
        t->guard_len = guard_len;
        return t;
}

static struct pthread *make_thread(const pthread_attr_t *attr)
{
        unsigned long stack_len = attr && attr->stack_len ? attr->stack_len : THREAD_DEFAULT_STACK;
        unsigned long guard_len = attr && attr->guard_set ? attr->guard_len : PAGE;
        struct pthread *t;

        if (!attr || !attr->stack)
                return map_thread(stack_len, round_up(guard_len, PAGE));
        t = thread_init_block(place_thread((unsigned long)attr->stack + stack_len));
        t->stack = attr->stack;
        t->stack_len = stack_len;
        return t;
}

static void thread_main(void *where)
{
        struct pthread *t = where;

        pthread_exit(t->start(t->arg));
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*start)(void *), void *arg)
{
        struct pthread *t = make_thread(attr);
        char *top;
        long r;

        if (!t)
                return EAGAIN;
        t->start = start;
        t->arg = arg;
        t->state = attr && attr->detached ? THREAD_DETACHED : THREAD_JOINABLE;
        t->reent = &t->reent_storage;
        _REENT_INIT_PTR_ZEROED(t->reent);
        top = (char *)t - thread_tls_size();

        __atomic_add_fetch(&thread_count, 1, __ATOMIC_RELAXED);
        *thread = t;
        r = thread_clone(thread_main, top, THREAD_FLAGS, t, &t->tid, t, &t->tid);
        if (r >= 0)
                return 0;
        __atomic_sub_fetch(&thread_count, 1, __ATOMIC_RELAXED);
        if (t->map_len)
                munmap(t->map, t->map_len);
        return r == -EAGAIN || r == -ENOMEM ? EAGAIN : (int)-r;
}

/* From here on pthread_kill() finds the thread dead. */
static void refuse_signals(struct pthread *self)
{
        sigset_t all = ~0UL;

        raw4(SYS_rt_sigprocmask, SIG_SETMASK, (long)&all, 0, sizeof(all));
        futex_lock(&self->kill_lock, 0);
        self->dead = 1;
        futex_unlock(&self->kill_lock, 0);
}

void pthread_exit(void *result)
{
        struct pthread *self = thread_self();
        int seen = THREAD_JOINABLE;

        self->result = result;
        thread_run_cleanup(self);
        thread_run_destructors(self);
        if (__atomic_sub_fetch(&thread_count, 1, __ATOMIC_ACQ_REL) == 0)
                exit(0);
        if (self->reent == &self->reent_storage)
                _reclaim_reent(self->reent);
        refuse_signals(self);
        if (!__atomic_compare_exchange_n(&self->state, &seen, THREAD_EXITING, 0, __ATOMIC_ACQ_REL,
                                         __ATOMIC_ACQUIRE) &&
            self->map_len) {
                /* the kernel must not clear a tid in memory that may be another's by then */
                raw1(SYS_set_tid_address, 0);
                thread_unmap_and_exit(self->map, self->map_len);
        }
        for (;;)
                raw1(SYS_exit, 0);
}

/* Wait until the kernel is done with the thread, then give its memory back. */
static void *reap(struct pthread *t)
{
        void *result;
        int tid;

        while ((tid = __atomic_load_n(&t->tid, __ATOMIC_ACQUIRE)) != 0)
                futex_wait(&t->tid, tid, 1, 0, NULL);
        result = t->result;
        if (t->map_len)
                munmap(t->map, t->map_len);
        return result;
}

int pthread_join(pthread_t t, void **result)
{
        void *value;

        if (t == thread_self())
                return EDEADLK;
        if (t->state == THREAD_DETACHED)
                return EINVAL;
        value = reap(t);
        if (result)
                *result = value;
        return 0;
}

int pthread_tryjoin_np(pthread_t t, void **result)
{
        return t->tid != 0 ? EBUSY : pthread_join(t, result);
}

int pthread_detach(pthread_t t)
{
        int seen = THREAD_JOINABLE;

        if (__atomic_compare_exchange_n(&t->state, &seen, THREAD_DETACHED, 0, __ATOMIC_ACQ_REL,
                                        __ATOMIC_ACQUIRE))
                return 0;
        if (seen == THREAD_DETACHED)
                return EINVAL;
        reap(t); /* it is on its way out */
        return 0;
}

pthread_t pthread_self(void)
{
        return thread_self();
}

int pthread_equal(pthread_t a, pthread_t b)
{
        return a == b;
}

void thread_after_fork(void)
{
        struct pthread *self = thread_self();

        thread_count = 1;
        self->tid = (int)raw1(SYS_set_tid_address, (long)&self->tid);
        self->kill_lock = 0;
}

int pthread_kill(pthread_t t, int sig)
{
        sigset_t all = ~0UL, old;
        long r = 0;

        /* A handler that ended this thread here would leave the lock held. */
        raw4(SYS_rt_sigprocmask, SIG_BLOCK, (long)&all, (long)&old, sizeof(all));
        futex_lock(&t->kill_lock, 0);
        if (!t->dead)
                r = raw3(SYS_tgkill, raw0(SYS_getpid), t->tid, sig);
        else if (sig < 0 || sig > SIGRTMAX)
                r = -EINVAL;
        futex_unlock(&t->kill_lock, 0);
        raw4(SYS_rt_sigprocmask, SIG_SETMASK, (long)&old, 0, sizeof(old));
        return (int)-r;
}

int pthread_sigqueue(pthread_t t, int sig, const union sigval value)
{
        siginfo_t info;

        memset(&info, 0, sizeof(info));
        info.si_signo = sig;
        info.si_code = SI_QUEUE;
        info.si_pid = getpid();
        info.si_uid = getuid();
        info.si_value = value;
        return (int)-raw4(SYS_rt_tgsigqueueinfo, getpid(), t->tid, sig, (long)&info);
}
