/* SPDX-License-Identifier: MIT */
/* User copies: the range check and everything that needs no assembly. See usercopy.S. */
#include "arch/usercopy.h"
#include "arch/context.h"
#include "arch/park.h"
#include "arch/x86_64/local.h"
#include "kernel/base/errno.h"
#include "kernel/base/failpoint.h"
#include "kernel/sync/trace.h"

size_t usercopy_clear(void *dst, size_t n);
int usercopy_cmpxchg_u32(u32 *dst, u32 expected, u32 desired, u32 *old);

static struct failpoint copies;
static const struct task *failing; /* whose copies are counted */

void user_copy_fail(u64 first, u64 times)
{
        failing = first ? park_self() : NULL;
        failpoint_arm(&copies, first, times);
}

u64 user_copy_failed(void)
{
        return failpoint_failed(&copies);
}

/* May these bytes be tried? What is there is for the page fault handler to say. */
static inline bool may_touch(uaddr addr, size_t n)
{
        lock_trace_check_fault();
        return addr <= TASK_SIZE && n <= TASK_SIZE - addr &&
               !(failing && failing == park_self() && failpoint_now(&copies));
}

bool user_may_touch(uaddr addr, size_t n)
{
        return may_touch(addr, n);
}

static bool may_touch_u32(uaddr addr)
{
        return addr % 4 == 0 && may_touch(addr, 4);
}

size_t user_copy_in(void *dst, uaddr src, size_t n)
{
        return may_touch(src, n) ? usercopy_bytes(dst, (const void *)src, n) : n;
}

size_t user_copy_out(uaddr dst, const void *src, size_t n)
{
        return may_touch(dst, n) ? usercopy_bytes((void *)dst, src, n) : n;
}

size_t user_clear(uaddr dst, size_t n)
{
        return may_touch(dst, n) ? usercopy_clear((void *)dst, n) : n;
}

int user_read_u32(uaddr addr, u32 *value)
{
        return may_touch_u32(addr) ? usercopy_read_u32((const u32 *)addr, value) : -EFAULT;
}

int user_cmpxchg_u32(uaddr addr, u32 expected, u32 desired, u32 *old)
{
        if (!may_touch_u32(addr))
                return -EFAULT;
        return usercopy_cmpxchg_u32((u32 *)addr, expected, desired, old);
}

static u32 rmw_result(unsigned op, u32 old, u32 operand)
{
        switch (op) {
        case 0: return operand;
        case 1: return old + operand;
        case 2: return old | operand;
        case 3: return old & ~operand;
        default: return old ^ operand;
        }
}

int user_rmw_u32(uaddr addr, unsigned op, u32 operand, u32 *old)
{
        u32 expected;
        int err = user_read_u32(addr, &expected);

        while (!err) {
                err = user_cmpxchg_u32(addr, expected, rmw_result(op, expected, operand), old);
                if (err || *old == expected)
                        break;
                expected = *old;
        }
        return err;
}
