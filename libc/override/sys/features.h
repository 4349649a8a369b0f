/* SPDX-License-Identifier: MIT */
/*
 * newlib's feature macros, and what this port adds to them. Every header of newlib comes past here
 * before it looks at a setting, so the settings of the library stand in this one place and a
 * program needs no -D of its own.
 */
#ifndef TERRANE_SYS_FEATURES_H
#define TERRANE_SYS_FEATURES_H

#include_next <sys/features.h>

/* Each thread has its own struct _reent, found through __getreent(). */
#ifndef __DYNAMIC_REENT__
#define __DYNAMIC_REENT__
#endif

/* read() and write() return ssize_t; stdio's buffers are a page. */
#ifndef _READ_WRITE_RETURN_TYPE
#define _READ_WRITE_RETURN_TYPE _ssize_t
#endif
#ifndef __BUFSIZ__
#define __BUFSIZ__ 4096
#endif

#ifndef _POSIX_VERSION
#define _POSIX_VERSION 200809L
#endif
#define _POSIX_JOB_CONTROL              1
#define _POSIX_SAVED_IDS                1
#define _POSIX_FSYNC                    200809L
#define _POSIX_MAPPED_FILES             200809L
#define _POSIX_MEMLOCK                  200809L
#define _POSIX_MEMLOCK_RANGE            200809L
#define _POSIX_MEMORY_PROTECTION        200809L
#define _POSIX_MONOTONIC_CLOCK          200809L
#define _POSIX_CLOCK_SELECTION          200809L
#define _POSIX_CPUTIME                  200809L
#define _POSIX_THREAD_CPUTIME           200809L
#define _POSIX_PRIORITY_SCHEDULING      200809L
#define _POSIX_REALTIME_SIGNALS         200809L
#define _POSIX_SEMAPHORES               200809L
#define _POSIX_SHARED_MEMORY_OBJECTS    200809L
#define _POSIX_SPAWN                    200809L
#define _POSIX_SPIN_LOCKS               200809L
#define _POSIX_TIMERS                   200809L
#define _POSIX_TIMEOUTS                 200809L
#define _POSIX_BARRIERS                 200809L
#define _POSIX_READER_WRITER_LOCKS      200809L
#define _POSIX_THREADS                  200809L
#define _POSIX_THREAD_ATTR_STACKADDR    200809L
#define _POSIX_THREAD_ATTR_STACKSIZE    200809L
#define _POSIX_THREAD_PROCESS_SHARED    200809L
#define _POSIX_THREAD_SAFE_FUNCTIONS    200809L
#define _UNIX98_THREAD_MUTEX_ATTRIBUTES 1

#endif
