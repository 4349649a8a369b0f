/* SPDX-License-Identifier: MIT */
/*
 * The locks that newlib asks its port for (sys/lock.h): one kind, recursive, owned by a thread.
 * The named ones guard its malloc, its list of files, its environment and so on; a FILE gets one
 * of its own from malloc.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/lock.h>
#include "thread.h"

struct __lock {
        volatile int word;
        int depth;             /* [word] */
        struct pthread *owner; /* [word], read without it only to compare with oneself */
};

struct __lock __lock___sinit_recursive_mutex;
struct __lock __lock___sfp_recursive_mutex;
struct __lock __lock___atexit_recursive_mutex;
struct __lock __lock___at_quick_exit_mutex;
struct __lock __lock___malloc_recursive_mutex;
struct __lock __lock___env_recursive_mutex;
struct __lock __lock___tz_mutex;
struct __lock __lock___dd_hash_mutex;
struct __lock __lock___arc4random_mutex;

/* In the order in which one is taken while another is held. */
static struct __lock *const fork_locks[] = {
        &__lock___atexit_recursive_mutex, &__lock___sinit_recursive_mutex,
        &__lock___sfp_recursive_mutex,    &__lock___tz_mutex,
        &__lock___env_recursive_mutex,    &__lock___arc4random_mutex,
        &__lock___malloc_recursive_mutex,
};

#define FORK_LOCKS (sizeof(fork_locks) / sizeof(fork_locks[0]))

void __retarget_lock_acquire_recursive(struct __lock *lock)
{
        struct pthread *self = thread_self();

        if (__atomic_load_n(&lock->owner, __ATOMIC_RELAXED) == self) {
                lock->depth++;
                return;
        }
        futex_lock(&lock->word, 0);
        __atomic_store_n(&lock->owner, self, __ATOMIC_RELAXED);
        lock->depth = 1;
}

int __retarget_lock_try_acquire_recursive(struct __lock *lock)
{
        struct pthread *self = thread_self();
        int seen = 0;

        if (__atomic_load_n(&lock->owner, __ATOMIC_RELAXED) == self) {
                lock->depth++;
                return 1;
        }
        if (!__atomic_compare_exchange_n(&lock->word, &seen, 1, 0, __ATOMIC_ACQUIRE,
                                         __ATOMIC_RELAXED))
                return 0;
        __atomic_store_n(&lock->owner, self, __ATOMIC_RELAXED);
        lock->depth = 1;
        return 1;
}

void __retarget_lock_release_recursive(struct __lock *lock)
{
        if (--lock->depth > 0)
                return;
        __atomic_store_n(&lock->owner, NULL, __ATOMIC_RELAXED);
        futex_unlock(&lock->word, 0);
}

void __retarget_lock_init_recursive(struct __lock **lock)
{
        *lock = calloc(1, sizeof(**lock));
        if (!*lock)
                abort(); /* newlib has no way to hear of it */
}

void __retarget_lock_close_recursive(struct __lock *lock)
{
        free(lock);
}

void __retarget_lock_acquire(struct __lock *lock)
{
        __retarget_lock_acquire_recursive(lock);
}

int __retarget_lock_try_acquire(struct __lock *lock)
{
        return __retarget_lock_try_acquire_recursive(lock);
}

void __retarget_lock_release(struct __lock *lock)
{
        __retarget_lock_release_recursive(lock);
}

void __retarget_lock_init(struct __lock **lock)
{
        __retarget_lock_init_recursive(lock);
}

void __retarget_lock_close(struct __lock *lock)
{
        __retarget_lock_close_recursive(lock);
}

void locks_before_fork(void)
{
        for (size_t i = 0; i < FORK_LOCKS; i++)
                __retarget_lock_acquire_recursive(fork_locks[i]);
}

void locks_after_fork(void)
{
        for (size_t i = FORK_LOCKS; i > 0; i--)
                __retarget_lock_release_recursive(fork_locks[i - 1]);
}

/*
 * In the child of a fork, a stream that another thread was using would stay locked for ever. Its
 * buffer may be half written, which is the program's affair; its lock is made free.
 */
void locks_free_streams(void)
{
        struct pthread *self = thread_self();

        for (struct _glue *g = &_global_impure_ptr->__sglue; g; g = g->_next) {
                for (int i = 0; i < g->_niobs; i++) {
                        FILE *f = &g->_iobs[i];

                        if (f->_flags != 0 && f->_lock && f->_lock->owner != self)
                                *f->_lock = (struct __lock){ 0 };
                }
        }
}
