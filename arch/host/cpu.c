/* SPDX-License-Identifier: MIT */
/*
 * The rest of the host machine's processor: interrupts that never come, random numbers that are
 * always the same, a log that goes to standard error, a panic that ends the process.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <sanitizer/common_interface_defs.h>

#include "arch/boot.h"
#include "arch/cpu.h"
#include "arch/host/host.h"
#include "kernel/base/assert.h"
#include "kernel/base/log.h"
#include "kernel/base/printf.h"

bool host_panic_backtrace = true;

static bool irqs_off;
static u64 random_state = 0x2545f4914f6cdd1dULL;

unsigned long cpu_irq_save(void)
{
        unsigned long state = irqs_off;

        irqs_off = true;
        return state;
}

void cpu_irq_restore(unsigned long state)
{
        irqs_off = state;
}

bool cpu_irqs_enabled(void)
{
        return !irqs_off;
}

_Noreturn void cpu_halt(void)
{
        abort();
}

u64 clock_boot_unix_ns(void)
{
        return 1577836800ULL * 1000000000; /* 2020-01-01, as the guests of the checks are given */
}

void timer_arm(u64 deadline_ns)
{
        (void)deadline_ns; /* park() knows its deadlines itself */
}

void cpu_random_seed(u64 seed)
{
        random_state = seed ? seed : 1;
}

void cpu_random(void *buf, size_t len)
{
        u8 *p = buf;

        for (size_t i = 0; i < len; i++) {
                random_state ^= random_state << 13;
                random_state ^= random_state >> 7;
                random_state ^= random_state << 17;
                p[i] = random_state >> 32;
        }
}

u64 cpu_hwcap(void)
{
        return 0;
}

u64 cpu_hwcap2(void)
{
        return 0;
}

_Noreturn void panic(const char *fmt, ...)
{
        va_list ap;

        fflush(stdout);
        fputs("panic: ", stderr);
        va_start(ap, fmt);
        vfprintf(stderr, fmt, ap);
        va_end(ap);
        fputc('\n', stderr);
        if (host_panic_backtrace)
                __sanitizer_print_stack_trace();
        abort();
}

void klog(enum log_level level, const char *fmt, ...)
{
        static const char *const names[] = { "error", "warning", "info", "debug" };
        va_list ap;

        fprintf(stderr, "log %s: ", names[level]);
        va_start(ap, fmt);
        vfprintf(stderr, fmt, ap);
        va_end(ap);
        fputc('\n', stderr);
}

void log_add_sink(struct log_sink *sink)
{
        (void)sink;
}

int scnprintf(char *buf, size_t size, const char *fmt, ...)
{
        va_list ap;
        int n;

        va_start(ap, fmt);
        n = vsnprintf(buf, size, fmt, ap);
        va_end(ap);
        if (size == 0)
                return 0;
        return (size_t)n < size ? n : (int)size - 1;
}
