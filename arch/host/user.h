/* SPDX-License-Identifier: MIT */
/*
 * User code on the host machine: loads, stores and fetches that go through the modelled TLB and,
 * where that ends in a page fault, through mm_fault(), as often as it takes.
 *
 * Each call is a run of accesses that a program would make one after the other. It ends at the
 * first that raises a signal, which is the result (signo 0: all done). Whenever the kernel would
 * return to user mode, no lock may be held.
 */
#ifndef ARCH_HOST_USER_H
#define ARCH_HOST_USER_H

#include "mm/mm.h"

struct mm_fault host_load(struct mm *mm, const struct mm_caller *who, uaddr addr, void *buf,
                          size_t len);
struct mm_fault host_store(struct mm *mm, const struct mm_caller *who, uaddr addr, const void *buf,
                           size_t len);
struct mm_fault host_fetch(struct mm *mm, const struct mm_caller *who, uaddr addr);

/* Page faults that user code has taken since the start. */
extern u64 host_page_faults;

#endif
