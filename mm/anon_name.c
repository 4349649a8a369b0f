/* SPDX-License-Identifier: MIT */
/* Names for anonymous memory: anon_name.h. */
#include "mm/anon_name.h"

#include "kernel/base/errno.h"
#include "kernel/base/string.h"
#include "mm/slab.h"
#include "mm/vma_edit.h"

struct anon_name *anon_name_get(struct anon_name *name)
{
        if (name)
                refcount_get(&name->users);
        return name;
}

void anon_name_put(struct anon_name *name)
{
        if (name && refcount_put(&name->users))
                kfree(name);
}

bool anon_name_same(const struct anon_name *a, const struct anon_name *b)
{
        return a == b || (a && b && strcmp(a->text, b->text) == 0);
}

/* ------------------------------------------------------------------ the call */

/* What is printed as it is, but for what a shell or a reader of maps would take for its own. */
static bool is_allowed(const char *text)
{
        for (; *text; text++)
                if (*text < 0x20 || *text > 0x7e || strchr("\\`$[]", *text))
                        return false;
        return true;
}

static int name_create(const char *text, struct anon_name **out)
{
        struct anon_name *name;

        *out = NULL;
        if (!text)
                return 0;
        if (strlen(text) >= MM_ANON_NAME_MAX || !is_allowed(text))
                return -EINVAL;
        name = kzalloc(sizeof(*name));
        if (!name)
                return -ENOMEM;
        refcount_init(&name->users);
        memcpy(name->text, text, strlen(text) + 1);
        *out = name;
        return 0;
}

static bool may_be_named(const struct vma *vma)
{
        return !vma->backing || vma_is_special(vma) || (vma->backing->flags & BACKING_PATHLESS);
}

/* 0, -EAGAIN for what is -ENOMEM elsewhere, or -EBADF. */
static int name_vma(struct vma *vma, u64 start, u64 end, struct anon_name *name)
{
        struct vma_change change = {
                .vma = vma,
                .start = start,
                .end = end,
                .flags = vma->flags,
                .sets_name = true,
                .name = name,
        };
        int err;

        if (!may_be_named(vma))
                return -EBADF;
        if (anon_name_same(vma->name, name))
                return 0;
        vma_change_plan(&change);
        err = vma_change_reserve(&change);
        if (!err) {
                vma_change_commit(&change);
                err = change.err;
        }
        vma_change_release(&change);
        return err == -ENOMEM ? -EAGAIN : err;
}

/* Holes are passed over, and told at the end. */
static int name_range(struct mm *mm, u64 start, u64 end, struct anon_name *name)
{
        int hole = 0;

        while (start < end) {
                struct vma *vma = vma_meeting(mm, start, end);
                u64 next;
                int err;

                if (!vma || vma->start > start)
                        hole = -ENOMEM;
                if (!vma)
                        break;
                start = max_u64(start, vma->start);
                next = min_u64(vma->end, end);
                err = name_vma(vma, start, next, name);
                if (err)
                        return err;
                start = next;
        }
        return hole;
}

int mm_set_anon_name(struct mm *mm, u64 addr, u64 len, const char *text)
{
        u64 end = addr + page_align_up(len);
        struct anon_name *name;
        int err;

        if (!mm_sysctl.anon_names)
                return -EINVAL;
        err = name_create(text, &name);
        if (err)
                return err;
        if ((addr & ~PAGE_MASK) || (len && !page_align_up(len)) || end < addr) {
                err = -EINVAL;
        } else if (end > addr) {
                mm_lock(mm);
                err = name_range(mm, addr, end, name);
                mm_unlock(mm, addr);
        }
        anon_name_put(name);
        return err;
}
