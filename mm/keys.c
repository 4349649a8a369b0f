/* SPDX-License-Identifier: MIT */
/* Protection keys: keys.h. */
#include "mm/keys.h"

#include "arch/pgtable.h"
#include "kernel/base/abi/mman.h"
#include "kernel/base/errno.h"

void keys_init(struct mm *mm)
{
        mm->keys = 1;
        mm->exec_key = KEY_NONE;
}

void keys_copy(struct mm *child, const struct mm *parent)
{
        child->keys = parent->keys;
        child->exec_key = parent->exec_key;
}

bool key_is_usable(const struct mm *mm, s64 key)
{
        return mmu_has_keys() && key >= 0 && key < (s64)PTE_KEYS && key != mm->exec_key &&
               (mm->keys >> key & 1);
}

/* The lowest free key, now used; KEY_NONE if there is none. */
static int key_take(struct mm *mm)
{
        for (unsigned key = 0; mmu_has_keys() && key < PTE_KEYS; key++) {
                if (mm->keys >> key & 1)
                        continue;
                mm->keys |= (u16)(1u << key);
                return (int)key;
        }
        return KEY_NONE;
}

unsigned key_execute_only(struct mm *mm)
{
        if (mm->exec_key == KEY_NONE)
                mm->exec_key = key_take(mm);
        if (mm->exec_key == KEY_NONE)
                return 0;
        if (!mmu_key_denies((unsigned)mm->exec_key, false))
                mmu_key_set((unsigned)mm->exec_key, PKEY_DISABLE_ACCESS);
        return (unsigned)mm->exec_key;
}

bool key_hides(const struct vma *vma)
{
        return (vma->flags & VM_ACCESS_FLAGS) == VM_EXEC &&
               (int)vm_key(vma->flags) == vma->mm->exec_key;
}

/* ------------------------------------------------------------------ the calls */

int mm_pkey_alloc(struct mm *mm, u64 flags, u64 rights)
{
        int key;

        if (flags || (rights & ~(u64)(PKEY_DISABLE_ACCESS | PKEY_DISABLE_WRITE)))
                return -EINVAL;
        mm_lock(mm);
        key = key_take(mm);
        if (key != KEY_NONE)
                mmu_key_set((unsigned)key, (unsigned)rights);
        mm_unlock(mm, 0);
        return key == KEY_NONE ? -ENOSPC : key;
}

/* What is mapped with the key keeps it. */
int mm_pkey_free(struct mm *mm, int key)
{
        int err = -EINVAL;

        mm_lock(mm);
        if (key_is_usable(mm, key)) {
                mm->keys &= (u16) ~(1u << key);
                err = 0;
        }
        mm_unlock(mm, 0);
        return err;
}
