/* SPDX-License-Identifier: MIT */
/* Atomic integers, over the compiler's own builtins. Sequentially consistent unless named. */
#ifndef KERNEL_BASE_ATOMIC_H
#define KERNEL_BASE_ATOMIC_H

#include "kernel/base/types.h"

typedef struct {
        s64 value;
} atomic_t;

static inline s64 atomic_get(const atomic_t *a)
{
        return __atomic_load_n(&a->value, __ATOMIC_ACQUIRE);
}

static inline void atomic_set(atomic_t *a, s64 v)
{
        __atomic_store_n(&a->value, v, __ATOMIC_RELEASE);
}

/* Nothing after it is done before what stands before it is seen by all. */
static inline void atomic_barrier(void)
{
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/* Adds and returns the new value. */
static inline s64 atomic_add(atomic_t *a, s64 n)
{
        return __atomic_add_fetch(&a->value, n, __ATOMIC_SEQ_CST);
}

static inline s64 atomic_xchg(atomic_t *a, s64 v)
{
        return __atomic_exchange_n(&a->value, v, __ATOMIC_SEQ_CST);
}

/* Adds and returns the old value. */
static inline s64 atomic_fetch_add(atomic_t *a, s64 n)
{
        return __atomic_fetch_add(&a->value, n, __ATOMIC_SEQ_CST);
}

/* Set or clear bits; both return the old value. */
static inline s64 atomic_set_bits(atomic_t *a, s64 bits)
{
        return __atomic_fetch_or(&a->value, bits, __ATOMIC_SEQ_CST);
}

static inline s64 atomic_clear_bits(atomic_t *a, s64 bits)
{
        return __atomic_fetch_and(&a->value, ~bits, __ATOMIC_SEQ_CST);
}

/* Stores `v` if the value is `expected`; true if it did. */
static inline bool atomic_cmpxchg(atomic_t *a, s64 expected, s64 v)
{
        return __atomic_compare_exchange_n(&a->value, &expected, v, false, __ATOMIC_SEQ_CST,
                                           __ATOMIC_SEQ_CST);
}

#endif
