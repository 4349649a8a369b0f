/* SPDX-License-Identifier: MIT */
/*
 * Fault injection: a place where something may fail asks failpoint_now() each time. A test arms the
 * place, and from then on questions number `first` .. `first + times - 1` are answered yes. Without
 * locks: a test arms while nothing else runs, and a race costs no more than one question that is
 * answered the other way. Always compiled in: while it is not armed, it costs a load and a
 * predictable branch, and nothing is counted.
 */
#ifndef KERNEL_BASE_FAILPOINT_H
#define KERNEL_BASE_FAILPOINT_H

#include "kernel/base/atomic.h"

#define FAILPOINT_FOREVER (~0ULL)

struct failpoint {
        atomic_t asked; /* questions since it was armed */
        atomic_t first; /* the number of the first to fail; 0: none does */
        u64 times;
        atomic_t failed; /* of them */
};

/* Counting begins anew. `first` 0 disarms. */
static inline void failpoint_arm(struct failpoint *point, u64 first, u64 times)
{
        atomic_set(&point->first, 0);
        atomic_set(&point->asked, 0);
        atomic_set(&point->failed, 0);
        point->times = times;
        atomic_set(&point->first, (s64)first);
}

static inline bool failpoint_armed(const struct failpoint *point)
{
        return __builtin_expect(atomic_get(&point->first) != 0, 0);
}

static inline bool failpoint_now(struct failpoint *point)
{
        u64 first = (u64)atomic_get(&point->first);
        u64 now;

        if (__builtin_expect(first == 0, 1))
                return false;
        now = (u64)atomic_add(&point->asked, 1);
        if (now < first || now - first >= point->times)
                return false;
        atomic_add(&point->failed, 1);
        return true;
}

static inline u64 failpoint_asked(const struct failpoint *point)
{
        return (u64)atomic_get(&point->asked);
}

static inline u64 failpoint_failed(const struct failpoint *point)
{
        return (u64)atomic_get(&point->failed);
}

#endif
