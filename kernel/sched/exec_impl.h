/* SPDX-License-Identifier: MIT */
/* What the files of exec share among themselves. */
#ifndef KERNEL_SCHED_EXEC_IMPL_H
#define KERNEL_SCHED_EXEC_IMPL_H

#include "kernel/sched/exec.h"

#define EXEC_HEAD       256 /* bytes of a file that decide what it is */
#define SCRIPT_DEPTH    5
#define SCRIPT_ARGS_MAX (2 * SCRIPT_DEPTH + 1)

struct files;
struct sighand;

/* Where the arguments come from: user memory, or, for the first process, the kernel's. */
struct exec_source {
        const char *name;
        bool kernel;
        uaddr argv, envp;
        char *const *kernel_argv, *const *kernel_envp;
        long argc, envc; /* kernel only */
};

struct exec_script {
        unsigned nr;
        char *argv[SCRIPT_ARGS_MAX]; /* in the order of the final argv */
};

struct exec {
        const char *name;
        struct file *file; /* that is loaded: in the end an ELF file */
        u8 head[EXEC_HEAD];
        struct exec_script script; /* what #! lines put in front */
        struct exec_args args;
        struct elf_image image, interp;
        struct file *interp_file;
        struct mm *mm;
        struct sighand *sighand;
        struct files *files;
        u64 strings; /* address of the first string on the new stack */
        u64 vdso;    /* address of its ELF header */
        bool secure; /* AT_SECURE */
};

/* exec_script.c: follow #! lines until `file` is none; read its head. */
int script_resolve(struct exec *x);
void script_release(struct exec *x);

/* exec.c */
u64 exec_random_seed(void); /* for the layout of one program; 0: not randomised */
int source_add(struct exec_args *args, const struct exec_source *src, bool arg, long i);

/* exec_stack.c: everything below the strings; *sp is the initial stack pointer. */
int stack_fill(struct exec *x, const struct elf_loaded *prog, u64 interp_base, u64 *sp);

#endif
