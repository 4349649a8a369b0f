/* SPDX-License-Identifier: MIT */
/*
 * The kernel log: format a line, keep it in a ring, hand it to the sinks.
 *
 * The ring is addressed by the number of bytes ever written; byte n lies at n % RING_SIZE. One
 * lock guards ring and sinks, with interrupts disabled, so lines never mix. A sink's write() must
 * not log: a line that is logged while this CPU holds the lock is dropped rather than deadlocked.
 */
#include "kernel/base/log.h"
#include "kernel/base/atomic.h"
#include "kernel/base/printf.h"
#include "kernel/base/string.h"

#define RING_SIZE (64 * 1024UL)
#define LINE_MAX  512

static char ring[RING_SIZE];
static u64 ring_end; /* bytes ever written */
static struct log_sink *sinks;
static int threshold = LOG_INFO; /* -1: nothing */
static bool dying;
static atomic_t locked;
static struct log_machine machine;

static bool log_lock(unsigned long *irq)
{
        *irq = machine.irq_save ? machine.irq_save() : 0;
        if (dying || atomic_cmpxchg(&locked, 0, 1))
                return true;
        if (machine.irq_restore)
                machine.irq_restore(*irq);
        return false;
}

static void log_unlock(unsigned long irq)
{
        atomic_set(&locked, 0);
        if (machine.irq_restore)
                machine.irq_restore(irq);
}

static void ring_append(const char *text, size_t len)
{
        size_t at = ring_end % RING_SIZE;
        size_t first = min_u64(len, RING_SIZE - at);

        memcpy(ring + at, text, first);
        memcpy(ring, text + first, len - first);
        ring_end += len;
}

void klog_args(enum log_level level, const char *fmt, va_list ap)
{
        u64 now = machine.now_ns ? machine.now_ns() : 0;
        char line[LINE_MAX];
        unsigned long irq;
        size_t len;
        int n;

        len = (size_t)scnprintf(line, sizeof(line), "[%5lu.%06lu] ", now / 1000000000,
                                now / 1000 % 1000000);
        n = vsnprintf(line + len, sizeof(line) - len, fmt, ap);
        len = min_u64(len + (u64)n, sizeof(line) - 2);
        if (line[len - 1] != '\n')
                line[len++] = '\n';

        if (!log_lock(&irq))
                return;
        ring_append(line, len);
        for (struct log_sink *s = sinks; s; s = s->next)
                if (dying || ((int)level <= threshold && level <= s->level))
                        s->write(line, len);
        log_unlock(irq);
}

void klog(enum log_level level, const char *fmt, ...)
{
        va_list ap;

        va_start(ap, fmt);
        klog_args(level, fmt, ap);
        va_end(ap);
}

void log_add_sink(struct log_sink *sink)
{
        sink->next = sinks;
        sinks = sink;
}

void log_set_threshold(unsigned loglevel)
{
        threshold = LOG_DEBUG;
        if (loglevel <= 7)
                threshold = LOG_INFO;
        if (loglevel <= 6)
                threshold = LOG_WARN;
        if (loglevel <= 4)
                threshold = LOG_ERROR;
        if (loglevel <= 3)
                threshold = -1;
}

size_t log_read(u64 *position, char *buf, size_t size)
{
        unsigned long irq;
        size_t n, at, first;

        if (!log_lock(&irq))
                return 0;
        if (*position > ring_end)
                *position = ring_end;
        if (ring_end - *position > RING_SIZE)
                *position = ring_end - RING_SIZE;
        n = min_u64(size, ring_end - *position);
        at = *position % RING_SIZE;
        first = min_u64(n, RING_SIZE - at);
        memcpy(buf, ring + at, first);
        memcpy(buf + first, ring, n - first);
        *position += n;
        log_unlock(irq);
        return n;
}

void log_set_machine(const struct log_machine *m)
{
        machine = *m;
}

void log_enter_panic(void)
{
        dying = true;
}
