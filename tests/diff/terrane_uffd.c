/* SPDX-License-Identifier: MIT */
/*
 * Descriptors of userfaultfd, and their ioctls as far as mm/ has them: terrane_uffd.h. What the
 * kernel does around mm/ (checks of ranges and modes, results) is done here again.
 */
#include "tests/diff/terrane_uffd.h"

#include "arch/host/user.h"
#include "kernel/base/assert.h"
#include "kernel/base/errno.h"
#include "mm/uffd.h"
#include "mm/vma_flags.h"

#define KEPT_MAX 512

static struct {
        struct uffd *uffd;
        bool shared; /* with another process */
} slots[UFFDS];

/* Those that other processes have open. */
static struct uffd *kept[KEPT_MAX];
static unsigned nr_kept;

static void slot_close(unsigned slot)
{
        struct uffd *u = slots[slot].uffd;

        slots[slot].uffd = NULL;
        if (!u)
                return;
        if (!slots[slot].shared) {
                uffd_release(u);
                return;
        }
        CHECK(nr_kept < KEPT_MAX);
        kept[nr_kept++] = u;
}

static s64 slot_open(struct mm *mm, unsigned slot, u64 features)
{
        struct uffd *u = uffd_create(mm, 0);

        if (!u)
                return -ENOMEM;
        uffd_set_features(u, features | UFFD_FEATURE_SIGBUS);
        slot_close(slot);
        slots[slot].uffd = u;
        slots[slot].shared = false;
        return 0;
}

void terrane_uffd_forked(void)
{
        for (unsigned i = 0; i < UFFDS; i++)
                slots[i].shared = true;
}

void terrane_uffd_end(void)
{
        for (unsigned i = 0; i < UFFDS; i++)
                slot_close(i);
        while (nr_kept)
                uffd_release(kept[--nr_kept]);
}

/* ------------------------------------------------------------------ ioctls */

static s64 enlist(struct uffd *u, const u64 *a)
{
        u64 modes = (a[2] & UFFDIO_REGISTER_MODE_MISSING ? VM_UFFD_MISSING : 0) |
                    (a[2] & UFFDIO_REGISTER_MODE_WP ? VM_UFFD_WP : 0) |
                    (a[2] & UFFDIO_REGISTER_MODE_MINOR ? VM_UFFD_MINOR : 0);

        if (!a[2] || (a[2] & ~(u64)UFFDIO_REGISTER_MODES) || uffd_check_range(a[0], a[1]))
                return -EINVAL;
        return uffd_register(u, a[0], a[1], modes);
}

struct reader {
        struct mm *mm;
        const struct mm_caller *who;
        u64 src;
};

static int read_source(void *arg, u64 offset, void *page)
{
        const struct reader *r = arg;

        return host_load(r->mm, r->who, r->src + offset, page, PAGE_SIZE).signo ? -EFAULT : 0;
}

static s64 copy(struct uffd *u, struct mm *mm, const struct mm_caller *who, const u64 *a)
{
        struct reader reader = { .mm = mm, .who = who, .src = a[2] };
        struct uffd_fill fill = {
                .kind = UFFD_COPY,
                .dst = a[0],
                .len = a[1],
                .wp = a[3] & UFFDIO_MODE_WP,
                .source = read_source,
                .arg = &reader,
        };

        if (uffd_check_length(a[2], a[1]) || uffd_check_range(a[0], a[1]) ||
            (a[3] & ~(u64)(UFFDIO_MODE_DONTWAKE | UFFDIO_MODE_WP)))
                return -EINVAL;
        return uffd_fill(u, &fill);
}

static s64 move(struct uffd *u, struct mm *mm, const u64 *a)
{
        if (u->mm != mm || uffd_check_range(a[0], a[1]) || uffd_check_range(a[2], a[1]) ||
            (a[3] & ~(u64)(UFFDIO_MODE_DONTWAKE | UFFDIO_MOVE_ALLOW_SRC_HOLES)))
                return -EINVAL;
        return uffd_move(u, a[0], a[2], a[1], a[3] & UFFDIO_MOVE_ALLOW_SRC_HOLES);
}

static s64 fill_with(struct uffd *u, enum uffd_fill_kind kind, const u64 *a)
{
        u64 modes = UFFDIO_MODE_DONTWAKE | (kind == UFFD_CONTINUE ? UFFDIO_MODE_WP : 0);
        struct uffd_fill fill = {
                .kind = kind, .dst = a[0], .len = a[1], .wp = a[2] & UFFDIO_MODE_WP
        };

        if (uffd_check_range(a[0], a[1]) || (a[2] & ~modes))
                return -EINVAL;
        return uffd_fill(u, &fill);
}

static s64 protect(struct uffd *u, const u64 *a)
{
        u64 both = UFFDIO_WRITEPROTECT_MODE_WP | UFFDIO_WRITEPROTECT_DONTWAKE;

        if (uffd_check_range(a[0], a[1]) || (a[2] & ~both) || a[2] == both)
                return -EINVAL;
        return uffd_writeprotect(u, a[0], a[1], a[2] & UFFDIO_WRITEPROTECT_MODE_WP);
}

s64 terrane_uffd(struct mm *mm, const struct mm_caller *who, const struct op *op)
{
        const u64 *a = op->a;
        unsigned slot = op_uffd(op);
        struct uffd *u = slots[slot].uffd;

        if (op->kind == OP_UFFD_OPEN)
                return slot_open(mm, slot, a[0]);
        if (!u)
                return -EBADF;
        switch (op->kind) {
        case OP_UFFD_CLOSE: slot_close(slot); return 0;
        case OP_UFFD_REGISTER: return enlist(u, a);
        case OP_UFFD_UNREGISTER:
                return uffd_check_range(a[0], a[1]) ? -EINVAL : uffd_unregister(u, a[0], a[1]);
        case OP_UFFD_COPY: return copy(u, mm, who, a);
        case OP_UFFD_MOVE: return move(u, mm, a);
        case OP_UFFD_ZEROPAGE: return fill_with(u, UFFD_ZEROPAGE, a);
        case OP_UFFD_CONTINUE: return fill_with(u, UFFD_CONTINUE, a);
        case OP_UFFD_POISON: return fill_with(u, UFFD_POISON, a);
        case OP_UFFD_PROTECT: return protect(u, a);
        default: break; /* OP_UFFD_WAKE */
        }
        if (uffd_check_range(a[0], a[1]))
                return -EINVAL;
        uffd_wake(u, a[0], a[1]);
        return 0;
}
