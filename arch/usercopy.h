/* SPDX-License-Identifier: MIT */
/*
 * The only code that touches user memory. A bad address ends the copy; nothing else happens.
 * Addresses at or above TASK_SIZE are refused before anything is touched. May sleep in a page
 * fault: no spinlock and no mmap_lock may be held.
 */
#ifndef ARCH_USERCOPY_H
#define ARCH_USERCOPY_H

#include "arch/page.h"

/* Both return the number of bytes NOT copied (0 is success); bytes before the bad one were copied.
 */
size_t user_copy_in(void *dst, uaddr src, size_t n);
size_t user_copy_out(uaddr dst, const void *src, size_t n);
size_t user_clear(uaddr dst, size_t n);

/*
 * Atomic 32-bit operations on user memory: 0 or -EFAULT (also for a misaligned address). *old gets
 * the value before the operation.
 */
int user_read_u32(uaddr addr, u32 *value);
int user_cmpxchg_u32(uaddr addr, u32 expected, u32 desired, u32 *old);

/* What futex's FUTEX_WAKE_OP needs: op is 0 set, 1 add, 2 or, 3 andn, 4 xor. */
int user_rmw_u32(uaddr addr, unsigned op, u32 operand, u32 *old);

/*
 * Fault injection (failpoint.h): each of these may be made to fail at its first byte, as if that
 * were not there. Only what the thread does that asks for it is counted.
 */
void user_copy_fail(u64 first, u64 times);
u64 user_copy_failed(void); /* how many have */

#endif
