/* SPDX-License-Identifier: MIT */
/*
 * The kernel log. A line is "[seconds.micros] text"; a newline is added when `fmt` has none.
 * Lines go to every registered sink (serial console, VGA text); the last 64 KiB are kept.
 * May be called from anywhere, interrupt handlers included.
 */
#ifndef KERNEL_BASE_LOG_H
#define KERNEL_BASE_LOG_H

#include <stdarg.h>

#include "kernel/base/types.h"

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

void klog(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void klog_args(enum log_level level, const char *fmt, va_list ap);

#define log_error(...) klog(LOG_ERROR, __VA_ARGS__)
#define log_warn(...)  klog(LOG_WARN, __VA_ARGS__)
#define log_info(...)  klog(LOG_INFO, __VA_ARGS__)
#define log_debug(...) klog(LOG_DEBUG, __VA_ARGS__)

struct log_sink {
        void (*write)(const char *text, size_t len);
        enum log_level level; /* the most talkative level that reaches it */
        struct log_sink *next;
};

/* The sink must live for ever. It gets the lines that come from now on. */
void log_add_sink(struct log_sink *sink);

/*
 * How much reaches the sinks, from the kernel parameters `loglevel=` and `quiet`, numbered as on
 * Linux: 4 errors, 5 warnings too, 7 information (the default), 8 everything, 0 nothing.
 */
void log_set_threshold(unsigned loglevel);

/*
 * Kept text from byte number *position on (0 is the first byte ever logged) into `buf`; *position
 * advances past it, and past what is no longer kept. Returns the bytes stored, 0 at the end.
 */
size_t log_read(u64 *position, char *buf, size_t size);

/* What the log needs of the machine; until it is given, lines carry time 0. */
struct log_machine {
        u64 (*now_ns)(void);
        unsigned long (*irq_save)(void);
        void (*irq_restore)(unsigned long state);
};
void log_set_machine(const struct log_machine *machine);

/* The kernel is dying: no lock is waited for from now on, and every line reaches every sink. */
void log_enter_panic(void);

#endif
