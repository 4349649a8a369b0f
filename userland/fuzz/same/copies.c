/* SPDX-License-Identifier: MIT */
/*
 * Copies that the kernel makes from and to the arena, over whatever lies there: holes, read-only
 * pages, pages beyond a file's end, pages that are not there yet. Results and what arrived.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "userland/fuzz/same/same.h"

#define LEFT_WELL 33 /* what the child with a stack in the arena ends with */

static void put_span(const char *name, const uint64_t *a)
{
        put("%s(", name);
        put_place(a[0]);
        put(", %#lx) = ", a[1]);
}

/* The other end of copies into the arena: bytes that are known by the call and their place. */
static void fill(uint64_t length)
{
        for (uint64_t i = 0; i < length; i++)
                control->copy[i] = (unsigned char)(control->number + i + i / 251);
}

static void empty_pipe(void)
{
        unsigned long total = 0;
        long n;

        while (total < COPY_MAX &&
               (n = raw_call(NR_read, FD_DATA, control->copy + total, COPY_MAX - total)) > 0)
                total += (unsigned long)n;
        put(", came ");
        put_bytes(control->copy, total);
}

static void to_pipe(const uint64_t *a)
{
        put_span("write to a pipe", a);
        put_result(raw_call(NR_write, FD_DATA + 1, a[0], a[1]));
        empty_pipe();
}

static void from_pipe(const uint64_t *a)
{
        put_span("read from a pipe", a);
        fill(a[1]);
        put_result(raw_call(NR_write, FD_DATA + 1, control->copy, a[1]));
        put(" ");
        put_result(raw_call(NR_read, FD_DATA, a[0], a[1]));
        empty_pipe();
}

static void to_file(const uint64_t *a)
{
        put_span("pwrite", a);
        put_result(raw_call(NR_pwrite64, FD_FILE + a[2], a[0], a[1], a[3]));
}

static void from_file(const uint64_t *a)
{
        put_span("pread", a);
        put_result(raw_call(NR_pread64, FD_FILE + a[2], a[0], a[1], a[3]));
}

/* Three vectors, themselves in the arena, over a pipe. */
static void vectors(const uint64_t *a)
{
        const struct iovec iov[3] = { { (void *)a[1], a[2] },
                                      { (void *)a[3], 100 },
                                      { (void *)(a[1] + PAGE / 2), a[2] } };
        const struct iovec from = { (void *)(uintptr_t)iov, sizeof(iov) };
        const struct iovec to = { (void *)a[0], sizeof(iov) };
        bool reads = a[4] == VECTORS_READ;

        put_span(reads ? "readv from a pipe, vectors at" : "writev to a pipe, vectors at", a);
        put_result(raw_call(NR_process_vm_writev, raw_call(NR_getpid), &from, 1, &to, 1, 0));
        put(" ");
        if (reads) {
                fill(2 * a[2]);
                put_result(raw_call(NR_write, FD_DATA + 1, control->copy, 2 * a[2]));
                put(" ");
        }
        put_result(raw_call(reads ? NR_readv : NR_writev, reads ? FD_DATA : FD_DATA + 1, a[0], 3));
        empty_pipe();
}

static int pid_of(uint64_t number)
{
        const struct worker *w = &control->worker[number % WORKERS];

        return w->state == WORKER_LIVE || w->state == WORKER_BLOCKED ? w->pid
                                                                     : control->worker[0].pid;
}

static void vm_copy(const struct call *call)
{
        const uint64_t *a = call->a;
        const struct iovec local = { control->copy, a[1] };
        const struct iovec remote = { (void *)a[0], a[1] };
        bool writes = call->kind == CALL_VM_WRITE;
        long n;

        put_span(writes ? "process_vm_writev" : "process_vm_readv", a);
        if (writes)
                fill(a[1]);
        n = raw_call(writes ? NR_process_vm_writev : NR_process_vm_readv, pid_of(a[2]), &local, 1,
                     &remote, 1, 0);
        put_result(n);
        if (n > 0 && !writes) {
                put(" ");
                put_bytes(control->copy, (unsigned long)n);
        }
}

