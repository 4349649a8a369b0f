/* SPDX-License-Identifier: MIT */
/*
 * The kernel log. A line is "[seconds.micros] text"; a newline is added when `fmt` has none.
 * Lines go to every registered sink (serial console, VGA text); the last 64 KiB are kept.
 */
#ifndef KERNEL_BASE_LOG_H
#define KERNEL_BASE_LOG_H

#include "kernel/base/types.h"

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

void klog(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#define log_error(...) klog(LOG_ERROR, __VA_ARGS__)
#define log_warn(...)  klog(LOG_WARN, __VA_ARGS__)
#define log_info(...)  klog(LOG_INFO, __VA_ARGS__)
#define log_debug(...) klog(LOG_DEBUG, __VA_ARGS__)

struct log_sink {
        void (*write)(const char *text, size_t len);
        enum log_level level; /* the most talkative level that reaches it */
        struct log_sink *next;
};

void log_add_sink(struct log_sink *sink);

#endif
