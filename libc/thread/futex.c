/* SPDX-License-Identifier: MIT */
/* Sleeping and waking on a word, and the smallest lock made of that. */
#include <time.h>
#include "thread.h"
#include "../system/raw.h"

#define FUTEX_WAIT           0
#define FUTEX_WAKE           1
#define FUTEX_WAIT_BITSET    9
#define FUTEX_PRIVATE_FLAG   128
#define FUTEX_CLOCK_REALTIME 256
#define FUTEX_ANY            0xffffffffL

int futex_wait(volatile int *word, int value, int shared, int clock,
               const struct timespec *deadline)
{
        int op = shared ? 0 : FUTEX_PRIVATE_FLAG;

        if (!deadline)
                return (int)raw4(SYS_futex, (long)word, FUTEX_WAIT | op, value, 0);
        if (deadline->tv_nsec < 0 || deadline->tv_nsec >= 1000000000)
                return -EINVAL;
        if (deadline->tv_sec < 0)
                return -ETIMEDOUT;
        op |= FUTEX_WAIT_BITSET | (clock == CLOCK_REALTIME ? FUTEX_CLOCK_REALTIME : 0);
        return (int)raw6(SYS_futex, (long)word, op, value, (long)deadline, 0, FUTEX_ANY);
}

void futex_wake(volatile int *word, int count, int shared)
{
        int op = FUTEX_WAKE | (shared ? 0 : FUTEX_PRIVATE_FLAG);

        raw3(SYS_futex, (long)word, op, count);
}

void futex_lock(volatile int *word, int shared)
{
        int seen = 0;

        if (__atomic_compare_exchange_n(word, &seen, 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
                return;
        while (__atomic_exchange_n(word, 2, __ATOMIC_ACQUIRE) != 0)
                futex_wait(word, 2, shared, 0, NULL);
}

void futex_unlock(volatile int *word, int shared)
{
        if (__atomic_exchange_n(word, 0, __ATOMIC_RELEASE) == 2)
                futex_wake(word, 1, shared);
}
