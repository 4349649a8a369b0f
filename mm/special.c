/* SPDX-License-Identifier: MIT */
/*
 * Special mappings: what the kernel maps into each new program, [vvar] and [vdso]. They belong to
 * no file, can be unmapped or moved as a whole, and never cut, grown or merged.
 */
#include "kernel/base/errno.h"
#include "mm/account.h"
#include "mm/layout.h"
#include "mm/soft_dirty.h"
#include "mm/vma_edit.h"

static void link_part(struct mm *mm, struct vma_kit *kit, const struct mm_special *part, u64 at)
{
        struct vma_merge range = {
                .mm = mm,
                .start = at,
                .end = at + part->len,
                .flags = part->flags | soft_dirty_new(),
                .backing = part->backing,
        };

        vma_link_new(kit, &range);
        account_vma(mm, part->flags, (s64)bytes_to_pages(part->len));
}

s64 mm_map_special(struct mm *mm, const struct mm_special *parts, unsigned nr)
{
        struct vma_kit kit = { 0 };
        struct place place = { 0 };
        s64 start;
        int err;

        for (unsigned i = 0; i < nr; i++)
                place.len += parts[i].len;
        mm_lock(mm);
        start = layout_find(mm, &place);
        err = start < 0 ? (int)start : vma_kit_reserve(mm, &kit, nr, 0);
        for (u64 i = 0, at = (u64)start; !err && i < nr; at += parts[i++].len)
                link_part(mm, &kit, &parts[i], at);
        vma_kit_release(&kit);
        mm_unlock(mm, (u64)start);
        return err ? err : start;
}
