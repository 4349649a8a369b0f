/* SPDX-License-Identifier: MIT */
/*
 * The system-call table, built from syscalls.def, which the machine calls out of. All handlers are
 * called in one way, with six registers; one that takes fewer or narrower arguments ignores the
 * rest. A number without a handler answers ENOSYS, and the log says so once. What is to be traced
 * takes another table, so that calls cost nothing more as long as nobody asks for that.
 */
#include "kernel/sys/syscall.h"
#include "kernel/base/log.h"
#include "kernel/base/string.h"
#include "kernel/sched/process.h"
#include "kernel/sched/strace.h"
#include "kernel/sys/trap.h"
#include "mm/slab.h"

typedef long syscall_fn(u64, u64, u64, u64, u64, u64);

/* Only the addresses matter here; the prototypes are in the headers of each area. */
#define SYSCALL(nr, name, signature) void sys_##name(void);
#include "kernel/sys/syscalls.def"
#undef SYSCALL

#define SYSCALL_MAX TRAP_SYSCALLS

static long call_missing(void);

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverride-init"
static trap_syscall_fn *const handlers[SYSCALL_MAX + 1] = {
        [0 ... SYSCALL_MAX] = (trap_syscall_fn *)call_missing,
#define SYSCALL(nr, name, signature) [nr] = sys_##name,
#include "kernel/sys/syscalls.def"
#undef SYSCALL
};
#pragma GCC diagnostic pop

trap_syscall_fn *const *trap_syscalls = handlers;

static const struct {
        const char *name, *signature;
} descriptions[SYSCALL_MAX] = {
#define SYSCALL(nr, name, signature) [nr] = { #name, signature },
#include "kernel/sys/syscalls.def"
#undef SYSCALL
};

/* ------------------------------------------------------------------ strace= */

static long call_traced(u64 a, u64 b, u64 c, u64 d, u64 e, u64 f);

/* The table from the first traced call on. */
static trap_syscall_fn *traced[SYSCALL_MAX + 1];

static bool trace_name(const char *name, size_t len)
{
        bool all = len == 3 && !strncmp(name, "all", 3), found = all;

        for (unsigned nr = 0; nr < SYSCALL_MAX; nr++) {
                const char *have = descriptions[nr].name;

                if (!have || !(all || (strlen(have) == len && !strncmp(have, name, len))))
                        continue;
                traced[nr] = (trap_syscall_fn *)call_traced;
                found = true;
        }
        return found;
}

void syscall_strace(const char *names)
{
        memcpy(traced, handlers, sizeof(handlers));
        while (*names) {
                const char *end = strchr(names, ',') ? strchr(names, ',') : names + strlen(names);

                if (end > names && !trace_name(names, (size_t)(end - names)))
                        log_warn("strace: there is no system call %.*s", (int)(end - names), names);
                names = *end ? end + 1 : end;
        }
        trap_syscalls = traced;
        strace_begin();
}

/* ------------------------------------------------------------------ calls */

/* What the calling thread has called, whichever handler runs. */
static u64 call_number(void)
{
        return task_frame(current_task())->orig_rax;
}

static long call_missing(void)
{
        static u8 logged[SYSCALL_MAX + 1]; /* the last stands for every number past the table */
        u64 nr = call_number(), slot = min_u64(nr, SYSCALL_MAX);

        if (!logged[slot]) {
                struct task *me = current_task();

                logged[slot] = 1;
                log_warn("system call %lld is not there (%s, pid %d)", (long long)nr, me->comm,
                         me->process->pid);
        }
        return -ENOSYS;
}

/* The number is asked for first: execve() and rt_sigreturn() leave another frame behind. */
static long call_traced(u64 a, u64 b, u64 c, u64 d, u64 e, u64 f)
{
        const u64 nr = call_number(), args[] = { a, b, c, d, e, f };
        long result = ((syscall_fn *)handlers[nr])(a, b, c, d, e, f);

        strace_call(descriptions[nr].name, args, (unsigned)strlen(descriptions[nr].signature),
                    result);
        return result;
}

/* ------------------------------------------------------------------ copies */

int copy_in(void *dst, uaddr src, size_t n)
{
        return user_copy_in(dst, src, n) ? -EFAULT : 0;
}

int copy_out(uaddr dst, const void *src, size_t n)
{
        return user_copy_out(dst, src, n) ? -EFAULT : 0;
}

ssize_t string_in(char *dst, uaddr src, size_t size)
{
        size_t done = 0;

        while (done < size) {
                /* Not across a page: the string may end before one that is not there. */
                size_t part = min_u64(size - done, PAGE_SIZE - ((src + done) & ~PAGE_MASK));
                size_t len;

                if (user_copy_in(dst + done, src + done, part))
                        return -EFAULT;
                len = strnlen(dst + done, part);
                done += len;
                if (len < part)
                        return done;
        }
        return -ENAMETOOLONG;
}

int path_get(uaddr src, char **out)
{
        char *path = kmalloc(PATH_MAX);
        ssize_t n;

        if (!path)
                return -ENOMEM;
        n = string_in(path, src, PATH_MAX);
        if (n < 0) {
                kfree(path);
                return n;
        }
        *out = path;
        return 0;
}

int string_buffer(char **out)
{
        *out = kmalloc(PATH_MAX);
        return *out ? 0 : -ENOMEM;
}

void path_put(char *path)
{
        kfree(path);
}
