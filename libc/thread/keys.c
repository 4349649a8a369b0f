/* SPDX-License-Identifier: MIT */
/* Thread-specific values, cleanup handlers, pthread_once. */
#include <errno.h>
#include "thread.h"

static void (*destructors[PTHREAD_KEYS_MAX])(void *);
static char used[PTHREAD_KEYS_MAX]; /* [lock] */
static volatile int lock;

int pthread_key_create(pthread_key_t *key, void (*destructor)(void *))
{
        int result = EAGAIN;

        futex_lock(&lock, 0);
        for (unsigned i = 0; i < PTHREAD_KEYS_MAX; i++) {
                if (used[i])
                        continue;
                used[i] = 1;
                destructors[i] = destructor;
                *key = i;
                result = 0;
                break;
        }
        futex_unlock(&lock, 0);
        return result;
}

/* Values that threads still have under the key are forgotten only by a new key of that number. */
int pthread_key_delete(pthread_key_t key)
{
        int result = EINVAL;

        if (key >= PTHREAD_KEYS_MAX)
                return result;
        futex_lock(&lock, 0);
        if (used[key]) {
                used[key] = 0;
                destructors[key] = NULL;
                result = 0;
        }
        futex_unlock(&lock, 0);
        return result;
}

int pthread_setspecific(pthread_key_t key, const void *value)
{
        if (key >= PTHREAD_KEYS_MAX || !used[key])
                return EINVAL;
        thread_self()->specific[key] = value;
        return 0;
}

void *pthread_getspecific(pthread_key_t key)
{
        return key < PTHREAD_KEYS_MAX ? (void *)thread_self()->specific[key] : NULL;
}

/* A destructor may set values again, so there are several rounds, but no more than POSIX asks. */
void thread_run_destructors(struct pthread *self)
{
        int again = 1;

        for (int round = 0; again && round < PTHREAD_DESTRUCTOR_ITERATIONS; round++) {
                again = 0;
                for (unsigned i = 0; i < PTHREAD_KEYS_MAX; i++) {
                        const void *value = self->specific[i];

                        if (!value || !destructors[i])
                                continue;
                        self->specific[i] = NULL;
                        destructors[i]((void *)value);
                        again = 1;
                }
        }
}

void thread_run_cleanup(struct pthread *self)
{
        while (self->cleanup) {
                struct _pthread_cleanup_context *ctx = self->cleanup;

                self->cleanup = ctx->_previous;
                ctx->_routine(ctx->_arg);
        }
}

void _pthread_cleanup_push(struct _pthread_cleanup_context *ctx, void (*routine)(void *), void *arg)
{
        struct pthread *self = thread_self();

        *ctx = (struct _pthread_cleanup_context){ routine, arg, self->cleanup };
        self->cleanup = ctx;
}

void _pthread_cleanup_pop(struct _pthread_cleanup_context *ctx, int execute)
{
        thread_self()->cleanup = ctx->_previous;
        if (execute)
                ctx->_routine(ctx->_arg);
}

int pthread_once(pthread_once_t *once, void (*init)(void))
{
        volatile int *state = &once->state;
        int seen = 0;

        if (__atomic_load_n(state, __ATOMIC_ACQUIRE) == 3)
                return 0;
        if (__atomic_compare_exchange_n(state, &seen, 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_ACQUIRE)) {
                init();
                if (__atomic_exchange_n(state, 3, __ATOMIC_RELEASE) == 2)
                        futex_wake(state, INT_MAX, 0);
                return 0;
        }
        while (seen != 3) {
                if (seen == 2 || __atomic_compare_exchange_n(state, &seen, 2, 0, __ATOMIC_ACQUIRE,
                                                             __ATOMIC_ACQUIRE))
                        futex_wait(state, 2, 0, 0, NULL);
                seen = __atomic_load_n(state, __ATOMIC_ACQUIRE);
        }
        return 0;
}
