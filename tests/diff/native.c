/* SPDX-License-Identifier: MIT */
/* This machine's Linux, as a side of the comparison. */
#define _GNU_SOURCE
#include "tests/diff/sides.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_mseal
#define SYS_mseal 462
#endif

/* arch/host asks the address sanitizer for it, which is not here. */
void __sanitizer_print_stack_trace(void);
void __sanitizer_print_stack_trace(void)
{
}

static sigjmp_buf escape;
static volatile struct outcome *caught;
static int pagemap;
static int turn[2]; /* a pipe: the parent is done, the child goes on */

static void on_fault(int signo, siginfo_t *info, void *context)
{
        (void)context;
        caught->signo = signo;
        caught->code = info->si_code;
        caught->addr = (uint64_t)info->si_addr;
        siglongjmp(escape, 1);
}

void native_start(void)
{
        struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK };
        static char stack[65536];
        stack_t alternate = { .ss_sp = stack, .ss_size = sizeof(stack) };

        sigaltstack(&alternate, NULL);
        sigaction(SIGSEGV, &action, NULL);
        sigaction(SIGBUS, &action, NULL);
        pagemap = open("/proc/self/pagemap", O_RDONLY);
        if (pagemap < 0 || pipe(turn))
                abort();
}

/*
 * The process that does not go on waits. A parent has to: whoever waits for it wants to know how
 * the round ended. A sibling is there for as long as its parent.
 */
static int64_t do_fork(enum fork_kind kind)
{
        pid_t parent = getpid(), pid = fork();
        int status;

        if (pid < 0)
                return -errno;
        if (kind == FORK_SIBLING && pid == 0) {
                prctl(PR_SET_PDEATHSIG, SIGKILL);
                while (getppid() == parent) /* it may be gone already */
                        pause();
                _exit(0);
        }
        if (kind == FORK_SIBLING)
                return 0;
        if (pid > 0) {
                if (kind == FORK_INHERITOR)
                        munmap((void *)ARENA, ARENA_PAGES * PAGE);
                write(turn[1], "", 1);
                waitpid(pid, &status, 0);
                _exit(status != 0);
        }
        alarm(ROUND_SECONDS);
        if (read(turn[0], &status, 1) != 1)
                abort();
        close(pagemap);
        pagemap = open("/proc/self/pagemap", O_RDONLY);
        return 0;
}

static int64_t call(long nr, const uint64_t *a)
{
        long result = syscall(nr, a[0], a[1], a[2], a[3], a[4], a[5]);

        return result == -1 ? -errno : result;
}

static void do_access(const struct op *op, struct outcome *out)
{
        volatile unsigned char *byte = (volatile unsigned char *)op->a[0];

        caught = out;
        if (sigsetjmp(escape, 1))
                return;
        if (op->kind == OP_WRITE)
                *byte = (unsigned char)op->a[1];
        else
                out->result = *byte;
}

/* What was placed outside the arena is taken away. */
static void discard(const struct op *op, int64_t result)
{
        uint64_t len = op->kind == OP_MMAP ? op->a[1] : op->a[2];

        if (result >= 0 && !in_arena((uint64_t)result) && result != 0)
                munmap((void *)result, len);
}

void native_do(const struct op *op, struct outcome *out)
{
        static const long numbers[OP_KINDS] = {
                [OP_MMAP] = SYS_mmap,         [OP_MUNMAP] = SYS_munmap,
                [OP_MPROTECT] = SYS_mprotect, [OP_MREMAP] = SYS_mremap,
                [OP_MADVISE] = SYS_madvise,   [OP_MLOCK] = SYS_mlock,
                [OP_MUNLOCK] = SYS_munlock,   [OP_MSEAL] = SYS_mseal,
                [OP_MSYNC] = SYS_msync,       [OP_MINCORE] = SYS_mincore,
        };
        struct op copy = *op;

        if (op->kind == OP_READ || op->kind == OP_WRITE) {
                do_access(op, out);
                return;
        }
        if (op->kind == OP_FORK) {
                out->result = do_fork(op->a[0]);
                return;
        }
        if (op->kind == OP_MINCORE)
                copy.a[2] = (uint64_t)out->vec;
        out->result = call(numbers[op->kind], copy.a);
        if (op->kind == OP_MMAP || op->kind == OP_MREMAP)
                discard(op, out->result);
}

/* ------------------------------------------------------------------ description */

static unsigned describe_vmas(char *text, unsigned size)
{
        FILE *smaps = fopen("/proc/self/smaps", "r");
        unsigned long start = 0, end = 0, offset = 0;
        unsigned len = 0;
        char line[512];

        while (fgets(line, sizeof(line), smaps)) {
                unsigned long from, to;

                if (sscanf(line, "%lx-%lx %*s %lx", &from, &to, &offset) == 3) {
                        start = from;
                        end = to;
                        continue;
                }
                if (start >= ARENA + ARENA_PAGES * PAGE)
                        break;
                if (end > ARENA && strncmp(line, "VmFlags: ", 9) == 0)
                        len += (unsigned)snprintf(text + len, size - len, "%ld-%ld +%lx %s",
                                                  ((long)start - (long)ARENA) / 4096,
                                                  ((long)end - (long)ARENA) / 4096, offset,
                                                  line + 9);
        }
        fclose(smaps);
        return len;
}

void native_describe(char *text, unsigned size)
{
        static uint64_t words[ARENA_PAGES];
        unsigned len = describe_vmas(text, size);

        if (pread(pagemap, words, sizeof(words), ARENA / PAGE * 8) != sizeof(words))
                abort();
        for (unsigned i = 0; i < ARENA_PAGES; i++) {
                struct op op = { .kind = OP_READ, .a = { ARENA + i * PAGE } };
                struct outcome out = { 0 };

                if (words[i] >> 63)
                        do_access(&op, &out);
                if (words[i])
                        len += (unsigned)snprintf(text + len, size - len, "%u:%lx:%ld ", i,
                                                  words[i] >> 55, (long)out.result);
        }
}
