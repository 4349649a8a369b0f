/* SPDX-License-Identifier: MIT */
/* newlib's <unistd.h> and the calls that Linux programs find there besides. */
#ifndef TERRANE_UNISTD_H
#define TERRANE_UNISTD_H

#include_next <unistd.h>

#ifndef _CS_PATH
#define _CS_PATH 0
#endif

#define CLOSE_RANGE_UNSHARE 2
#define CLOSE_RANGE_CLOEXEC 4

__BEGIN_DECLS
pid_t gettid(void);
pid_t vfork(void) __attribute__((returns_twice));
int brk(void *addr);
int execveat(int dirfd, const char *path, char *const argv[], char *const envp[], int flags);
int execvpe(const char *file, char *const argv[], char *const envp[]);
int setresuid(uid_t real, uid_t effective, uid_t saved);
int setresgid(gid_t real, gid_t effective, gid_t saved);
int getresuid(uid_t *real, uid_t *effective, uid_t *saved);
int getresgid(gid_t *real, gid_t *effective, gid_t *saved);
int syncfs(int fd);
int close_range(unsigned first, unsigned last, int flags);
long syscall(long number, ...);
__END_DECLS

#endif
