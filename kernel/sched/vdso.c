/* SPDX-License-Identifier: MIT */
/*
 * [vvar], [vvar_vclock] and [vdso]: three special mappings of every program, made of one data page
 * and of an object that holds the image. All programs share them; one that writes to the image
 * (after mprotect()) gets its own copy of the page, as of a private file.
 */
#include "kernel/sched/vdso.h"

#include "arch/vdso.h"
#include "kernel/base/assert.h"
#include "kernel/base/errno.h"
#include "mm/mm.h"
#include "mm/object.h"
#include "mm/page.h"
#include "mm/vma_flags.h"

#define DATA_FLAGS (VM_READ | VM_MAYREAD | VM_IO | VM_DONTEXPAND | VM_DONTDUMP | VM_PFNMAP)
#define CODE_FLAGS (VM_READ | VM_EXEC | VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC | VM_DONTEXPAND)

static struct page *data_page;

static bool vvar_frame(struct backing *backing, u64 pgoff, pfn_t *frame)
{
        (void)backing;
        *frame = page_to_pfn(data_page);
        return pgoff == 0;
}

static bool vclock_frame(struct backing *backing, u64 pgoff, pfn_t *frame)
{
        (void)backing;
        (void)pgoff;
        (void)frame;
        return false;
}

/* The reference that each of them begins with is never put. */
static void never_released(struct backing *backing)
{
        panic("the last reference to %s", backing->name);
}

static const struct backing_ops vvar_ops = { .frame = vvar_frame };
static const struct backing_ops vclock_ops = { .frame = vclock_frame };

#define SPECIAL(name_, ops_)                                                             \
        {                                                                                \
                .ref = { { 1 } }, .release = never_released, .ops = ops_, .name = name_, \
                .flags = BACKING_SPECIAL | BACKING_LONE                                  \
        }

static struct backing vvar = SPECIAL("[vvar]", &vvar_ops);
static struct backing vclock = SPECIAL("[vvar_vclock]", &vclock_ops);
static struct backing vdso = SPECIAL("[vdso]", NULL);

void vdso_init(void)
{
        size_t size;
        const void *image = vdso_image(&size);

        data_page = page_alloc(0, ALLOC_ZERO);
        vdso.object = object_create(VDSO_IMAGE_PAGES * PAGE_SIZE, 0);
        CHECK(data_page && vdso.object && size <= VDSO_IMAGE_PAGES * PAGE_SIZE);
        CHECK(object_write(vdso.object, 0, image, size) == (ssize_t)size);
        vdso_data_write(page_to_virt(data_page));
}

s64 vdso_map(struct mm *mm)
{
        const struct mm_special parts[] = {
                { VDSO_VVAR_PAGES * PAGE_SIZE, DATA_FLAGS, &vvar },
                { VDSO_VCLOCK_PAGES * PAGE_SIZE, DATA_FLAGS, &vclock },
                { VDSO_IMAGE_PAGES * PAGE_SIZE, CODE_FLAGS, &vdso },
        };
        s64 at = mm_map_special(mm, parts, ARRAY_SIZE(parts));

        return at < 0 ? at : at + (s64)(parts[0].len + parts[1].len);
}
