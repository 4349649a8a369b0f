/* SPDX-License-Identifier: MIT */
/*
 * The host machine: a machine that is a Unix process. Physical memory is an arena, the processor is
 * a pair of functions that go through a modelled TLB, threads are scheduled by the tests. This is
 * what tests may do with it; what mm/ needs of a machine is in arch's headers, as everywhere.
 *
 * Nothing here needs setting up for single-threaded use, except memory: host_memory_map().
 */
#ifndef ARCH_HOST_HOST_H
#define ARCH_HOST_HOST_H

#include "arch/boot.h"
#include "arch/mmu.h"
#include "arch/park.h"
#include "arch/pgtable.h"

/* ------------------------------------------------------------------ physical memory */

/* Frames 0 .. HOST_MAX_PFN-1 have an address; only those mapped as RAM can be touched. */
#define HOST_MAX_PFN (16UL << (30 - PAGE_SHIFT))

/* Make [start, end) bytes RAM, zeroed. May be called several times, before page_init(). */
void host_memory_map(paddr start, paddr end);
/* Fill RAM with a pattern: what a real machine, unlike QEMU, has in it at power-on. */
void host_memory_soil(paddr start, paddr end, u8 pattern);

/* 4 or 5 levels of page tables for address spaces created from here on. */
void host_set_levels(unsigned levels);
/*
 * The processor knows protection keys; off at first. `rights` is what mmu_key_set() sets two bits
 * of, for all threads: HOST_KEY_RIGHTS is what a program starts with, no access but by key 0.
 */
#define HOST_KEY_RIGHTS 0x55555554u
void host_set_keys(bool on, u32 rights);
u32 host_key_rights(void);

/* ------------------------------------------------------------------ processors and their TLBs */

/* The kernel runs on one CPU; programs here run on several, so that flushes have to reach all. */
#define HOST_CPUS 4

/* The CPU of the calling thread: what it accesses as a program goes through this CPU's TLB. */
unsigned host_cpu(void);
void host_cpu_set(unsigned cpu);

/*
 * One access of at most the rest of the page by user code: translate `addr` as the processor would,
 * through its CPU's TLB, the walk cache and the page tables, setting accessed and dirty bits.
 * Returns the byte's address in the arena, or NULL and in *fault the FAULT_* bits of the page fault
 * to be raised (always with FAULT_USER). `access` is 0, FAULT_WRITE or FAULT_EXEC.
 *
 * The TLB never forgets by itself. A hit that the page tables no longer justify is a flush that was
 * missed: panic. Unless there are several threads: then the flush may be another thread's that has
 * not come to it yet, and the access uses the old translation, as it would on any machine with
 * several CPUs. Always checked: no frame is freed or put to new use (page_fill(), page_clear(),
 * page_copy()) while a TLB leads to it.
 */
void *host_translate(struct mmu *mmu, uaddr addr, unsigned access, unsigned *fault);

/*
 * Compare everything the TLB and the walk cache hold for `mmu` with its page tables; panics with
 * the first stale one. To be called whenever the kernel would return to user mode.
 */
void host_tlb_verify(struct mmu *mmu);

/* Panics if the TLB or the walk cache leads to the frame: it must not be put to new use. */
void host_tlb_check_unused(pfn_t pfn);

/* The calling thread's TLB holds a translation of `addr`. */
bool host_tlb_has(const struct mmu *mmu, uaddr addr);

struct host_tlb_stats {
        u64 page_flushes, range_flushes, table_flushes, full_flushes; /* calls */
        u64 hits, misses;
};
extern struct host_tlb_stats host_tlb_stats;

/* panic() prints where it was called; a test that expects one turns that off. */
extern bool host_panic_backtrace;

/* ------------------------------------------------------------------ threads and time */

/*
 * A thread of the simulated kernel. It runs when host_run() gives it its turn, and gives up its
 * turn only in park(), cpu_relax(), cpu_idle(), host_yield(), or where host_sched_seed() interrupts
 * it.
 */
struct task *host_task_create(const char *name, void (*fn)(void *arg), void *arg);

/* Run every created thread to its end. A set of threads that all sleep for good is a panic. */
void host_run(void);
void host_yield(void);

/*
 * With a seed other than 0 the next thread is chosen at random, and a thread may lose its turn
 * whenever it takes or releases a lock (debug builds): the same seed gives the same schedule. How
 * often it does depends on the seed, too: some races need a long run of one thread to happen.
 */
void host_sched_seed(u64 seed);

/* There are threads besides the main one. */
bool host_is_concurrent(void);

/* A signal is (no longer) pending: interruptible sleeps end with -EINTR. */
void host_task_signal(struct task *task, bool pending);

/* The clock stands still unless it is moved, or every thread waits for a time to come. */
void host_clock_advance(u64 ns);

#endif
