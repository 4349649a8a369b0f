/* SPDX-License-Identifier: MIT */
/*
 * Allocators tell the address sanitizer which of their memory is nobody's, so that a stray access
 * is reported where it is made. Builds without the sanitizer (the kernel proper) do nothing here.
 */
#ifndef KERNEL_BASE_ASAN_H
#define KERNEL_BASE_ASAN_H

#include <stddef.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ASAN_BUILD 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define ASAN_BUILD 1
#endif

#ifdef ASAN_BUILD
void __asan_poison_memory_region(const volatile void *p, size_t size);
void __asan_unpoison_memory_region(const volatile void *p, size_t size);

/* Not to be touched from here on. */
static inline void asan_poison(const void *p, size_t size)
{
        __asan_poison_memory_region(p, size);
}

/* May be touched again. */
static inline void asan_unpoison(const void *p, size_t size)
{
        __asan_unpoison_memory_region(p, size);
}
#else
static inline void asan_poison(const void *p, size_t size)
{
        (void)p, (void)size;
}

static inline void asan_unpoison(const void *p, size_t size)
{
        (void)p, (void)size;
}
#endif

#endif
