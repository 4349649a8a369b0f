/* SPDX-License-Identifier: MIT */
/*
 * uio: where the bytes of a read go or those of a write come from; a list of user vectors, or one
 * kernel buffer. It advances as bytes are moved, so what is left tells how far a call came.
 *
 * Every transfer returns the bytes moved; fewer than asked means that user memory ended there
 * (EFAULT), never that the uio was too short: callers ask for at most `left`. User memory may
 * fault, so no spinlock may be held.
 */
#ifndef KERNEL_FS_UIO_H
#define KERNEL_FS_UIO_H

#include "kernel/base/abi/fcntl.h"

struct uio {
        bool user;
        unsigned nr;             /* vectors not yet done, the current one included */
        const struct iovec *vec; /* the current vector, in kernel memory */
        size_t skip;             /* bytes of it that are done */
        size_t left;             /* bytes in all that are not */
        int err;                 /* the buffers are no user memory at all; told after EBADF */
        bool append;             /* write at the end, wherever the offset is (RWF_APPEND) */
        struct iovec one;        /* storage for the case of one vector */
        struct iovec *many;      /* storage for the others */
};

/* One user buffer, or a user's array of vectors; u->err is -EFAULT, -EINVAL or -ENOMEM if they
 * cannot be used. No transfer is longer than RW_MAX. uio_release() must follow. */
void uio_user(struct uio *u, uaddr base, size_t len);
void uio_vectors(struct uio *u, uaddr vec, u64 nr);
void uio_release(struct uio *u);

void uio_kernel(struct uio *u, const void *buf, size_t len);

size_t uio_put(struct uio *u, const void *src, size_t n); /* to the uio */
size_t uio_clear(struct uio *u, size_t n);                /* zeroes to the uio */
size_t uio_take(struct uio *u, void *dst, size_t n);      /* from the uio */
void uio_skip(struct uio *u, size_t n);                   /* pass over, touching nothing */

#endif
