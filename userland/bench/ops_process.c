/* SPDX-License-Identifier: MIT */
/* fork, exec and exit. */
#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

#include "userland/bench/bench.h"

static void await(pid_t child)
{
        int status;

        if (waitpid(child, &status, 0) != child || status != 0)
                bench_failed("waiting for a child");
}

static int fork_run(const struct op *op)
{
        pid_t child = fork();

        (void)op;
        if (child < 0)
                return errno;
        if (child == 0)
                _exit(0);
        await(child);
        return 0;
}

static int exec_run(const struct op *op)
{
        char *argv[] = { "bench", "--exit", NULL };
        char *envp[] = { NULL };
        pid_t child = fork();

        (void)op;
        if (child < 0)
                return errno;
        if (child == 0) {
                execve("/proc/self/exe", argv, envp);
                _exit(1);
        }
        await(child);
        return 0;
}

static void resident_begin(const struct op *op)
{
        bench_map(PLACE_A, op->n, 1);
}

static void mapped_begin(const struct op *op)
{
        bench_raise_map_count(op->n + 1000);
        bench_stripes(PLACE_A, op->n, 0);
}

static void resident_end(const struct op *op)
{
        bench_unmap(PLACE_A, op->n);
}

static void mapped_end(const struct op *op)
{
        bench_unmap(PLACE_A, op->n * PAGE);
}

#define FORK_PAGES(name_, bytes)                                                              \
        {                                                                                     \
                .name = name_, .what = "fork, exit and wait4 with so many bytes of memory",   \
                .family = "fork by pages", .n = (bytes), .units = 1, .begin = resident_begin, \
                .run = fork_run, .end = resident_end                                          \
        }
#define FORK_VMAS(name_, count)                                                                \
        {                                                                                      \
                .name = name_, .what = "fork, exit and wait4 with so many mappings",           \
                .family = "fork by mappings", .n = (count), .units = 1, .begin = mapped_begin, \
                .run = fork_run, .end = mapped_end                                             \
        }

static const struct op ops[] = {
        { .name = "fork",
          .what = "fork, exit and wait4 of a small process",
          .units = 1,
          .run = fork_run },
        FORK_PAGES("fork-4M", 4 * MIB),
        FORK_PAGES("fork-16M", 16 * MIB),
        FORK_PAGES("fork-64M", 64 * MIB),
        FORK_VMAS("fork-100-vmas", 100),
        FORK_VMAS("fork-1000-vmas", 1000),
        FORK_VMAS("fork-10000-vmas", 10000),
        { .name = "exec",
          .what = "fork, execve of this program, exit and wait4",
          .units = 1,
          .run = exec_run },
};
const struct op_table process_ops = bench_table(ops);
