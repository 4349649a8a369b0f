/* SPDX-License-Identifier: MIT */
/*
 * Protection keys: which of the 16 are in use in an address space, and which of them stands for
 * memory that may only be executed (pkeys(7)).
 *
 * A VMA's key is four bits of its flags, so VMAs with different keys never merge, and it goes with
 * the VMA wherever it goes; its entries repeat it for the processor. What a key denies is a
 * register of each thread (arch/mmu.h); it does not bind the kernel when it acts for another
 * process.
 *
 * Key 0 is everybody's from the beginning. The key of execute-only memory is the lowest free one at
 * the time when the first such mapping is made; without a free one such memory can be read. It
 * counts as used, but cannot be asked for. fork() hands all of it on, exec() forgets it.
 */
#ifndef MM_KEYS_H
#define MM_KEYS_H

#include "mm/vma.h"

#define KEY_NONE (-1)

void keys_init(struct mm *mm);
void keys_copy(struct mm *child, const struct mm *parent);

/* A program may name it in a call. mmap_lock. */
bool key_is_usable(const struct mm *mm, s64 key);

/*
 * The key for memory that may only be executed, which the calling thread may not read from then on;
 * 0: there is none. mmap_lock for writing. Not undone if the call that needs it fails, as on Linux.
 */
unsigned key_execute_only(struct mm *mm);

/* The VMA's flags with another key. */
static inline u64 vm_flags_with_key(u64 flags, unsigned key)
{
        return (flags & ~VM_PKEY) | (u64)key << VM_PKEY_SHIFT;
}

/* The VMA may be executed only, and it is its key that says so. */
bool key_hides(const struct vma *vma);

/* What the VMA's key denies to the calling thread. */
static inline bool key_denies(const struct vma *vma, bool write)
{
        return mmu_key_denies(vm_key(vma->flags), write);
}

#endif
