/* SPDX-License-Identifier: MIT */
/* futex: operations and the robust list of the Linux ABI. */
#ifndef KERNEL_BASE_ABI_FUTEX_H
#define KERNEL_BASE_ABI_FUTEX_H

#include "kernel/base/types.h"

#define FUTEX_WAIT            0
#define FUTEX_WAKE            1
#define FUTEX_FD              2
#define FUTEX_REQUEUE         3
#define FUTEX_CMP_REQUEUE     4
#define FUTEX_WAKE_OP         5
#define FUTEX_LOCK_PI         6
#define FUTEX_UNLOCK_PI       7
#define FUTEX_TRYLOCK_PI      8
#define FUTEX_WAIT_BITSET     9
#define FUTEX_WAKE_BITSET     10
#define FUTEX_WAIT_REQUEUE_PI 11
#define FUTEX_CMP_REQUEUE_PI  12
#define FUTEX_LOCK_PI2        13

#define FUTEX_PRIVATE_FLAG   128
#define FUTEX_CLOCK_REALTIME 256
#define FUTEX_BITSET_ANY     0xffffffffU

/* FUTEX_WAKE_OP: op << 28 | cmp << 24 | oparg << 12 | cmparg; op 8 makes oparg a shift. */
#define FUTEX_OP_OPARG_SHIFT 8

/* The word of a robust or priority-inheriting lock. */
#define FUTEX_WAITERS    0x80000000U
#define FUTEX_OWNER_DIED 0x40000000U
#define FUTEX_TID_MASK   0x3fffffffU

struct robust_list_head {
        u64 next; /* bit 0: the lock is a priority-inheriting one */
        s64 futex_offset;
        u64 list_op_pending;
};
#define ROBUST_LIST_LIMIT 2048

#endif
