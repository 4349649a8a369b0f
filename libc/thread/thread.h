/* SPDX-License-Identifier: MIT */
/*
 * A thread of the C library: struct pthread is what %fs points to, and the program's __thread
 * variables end right below it (variant II of the ELF TLS rules).
 *
 *   map                                                                    map + map_len
 *    | guard |  stack, growing down ... | TLS block | struct pthread |
 *                                                    `- %fs:0, points to itself
 *
 * The first thread's block is static (or mapped, when the program's TLS is large), so that a
 * program without threads needs no system call for it.
 *
 * Life: `state` is JOINABLE or DETACHED; the thread itself moves JOINABLE to EXITING on its way
 * out, and whoever joins or detaches it then frees the map once the kernel has cleared `tid`. A
 * DETACHED thread frees its own map with its last instructions.
 */
#ifndef TERRANE_THREAD_H
#define TERRANE_THREAD_H

#include <pthread.h>
#include <reent.h>
#include <limits.h>

#define THREAD_DEFAULT_STACK (1024UL * 1024)

enum thread_state { THREAD_JOINABLE, THREAD_DETACHED, THREAD_EXITING };

struct pthread {
        struct pthread *self; /* %fs:0, the ABI's */
        void *dtv;
        struct pthread *self_again;
        unsigned long unused[2];
        unsigned long canary; /* %fs:0x28, for -fstack-protector */
        struct _reent *reent; /* where this thread's errno and stdio pointers are */
        volatile int tid;     /* 0 once the kernel is done with the thread; a futex */
        volatile int state;   /* enum thread_state; a futex */
        volatile int kill_lock;
        int dead; /* [kill_lock] no signal may be sent any more */
        void *map;
        unsigned long map_len; /* bytes; 0: the first thread's, never unmapped */
        void *stack;           /* lowest usable address */
        unsigned long stack_len;
        unsigned long guard_len;
        void *(*start)(void *);
        void *arg;
        void *result;
        struct _pthread_cleanup_context *cleanup;
        const void *specific[PTHREAD_KEYS_MAX];
        struct _reent reent_storage;
};

static inline struct pthread *thread_self(void)
{
        struct pthread *self;

        __asm__("movq %%fs:0, %0" : "=r"(self));
        return self;
}

/* The first thread's TLS, struct _reent and id; called once, before anything uses errno. */
void thread_init_first(void);

/* Bytes of the TLS block in front of struct pthread, and its alignment (at least 64). */
unsigned long thread_tls_size(void);
unsigned long thread_tls_align(void);

/* Lay a TLS block and a struct pthread so that the latter starts at tp, which must be aligned. */
struct pthread *thread_init_block(void *tp);

/* How many threads there are, this one included. */
extern volatile int thread_count;

/* In the child of a fork: this is the only thread. */
void thread_after_fork(void);

/* Destructors of pthread_setspecific() values; cleanup.c and keys.c. */
void thread_run_cleanup(struct pthread *self);
void thread_run_destructors(struct pthread *self);

/* Clone a thread that calls entry(arg) on the stack ending at `stack`; the kernel's result. */
long thread_clone(void (*entry)(void *), void *stack, unsigned long flags, void *arg,
                  volatile int *parent_tid, void *tls, volatile int *child_tid);

/* Unmap [map, map + len) and end the thread, using no stack in between. */
void thread_unmap_and_exit(void *map, unsigned long len) __attribute__((noreturn));

/*
 * Sleep while *word is value. deadline: absolute time of `clock`, or null. 0 or a negative errno
 * (-ETIMEDOUT, -EINTR, -EAGAIN, -EINVAL for a bad deadline).
 */
int futex_wait(volatile int *word, int value, int shared, int clock,
               const struct timespec *deadline);
void futex_wake(volatile int *word, int count, int shared);

/* A three-state lock: 0 free, 1 held, 2 held and perhaps waited for. */
void futex_lock(volatile int *word, int shared);
void futex_unlock(volatile int *word, int shared);

/* newlib's own locks, taken around fork() so that the child finds them free. */
void locks_before_fork(void);
void locks_after_fork(void);

/* In the child of a fork, after thread_after_fork(). */
void locks_free_streams(void);

void atfork_run_prepare(void);
void atfork_run_parent(void);
void atfork_run_child(void);

#endif
