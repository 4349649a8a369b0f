/* SPDX-License-Identifier: MIT */
/*
 * exec: the arguments on their way to the new stack, the ELF file as a plan, and the call.
 *
 *      open, #! lines -> arguments collected -> ELF header read -> new address space, stack filled
 *      ---- point of no return: other threads end, the old memory goes ----
 *      segments mapped -> auxiliary vector -> registers
 *
 * Up to the point an error is returned and nothing has changed. After it the process is killed.
 */
#ifndef KERNEL_SCHED_EXEC_H
#define KERNEL_SCHED_EXEC_H

#include "kernel/base/abi/elf.h"
#include "kernel/base/list.h"
#include "kernel/base/types.h"
#include "mm/mm.h"

struct file;

/* ------------------------------------------------------------------ exec_args.c */

/*
 * The strings of the new stack, in the order in which they lie there: argv, envp, the file's name.
 * They are kept in page-sized chunks, because they may be megabytes.
 */
struct exec_args {
        struct list chunks;
        u64 bytes, limit; /* of strings so far, and at most */
        unsigned argc, envc;
        u64 name_offset; /* of the file's name */
};

void args_init(struct exec_args *args);
void args_release(struct exec_args *args);
/* One more string. -E2BIG, -ENOMEM, -EFAULT. */
int args_add_kernel(struct exec_args *args, const char *string);
int args_add_user(struct exec_args *args, uaddr string);
/* How many pointers there are before the NULL; -EFAULT, -E2BIG. A NULL array is empty. */
long args_count_user(uaddr array);
/*
 * args->limit for so many pointers: a quarter of RLIMIT_STACK holds both, in bounds of its own, and
 * the strings keep to RLIMIT_STACK and RLIMIT_AS. -E2BIG.
 */
int args_set_limit(struct exec_args *args, u64 pointers, const struct mm_caller *who);
/* All of it to `dst` in another address space. -EFAULT */
int args_write(const struct exec_args *args, struct mm *mm, const struct mm_caller *who, u64 dst);
/* The two pointer arrays with their NULLs to `dst` in this one; the strings are at `strings`. */
int args_write_pointers(const struct exec_args *args, u64 dst, u64 strings);
/* Where the environment begins, relative to the first string. */
u64 args_env_offset(const struct exec_args *args);

/* ------------------------------------------------------------------ elf.c */

#define ELF_INTERP_MAX 4096

/* A file that may be executed: what its headers say, checked as far as Linux checks before the
 * point of no return. */
struct elf_image {
        struct elf64_ehdr header;
        struct elf64_phdr *phdrs; /* header.phnum */
        bool stack_executable;
        char *interp; /* path, or NULL */
};

/* Reads `len` bytes at `offset` of whatever `file` is; the number read or -errno. */
typedef ssize_t elf_read_fn(void *file, void *buf, size_t len, u64 offset);

/* `head` is the first 256 bytes of the file, zero-filled. -ENOEXEC, -ENOMEM, -EIO. */
int elf_open(struct elf_image *image, const u8 *head, elf_read_fn *read, void *file);
void elf_close(struct elf_image *image);
/* Bytes from the first page of the first loaded segment to the end of the last; 0: senseless. */
u64 elf_total_size(const struct elf_image *image);
/* The largest p_align of a loaded segment that is a power of two, at least a page. */
u64 elf_alignment(const struct elf_image *image);

/* ------------------------------------------------------------------ elf_load.c */

struct elf_loaded {
        u64 bias, entry, phdr;
        u64 brk; /* end of the last segment */
        struct mm_image image;
};
/* Map the segments into the current address space. -EINVAL, -ENOMEM, -EFAULT, -ENOEXEC. */
int elf_load(const struct elf_image *image, struct file *file, struct elf_loaded *out);

/* ------------------------------------------------------------------ exec.c */

/*
 * To be asked before the file is looked at. -EAGAIN: the calling thread has become a user with more
 * tasks than RLIMIT_NPROC, and there still are.
 */
int exec_check(void);

/*
 * execve by the calling thread: does not return to the old program on success (0), which goes on in
 * the new one. `file` is consumed; `name` is the path as the caller gave it.
 */
int exec_run(struct file *file, const char *name, uaddr argv, uaddr envp);
/* The same with arguments in kernel memory: for the first process. */
void exec_set_aslr(u64 seed); /* 0: addresses are not randomised */
int exec_run_kernel(struct file *file, const char *name, char *const argv[], char *const envp[]);

#endif
