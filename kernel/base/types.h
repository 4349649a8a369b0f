/* SPDX-License-Identifier: MIT */
/*
 * Integer types and the few helpers that every file uses.
 *
 * Addresses of user space are `uaddr`: plain numbers, so that nothing can dereference one by
 * mistake. Physical addresses are `paddr`; a page frame number is `pfn` (paddr >> PAGE_SHIFT).
 */
#ifndef KERNEL_BASE_TYPES_H
#define KERNEL_BASE_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;

typedef u64 uaddr;
typedef u64 paddr;
typedef u64 pfn_t;

#ifndef __ssize_t_defined
typedef long ssize_t;
#define __ssize_t_defined
#endif

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* The structure of type `type` whose member `member` is at `ptr`. */
#define container_of(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))

static inline u64 min_u64(u64 a, u64 b)
{
        return a < b ? a : b;
}

static inline u64 max_u64(u64 a, u64 b)
{
        return a > b ? a : b;
}

#endif
