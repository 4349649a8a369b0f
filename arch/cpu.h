/* SPDX-License-Identifier: MIT */
/* What generic code needs of the processor itself. */
#ifndef ARCH_CPU_H
#define ARCH_CPU_H

#include "kernel/base/types.h"

/*
 * The inline half is <machine/cpu.h>:
 *
 *   cpu_irq_save()       disable interrupts; returns the state for cpu_irq_restore()
 *   cpu_irq_restore(s)   as they were
 *   cpu_irqs_enabled()   whether they are
 *   cpu_irq_enable()     for a thread that starts with interrupts disabled
 */
#include <machine/cpu.h>

/*
 * Called with interrupts disabled: enable them and sleep until one arrives, without a window
 * between the two in which one could be missed. Interrupts are enabled on return.
 */
void cpu_idle(void);

/* A hint inside a spin loop. */
void cpu_relax(void);

/* Stop this CPU for good. */
_Noreturn void cpu_halt(void);

/* Nanoseconds since boot, monotonic; and the wall clock's offset to it (Unix time at boot). */
u64 clock_ns(void);
u64 clock_boot_unix_ns(void);

/* Ask for one timer interrupt (trap_timer) at clock_ns() >= deadline; ~0 disarms. */
void timer_arm(u64 deadline_ns);

/* Fill `buf` with random bytes (RDRAND where there is one, else seeded from time and the seed). */
void cpu_random(void *buf, size_t len);
/* From now on random bytes follow from `seed` alone (kernel parameter seed=). */
void cpu_random_seed(u64 seed);

/* AT_HWCAP and AT_HWCAP2 for new programs. */
u64 cpu_hwcap(void);
u64 cpu_hwcap2(void);

/*
 * Write whole, page-aligned pages the fastest sound way: zeroes, one word all over, a copy. The
 * page is one that nothing maps: freshly allocated, or about to be freed (page_fill() poisons).
 */
void page_clear(void *page);
void page_fill(void *page, u64 word);
void page_copy(void *dst, const void *src);

#endif
