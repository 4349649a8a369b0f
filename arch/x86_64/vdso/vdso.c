/* SPDX-License-Identifier: MIT */
/*
 * The functions of the vdso (vdso(7)). This file runs in programs: it is compiled on its own,
 * linked into an image with nothing else, and refers to nothing but its own text and the data page,
 * which lies at a fixed distance before it (vdso.ld).
 *
 * What cannot be told from the data page is asked of the kernel, with the kernel's errno. An
 * address that cannot be written is a SIGSEGV of the program, as on Linux, not EFAULT. There is no
 * __vdso_getrandom here.
 */
#include "arch/x86_64/vdso/data.h"
#include "kernel/base/abi/time.h"

#define SYS_gettimeofday  96
#define SYS_time          201
#define SYS_clock_gettime 228
#define SYS_clock_getres  229

#define COARSE_RES_NS 4000000 /* as the system call says */

extern const struct vdso_data vdso_data __attribute__((visibility("hidden")));

/* The names that programs look for; those without the prefix are weak, as on Linux. */
#define EXPORT(name) __asm__("__vdso_" #name)
#define ALIAS(name)  __asm__(#name) __attribute__((weak, alias("__vdso_" #name)))

long vdso_clock_gettime(int id, struct timespec64 *out) EXPORT(clock_gettime);
long vdso_clock_getres(int id, struct timespec64 *out) EXPORT(clock_getres);
long vdso_gettimeofday(struct timeval64 *tv, struct timezone_abi *tz) EXPORT(gettimeofday);
s64 vdso_time(s64 *out) EXPORT(time);
long vdso_getcpu(u32 *cpu, u32 *node, void *unused) EXPORT(getcpu);

static long system_call(long nr, long a, long b)
{
        long result;

        asm volatile("syscall" : "=a"(result) : "a"(nr), "D"(a), "S"(b) : "rcx", "r11", "memory");
        return result;
}

/* Not before what comes before it in the program: a time may not be older than what it has seen. */
static u64 tsc_read(void)
{
        u32 low, high;

        asm volatile("lfence; rdtsc" : "=a"(low), "=d"(high) : : "memory");
        return (u64)high << 32 | low;
}

/* Nanoseconds since boot, and the wall clock's at boot. False: ask the kernel. */
static bool now(u64 *ns, u64 *boot)
{
        const volatile struct vdso_data *data = &vdso_data;
        u32 seq;

        do {
                seq = __atomic_load_n(&data->seq, __ATOMIC_ACQUIRE);
                if (data->mode != VDSO_CLOCK_TSC)
                        return false;
                *ns = vdso_ns(tsc_read() - data->tsc_base, data->ns_per_tsc);
                *boot = data->boot_unix;
                __atomic_thread_fence(__ATOMIC_ACQUIRE);
        } while ((seq & 1) || seq != __atomic_load_n(&data->seq, __ATOMIC_RELAXED));
        return true;
}

long vdso_clock_gettime(int id, struct timespec64 *out)
{
        u64 ns, boot;

        switch (id) {
        case CLOCK_REALTIME:
        case CLOCK_REALTIME_COARSE:
        case CLOCK_TAI:
        case CLOCK_MONOTONIC:
        case CLOCK_MONOTONIC_RAW:
        case CLOCK_MONOTONIC_COARSE:
        case CLOCK_BOOTTIME: break;
        default: return system_call(SYS_clock_gettime, id, (long)out);
        }
        if (!now(&ns, &boot))
                return system_call(SYS_clock_gettime, id, (long)out);
        if (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE || id == CLOCK_TAI)
                ns += boot;
        out->sec = (s64)(ns / NSEC_PER_SEC);
        out->nsec = (s64)(ns % NSEC_PER_SEC);
        return 0;
}

long vdso_clock_getres(int id, struct timespec64 *out)
{
        s64 res = 1;

        switch (id) {
        case CLOCK_REALTIME_COARSE:
        case CLOCK_MONOTONIC_COARSE: res = COARSE_RES_NS; break;
        case CLOCK_REALTIME:
        case CLOCK_TAI:
        case CLOCK_MONOTONIC:
        case CLOCK_MONOTONIC_RAW:
        case CLOCK_BOOTTIME: break;
        default: return system_call(SYS_clock_getres, id, (long)out);
        }
        if (out) {
                out->sec = 0;
                out->nsec = res;
        }
        return 0;
}

long vdso_gettimeofday(struct timeval64 *tv, struct timezone_abi *tz)
{
        u64 ns, boot;

        if (!now(&ns, &boot))
                return system_call(SYS_gettimeofday, (long)tv, (long)tz);
        ns += boot;
        if (tv) {
                tv->sec = (s64)(ns / NSEC_PER_SEC);
                tv->usec = (s64)(ns % NSEC_PER_SEC / NSEC_PER_USEC);
        }
        if (tz) {
                tz->minutes_west = 0;
                tz->dst = 0;
        }
        return 0;
}

s64 vdso_time(s64 *out)
{
        u64 ns, boot;
        s64 sec;

        if (!now(&ns, &boot))
                return system_call(SYS_time, (long)out, 0);
        sec = (s64)((ns + boot) / NSEC_PER_SEC);
        if (out)
                *out = sec;
        return sec;
}

/* There is one processor. */
long vdso_getcpu(u32 *cpu, u32 *node, void *unused)
{
        (void)unused;
        if (cpu)
                *cpu = 0;
        if (node)
                *node = 0;
        return 0;
}

long plain_clock_gettime(int id, struct timespec64 *out) ALIAS(clock_gettime);
long plain_clock_getres(int id, struct timespec64 *out) ALIAS(clock_getres);
long plain_gettimeofday(struct timeval64 *tv, struct timezone_abi *tz) ALIAS(gettimeofday);
s64 plain_time(s64 *out) ALIAS(time);
long plain_getcpu(u32 *cpu, u32 *node, void *unused) ALIAS(getcpu);