static void mem_copy(const struct call *call)
{
        const uint64_t *a = call->a;
        bool writes = call->kind == CALL_MEM_WRITE;
        char path[32];
        long fd, n;

        snprintf(path, sizeof(path), "/proc/%d/mem", pid_of(a[2]));
        fd = raw_call(NR_open, path, O_RDWR, 0);
        put_span(writes ? "write to mem" : "read from mem", a);
        if (writes)
                fill(a[1]);
        n = raw_call(writes ? NR_pwrite64 : NR_pread64, fd, control->copy, a[1], a[0]);
        put_result(n);
        if (n > 0 && !writes) {
                put(" ");
                put_bytes(control->copy, (unsigned long)n);
        }
        raw_call(NR_close, fd);
}

/* Calls that read or write something small. */
static void small(const uint64_t *a)
{
        unsigned long old = 0;

        put("struct %lu at ", a[1]);
        put_place(a[0]);
        put(" = ");
        switch ((enum structs)a[1]) {
        case STRUCT_LIMIT: put_result(raw_call(NR_prlimit64, 0, RLIMIT_CORE, 0, a[0])); break;
        case STRUCT_MASK: put_result(raw_call(NR_rt_sigprocmask, SIG_BLOCK, 0, a[0], 8)); break;
        case STRUCT_SET_MASK:
                raw_call(NR_rt_sigprocmask, SIG_BLOCK, 0, &old, 8);
                put_result(raw_call(NR_rt_sigprocmask, SIG_BLOCK, a[0], 0, 8));
                raw_call(NR_rt_sigprocmask, SIG_SETMASK, &old, 0, 8);
                break;
        case STRUCT_FUTEX:
                put_result(raw_call(NR_futex, a[0], FUTEX_WAIT, 0x7fffabcd, 0, 0, 0));
                break;
        default: put_result(raw_call(NR_mincore, ARENA, 3 * PAGE, a[0])); break;
        }
}

static void leave(int signo)
{
        (void)signo;
        raw_call(NR_exit_group, LEFT_WELL);
}

/* A child takes a signal on a stack in the arena, and ends in its handler, or by not having one. */
static void take_signal(const uint64_t *a)
{
        int status = 0;
        long pid;

        put_span("signal on a stack", a);
        if (state_is_shared(a[0], a[0] + a[1])) { /* it would show what is not the same */
                put("left out");
                return;
        }
        pid = raw_call(NR_clone, SIGCHLD, 0, 0, 0, 0);
        if (pid == 0) {
                struct sigaction action = { .sa_handler = leave, .sa_flags = SA_ONSTACK };
                stack_t alt = { .ss_sp = (void *)a[0], .ss_size = a[1] };

                sigaction(SIGUSR1, &action, NULL);
                if (sigaltstack(&alt, NULL) != 0)
                        raw_call(NR_exit_group, errno);
                raw_call(NR_kill, raw_call(NR_getpid), SIGUSR1);
                raw_call(NR_exit_group, 0);
        }
        if (pid > 0)
                raw_call(NR_wait4, pid, &status, 0, 0);
        else
                put_result(pid);
        put("status %x", status);
}

void copy_call(const struct call *call)
{
        const uint64_t *a = call->a;

        switch (call->kind) {
        case CALL_TO_PIPE: to_pipe(a); break;
        case CALL_FROM_PIPE: from_pipe(a); break;
        case CALL_TO_FILE: to_file(a); break;
        case CALL_FROM_FILE: from_file(a); break;
        case CALL_VECTORS: vectors(a); break;
        case CALL_VM_READ:
        case CALL_VM_WRITE: vm_copy(call); break;
        case CALL_MEM_READ:
        case CALL_MEM_WRITE: mem_copy(call); break;
        case CALL_STRUCT: small(a); break;
        case CALL_SIGNAL: take_signal(a); break;
        default: break;
        }
}
