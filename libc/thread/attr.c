/* SPDX-License-Identifier: MIT */
/* Thread attributes, names, scheduling of single threads. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include "thread.h"
#include "../system/raw.h"

#define NAME_LEN 16

int pthread_attr_init(pthread_attr_t *attr)
{
        *attr = (pthread_attr_t){ 0 };
        return 0;
}

int pthread_attr_destroy(pthread_attr_t *attr)
{
        (void)attr;
        return 0;
}

int pthread_attr_setdetachstate(pthread_attr_t *attr, int state)
{
        if (state != PTHREAD_CREATE_JOINABLE && state != PTHREAD_CREATE_DETACHED)
                return EINVAL;
        attr->detached = state;
        return 0;
}

int pthread_attr_getdetachstate(const pthread_attr_t *attr, int *state)
{
        *state = attr->detached;
        return 0;
}

int pthread_attr_setstacksize(pthread_attr_t *attr, size_t size)
{
        if (size < PTHREAD_STACK_MIN)
                return EINVAL;
        attr->stack_len = size;
        return 0;
}

int pthread_attr_getstacksize(const pthread_attr_t *attr, size_t *size)
{
        *size = attr->stack_len ? attr->stack_len : THREAD_DEFAULT_STACK;
        return 0;
}

int pthread_attr_setstack(pthread_attr_t *attr, void *stack, size_t size)
{
        if (size < PTHREAD_STACK_MIN)
                return EINVAL;
        attr->stack = stack;
        attr->stack_len = size;
        return 0;
}

int pthread_attr_getstack(const pthread_attr_t *attr, void **stack, size_t *size)
{
        *stack = attr->stack;
        return pthread_attr_getstacksize(attr, size);
}

int pthread_attr_setguardsize(pthread_attr_t *attr, size_t size)
{
        attr->guard_len = size;
        attr->guard_set = 1;
        return 0;
}

int pthread_attr_getguardsize(const pthread_attr_t *attr, size_t *size)
{
        *size = attr->guard_set ? attr->guard_len : 4096;
        return 0;
}

int pthread_attr_setinheritsched(pthread_attr_t *attr, int inherit)
{
        if (inherit != PTHREAD_INHERIT_SCHED && inherit != PTHREAD_EXPLICIT_SCHED)
                return EINVAL;
        attr->inherit = inherit;
        return 0;
}

int pthread_attr_getinheritsched(const pthread_attr_t *attr, int *inherit)
{
        *inherit = attr->inherit;
        return 0;
}

int pthread_attr_setschedpolicy(pthread_attr_t *attr, int policy)
{
        attr->policy = policy;
        return 0;
}

int pthread_attr_getschedpolicy(const pthread_attr_t *attr, int *policy)
{
        *policy = attr->policy;
        return 0;
}

int pthread_attr_setschedparam(pthread_attr_t *attr, const struct sched_param *param)
{
        attr->param = *param;
        return 0;
}

int pthread_attr_getschedparam(const pthread_attr_t *attr, struct sched_param *param)
{
        *param = attr->param;
        return 0;
}

int pthread_attr_setscope(pthread_attr_t *attr, int scope)
{
        if (scope != PTHREAD_SCOPE_SYSTEM)
                return scope == PTHREAD_SCOPE_PROCESS ? ENOTSUP : EINVAL;
        attr->scope = scope;
        return 0;
}

int pthread_attr_getscope(const pthread_attr_t *attr, int *scope)
{
        *scope = attr->scope;
        return 0;
}

/* The first thread's stack is not known exactly: its limit is the size, its end near here. */
int pthread_getattr_np(pthread_t t, pthread_attr_t *attr)
{
        *attr = (pthread_attr_t){ .stack = t->stack, .stack_len = t->stack_len };
        attr->guard_len = t->guard_len;
        attr->guard_set = 1;
        attr->detached = t->state == THREAD_DETACHED;
        if (!t->stack) {
                struct rlimit limit;
                unsigned long top = ((unsigned long)__builtin_frame_address(0) | 0xffff) + 1;

                getrlimit(RLIMIT_STACK, &limit);
                attr->stack_len = limit.rlim_cur == RLIM_INFINITY ? 8UL << 20 : limit.rlim_cur;
                attr->stack = (void *)(top - attr->stack_len);
        }
        return 0;
}

static void comm_path(char path[48], pthread_t t)
{
        snprintf(path, 48, "/proc/self/task/%d/comm", t->tid);
}

int pthread_setname_np(pthread_t t, const char *name)
{
        char path[48];
        int fd, error = 0;

        if (strlen(name) >= NAME_LEN)
                return ERANGE;
        if (t == thread_self())
                return prctl(PR_SET_NAME, name, 0L, 0L, 0L) == 0 ? 0 : errno;
        comm_path(path, t);
        fd = open(path, O_WRONLY | O_CLOEXEC);
        if (fd < 0)
                return errno;
        if (write(fd, name, strlen(name)) < 0)
                error = errno;
        close(fd);
        return error;
}

int pthread_getname_np(pthread_t t, char *name, size_t len)
{
        char path[48];
        ssize_t n;
        int fd;

        if (len < NAME_LEN)
                return ERANGE;
        if (t == thread_self())
                return prctl(PR_GET_NAME, name, 0L, 0L, 0L) == 0 ? 0 : errno;
        comm_path(path, t);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return errno;
        n = read(fd, name, len);
        close(fd);
        if (n <= 0)
                return EIO;
        name[n - 1] = '\0'; /* in place of the newline */
        return 0;
}

int pthread_getschedparam(pthread_t t, int *policy, struct sched_param *param)
{
        int r = sched_getscheduler(t->tid);

        if (r < 0 || sched_getparam(t->tid, param) != 0)
                return errno;
        *policy = r;
        return 0;
}

int pthread_setschedparam(pthread_t t, int policy, const struct sched_param *param)
{
        return (int)-raw3(SYS_sched_setscheduler, t->tid, policy, (long)param);
}

int pthread_setschedprio(pthread_t t, int priority)
{
        struct sched_param param = { .sched_priority = priority };

        return (int)-raw2(SYS_sched_setparam, t->tid, (long)&param);
}

int pthread_setaffinity_np(pthread_t t, size_t size, const cpu_set_t *set)
{
        return (int)-raw3(SYS_sched_setaffinity, t->tid, (long)size, (long)set);
}

int pthread_getaffinity_np(pthread_t t, size_t size, cpu_set_t *set)
{
        return sched_getaffinity(t->tid, size, set) == 0 ? 0 : errno;
}

/* Linux's numbering: the thread id, inverted, above three bits that say "CPU time of a thread". */
int pthread_getcpuclockid(pthread_t t, clockid_t *clock)
{
        *clock = (~t->tid) * 8 + 6;
        return 0;
}

int pthread_setconcurrency(int level)
{
        return level < 0 ? EINVAL : 0;
}

int pthread_getconcurrency(void)
{
        return 0;
}

void pthread_yield(void)
{
        sched_yield();
}
