/* SPDX-License-Identifier: MIT */
/* The transfers of uio.h. No locks: a uio belongs to one call of one thread. */
#include "kernel/fs/uio.h"

#include "arch/usercopy.h"
#include "kernel/base/errno.h"
#include "kernel/base/string.h"
#include "mm/slab.h"

/* A range that copies may try: anything else cannot be user memory whatever is mapped. */
static bool range_is_user(uaddr base, u64 len)
{
        return base <= TASK_SIZE && len <= TASK_SIZE - base;
}

void uio_user(struct uio *u, uaddr base, size_t len)
{
        *u = (struct uio){ .user = true, .nr = 1 };
        u->err = range_is_user(base, len) ? 0 : -EFAULT;
        u->left = min_u64(len, RW_MAX);
        u->one = (struct iovec){ base, u->left };
        u->vec = &u->one;
}

static int check_vectors(struct uio *u, struct iovec *vec, unsigned nr)
{
        for (unsigned i = 0; i < nr; i++)
                if ((s64)vec[i].len < 0)
                        return -EINVAL;
        if (nr == 1)
                vec[0].len = min_u64(vec[0].len, RW_MAX);
        for (unsigned i = 0; i < nr; i++) {
                if (!range_is_user(vec[i].base, vec[i].len))
                        return -EFAULT;
                vec[i].len = min_u64(vec[i].len, RW_MAX - u->left);
                u->left += vec[i].len;
        }
        return 0;
}

void uio_vectors(struct uio *u, uaddr vec, u64 nr)
{
        *u = (struct uio){ .user = true, .nr = (unsigned)nr };
        if (nr > IOV_MAX) {
                u->err = -EINVAL;
                return;
        }
        u->many = kmalloc(nr * sizeof(*u->many) + 1);
        if (!u->many)
                u->err = -ENOMEM;
        else if (user_copy_in(u->many, vec, nr * sizeof(*u->many)))
                u->err = -EFAULT;
        else
                u->err = check_vectors(u, u->many, (unsigned)nr);
        u->vec = u->many;
}

void uio_release(struct uio *u)
{
        kfree(u->many);
        u->many = NULL;
}

void uio_kernel(struct uio *u, const void *buf, size_t len)
{
        *u = (struct uio){ .nr = 1, .left = len, .one = { (u64)buf, len } };
        u->vec = &u->one;
}

enum transfer { TO_UIO, ZERO_UIO, FROM_UIO, SKIP };

/* Bytes moved within one vector. */
static size_t move_some(bool user, enum transfer how, u64 at, void *buf, size_t n)
{
        if (how == SKIP)
                return n;
        if (user && how == TO_UIO)
                return n - user_copy_out(at, buf, n);
        if (user && how == ZERO_UIO)
                return n - user_clear(at, n);
        if (user)
                return n - user_copy_in(buf, at, n);
        if (how == TO_UIO)
                memcpy((void *)at, buf, n);
        else if (how == ZERO_UIO)
                memset((void *)at, 0, n);
        else
                memcpy(buf, (const void *)at, n);
        return n;
}

/* `n` bytes that lie within the current vector, or at its end, were moved. */
static void uio_advance(struct uio *u, size_t n)
{
        u->skip += n;
        u->left -= n;
        if (u->skip == u->vec->len) {
                u->vec++;
                u->nr--;
                u->skip = 0;
        }
}

/* The ordinary case: user memory, and all of it in the current vector. */
static bool is_simple(const struct uio *u, size_t n)
{
        return u->user && n && u->nr && n <= u->vec->len - u->skip;
}

static size_t uio_move(struct uio *u, enum transfer how, void *buf, size_t n)
{
        size_t done = 0;

        while (done < n && u->nr) {
                size_t here = min_u64(u->vec->len - u->skip, n - done);
                size_t moved = move_some(u->user, how, u->vec->base + u->skip,
                                         buf ? (char *)buf + done : NULL, here);

                uio_advance(u, moved);
                done += moved;
                if (moved < here)
                        break;
        }
        return done;
}

size_t uio_put(struct uio *u, const void *src, size_t n)
{
        if (is_simple(u, n)) {
                n -= user_copy_out(u->vec->base + u->skip, src, n);
                uio_advance(u, n);
                return n;
        }
        return uio_move(u, TO_UIO, (void *)src, n);
}

size_t uio_clear(struct uio *u, size_t n)
{
        return uio_move(u, ZERO_UIO, NULL, n);
}

size_t uio_take(struct uio *u, void *dst, size_t n)
{
        if (is_simple(u, n)) {
                n -= user_copy_in(dst, u->vec->base + u->skip, n);
                uio_advance(u, n);
                return n;
        }
        return uio_move(u, FROM_UIO, dst, n);
}

void uio_skip(struct uio *u, size_t n)
{
        uio_move(u, SKIP, NULL, n);
}
