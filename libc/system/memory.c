/* SPDX-License-Identifier: MIT */
/* Memory mappings and the break. */
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <fcntl.h>
#include <unistd.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include "raw.h"

void *mmap(void *addr, size_t len, int prot, int flags, int fd, off_t offset)
{
        return (void *)call6(SYS_mmap, addr, len, prot, flags, fd, offset);
}

void *mmap64(void *addr, size_t len, int prot, int flags, int fd, off_t offset)
{
        return mmap(addr, len, prot, flags, fd, offset);
}

int munmap(void *addr, size_t len)
{
        return (int)call2(SYS_munmap, addr, len);
}

int mprotect(void *addr, size_t len, int prot)
{
        return (int)call3(SYS_mprotect, addr, len, prot);
}

/*
 * The fifth argument goes to the kernel with MREMAP_FIXED and also with MREMAP_DONTUNMAP, where it
 * is a hint; a library that passes it only with the former gives the kernel garbage.
 */
void *mremap(void *addr, size_t old_len, size_t new_len, int flags, ...)
{
        void *new_addr = NULL;

        if (flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)) {
                va_list ap;

                va_start(ap, flags);
                new_addr = va_arg(ap, void *);
                va_end(ap);
        }
        return (void *)call5(SYS_mremap, addr, old_len, new_len, flags, new_addr);
}

int msync(void *addr, size_t len, int flags)
{
        return (int)call3(SYS_msync, addr, len, flags);
}

int madvise(void *addr, size_t len, int advice)
{
        return (int)call3(SYS_madvise, addr, len, advice);
}

/* The error is the result; advice to drop pages is not POSIX's and is ignored. */
int posix_madvise(void *addr, size_t len, int advice)
{
        if (advice == POSIX_MADV_DONTNEED)
                return 0;
        return (int)-raw3(SYS_madvise, (long)addr, (long)len, advice);
}

ssize_t process_madvise(int pidfd, const struct iovec *iov, size_t n, int advice, unsigned flags)
{
        return call5(SYS_process_madvise, pidfd, iov, n, advice, flags);
}

int mincore(void *addr, size_t len, unsigned char *vec)
{
        return (int)call3(SYS_mincore, addr, len, vec);
}

int mlock(const void *addr, size_t len)
{
        return (int)call2(SYS_mlock, addr, len);
}

int mlock2(const void *addr, size_t len, unsigned flags)
{
        return (int)call3(SYS_mlock2, addr, len, flags);
}

int munlock(const void *addr, size_t len)
{
        return (int)call2(SYS_munlock, addr, len);
}

int mlockall(int flags)
{
        return (int)call1(SYS_mlockall, flags);
}

int munlockall(void)
{
        return (int)call0(SYS_munlockall);
}

int mseal(void *addr, size_t len, unsigned long flags)
{
        return (int)call3(SYS_mseal, addr, len, flags);
}

int remap_file_pages(void *addr, size_t len, int prot, size_t pgoff, int flags)
{
        return (int)call5(SYS_remap_file_pages, addr, len, prot, pgoff, flags);
}

int memfd_create(const char *name, unsigned flags)
{
        return (int)call2(SYS_memfd_create, name, flags);
}

int memfd_secret(unsigned flags)
{
        return (int)call1(SYS_memfd_secret, flags);
}

int pkey_alloc(unsigned flags, unsigned rights)
{
        return (int)call2(SYS_pkey_alloc, flags, rights);
}

int pkey_free(int pkey)
{
        return (int)call1(SYS_pkey_free, pkey);
}

int pkey_mprotect(void *addr, size_t len, int prot, int pkey)
{
        return (int)call4(SYS_pkey_mprotect, addr, len, prot, pkey);
}

/* /dev/shm/NAME in out; -1 and EINVAL for a name that POSIX leaves undefined. */
static int shm_path(char out[NAME_MAX + 16], const char *name)
{
        while (*name == '/')
                name++;
        if (!*name || strchr(name, '/') || strlen(name) > NAME_MAX) {
                errno = EINVAL;
                return -1;
        }
        strcpy(out, "/dev/shm/");
        strcat(out, name);
        return 0;
}

int shm_open(const char *name, int flags, mode_t mode)
{
        char path[NAME_MAX + 16];

        if (shm_path(path, name) != 0)
                return -1;
        return open(path, flags | O_CLOEXEC | O_NOFOLLOW, mode);
}

int shm_unlink(const char *name)
{
        char path[NAME_MAX + 16];

        return shm_path(path, name) != 0 ? -1 : unlink(path);
}

int brk(void *addr)
{
        if (raw1(SYS_brk, (long)addr) != (long)addr) {
                errno = ENOMEM;
                return -1;
        }
        return 0;
}

/* The break is asked of the kernel each time: a program may move it by itself. */
void *sbrk(ptrdiff_t increment)
{
        long old = raw1(SYS_brk, 0);

        if (increment == 0)
                return (void *)old;
        if ((increment > 0 && old > INTPTR_MAX - increment) ||
            raw1(SYS_brk, old + increment) != old + increment) {
                errno = ENOMEM;
                return (void *)-1;
        }
        return (void *)old;
}
