/* SPDX-License-Identifier: MIT */
/* sysconf(3) and its kin: what there is of it, and -1 for what has no limit or is unknown. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>

static long limit_of(int resource)
{
        struct rlimit limit;

        if (getrlimit(resource, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
                return -1;
        return (long)limit.rlim_cur;
}

int get_nprocs(void)
{
        cpu_set_t set;

        if (sched_getaffinity(0, sizeof(set), &set) != 0)
                return 1;
        return CPU_COUNT(&set);
}

int get_nprocs_conf(void)
{
        return get_nprocs();
}

static long pages(int available)
{
        struct sysinfo info;

        if (sysinfo(&info) != 0)
                return -1;
        return (long)((available ? info.freeram : info.totalram) * info.mem_unit / 4096);
}

long get_phys_pages(void)
{
        return pages(0);
}

long get_avphys_pages(void)
{
        return pages(1);
}

long sysconf(int name)
{
        switch (name) {
        case _SC_ARG_MAX: return limit_of(RLIMIT_STACK) / 4;
        case _SC_CHILD_MAX: return limit_of(RLIMIT_NPROC);
        case _SC_CLK_TCK: return 100;
        case _SC_NGROUPS_MAX: return NGROUPS_MAX;
        case _SC_OPEN_MAX: return limit_of(RLIMIT_NOFILE);
        case _SC_PAGESIZE: return 4096;
        case _SC_NPROCESSORS_CONF:
        case _SC_NPROCESSORS_ONLN: return get_nprocs();
        case _SC_PHYS_PAGES: return get_phys_pages();
        case _SC_AVPHYS_PAGES: return get_avphys_pages();
        case _SC_IOV_MAX: return IOV_MAX;
        case _SC_HOST_NAME_MAX: return HOST_NAME_MAX;
        case _SC_LOGIN_NAME_MAX: return LOGIN_NAME_MAX;
        case _SC_TTY_NAME_MAX: return TTY_NAME_MAX;
        case _SC_SYMLOOP_MAX: return -1;
        case _SC_LINE_MAX: return LINE_MAX;
        case _SC_RTSIG_MAX: return RTSIG_MAX;
        case _SC_SEM_VALUE_MAX: return SEM_VALUE_MAX;
        case _SC_THREAD_KEYS_MAX: return PTHREAD_KEYS_MAX;
        case _SC_THREAD_STACK_MIN: return PTHREAD_STACK_MIN;
        case _SC_THREAD_DESTRUCTOR_ITERATIONS: return PTHREAD_DESTRUCTOR_ITERATIONS;
        case _SC_GETPW_R_SIZE_MAX:
        case _SC_GETGR_R_SIZE_MAX: return 1024;
        case _SC_VERSION:
        case _SC_FSYNC:
        case _SC_MAPPED_FILES:
        case _SC_MEMLOCK:
        case _SC_MEMLOCK_RANGE:
        case _SC_MEMORY_PROTECTION:
        case _SC_MONOTONIC_CLOCK:
        case _SC_REALTIME_SIGNALS:
        case _SC_SEMAPHORES:
        case _SC_THREADS:
        case _SC_BARRIERS:
        case _SC_READER_WRITER_LOCKS: return 200809L;
        case _SC_JOB_CONTROL:
        case _SC_SAVED_IDS: return 1;
        default: errno = EINVAL; return -1;
        }
}

long fpathconf(int fd, int name)
{
        (void)fd;
        switch (name) {
        case _PC_LINK_MAX: return LINK_MAX;
        case _PC_MAX_CANON: return MAX_CANON;
        case _PC_MAX_INPUT: return MAX_INPUT;
        case _PC_NAME_MAX: return NAME_MAX;
        case _PC_PATH_MAX: return PATH_MAX;
        case _PC_PIPE_BUF: return PIPE_BUF;
        case _PC_CHOWN_RESTRICTED:
        case _PC_NO_TRUNC: return 1;
        case _PC_VDISABLE: return 0;
        default: errno = EINVAL; return -1;
        }
}

long pathconf(const char *path, int name)
{
        (void)path;
        return fpathconf(-1, name);
}

size_t confstr(int name, char *buf, size_t len)
{
        const char *value = name == _CS_PATH ? "/bin:/usr/bin" : NULL;

        if (!value) {
                errno = EINVAL;
                return 0;
        }
        if (buf && len > 0)
                snprintf(buf, len, "%s", value);
        return strlen(value) + 1;
}

int getdtablesize(void)
{
        return (int)limit_of(RLIMIT_NOFILE);
}

long gethostid(void)
{
        return 0;
}
