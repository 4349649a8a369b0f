/* SPDX-License-Identifier: MIT */
/*
 * From the kernel's entry to main(): the initial stack is read, the first thread gets its
 * thread-local storage, constructors run, and what main returns goes to exit().
 */
#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <errno.h>
#include <sys/auxv.h>
#include "start.h"
#include "../thread/thread.h"

typedef void (*hook)(void);

extern hook __preinit_array_start[], __preinit_array_end[];
extern hook __init_array_start[], __init_array_end[];
extern hook __fini_array_start[], __fini_array_end[];

char **environ;
char *program_invocation_name = "";
char *program_invocation_short_name = "";

static const Elf64_auxv_t *auxv;

unsigned long getauxval(unsigned long type)
{
        for (const Elf64_auxv_t *a = auxv; a->a_type != AT_NULL; a++)
                if (a->a_type == type)
                        return a->a_un.a_val;
        errno = ENOENT;
        return 0;
}

static void run_fini(void)
{
        for (size_t i = (size_t)(__fini_array_end - __fini_array_start); i > 0; i--)
                __fini_array_start[i - 1]();
}

static void run_init(int argc, char **argv, char **envp)
{
        for (hook *f = __preinit_array_start; f < __preinit_array_end; f++)
                (*f)();
        for (hook *f = __init_array_start; f < __init_array_end; f++)
                ((void (*)(int, char **, char **))(*f))(argc, argv, envp);
}

static void set_program_name(char *name)
{
        char *slash = strrchr(name, '/');

        program_invocation_name = name;
        program_invocation_short_name = slash ? slash + 1 : name;
}

void start_program(long *stack, int (*main)(int, char **, char **))
{
        int argc = (int)stack[0];
        char **argv = (char **)(stack + 1);
        char **envp = argv + argc + 1;
        char **end = envp;

        while (*end)
                end++;
        environ = envp;
        auxv = (const Elf64_auxv_t *)(end + 1);
        thread_init_first();
        if (argc > 0)
                set_program_name(argv[0]);
        atexit(run_fini);
        run_init(argc, argv, envp);
        exit(main(argc, argv, envp));
}
