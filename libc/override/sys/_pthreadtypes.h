/* SPDX-License-Identifier: MIT */
/* The objects of <pthread.h>. All-zero bytes are a valid initial value of each. */
#ifndef _SYS__PTHREADTYPES_H_
#define _SYS__PTHREADTYPES_H_

#define __need_size_t
#include <stddef.h>
#include <sys/sched.h>

typedef struct pthread *pthread_t;

typedef struct {
        void *stack;      /* lowest address, or null: the library maps one */
        size_t stack_len; /* bytes; 0: the default */
        size_t guard_len; /* bytes, whole pages */
        int guard_set;    /* guard_len was asked for */
        int detached;
        int inherit;
        int policy;
        int scope;
        struct sched_param param;
} pthread_attr_t;

typedef struct {
        int kind;
        int shared;
        int protocol;
} pthread_mutexattr_t;

typedef struct {
        int state; /* 0 free, 1 held, 2 held and perhaps waited for */
        int kind;
        int owner; /* thread id of the holder; only kinds that ask */
        int depth;
        int shared;
} pthread_mutex_t;

typedef struct {
        int clock;
        int shared;
} pthread_condattr_t;

typedef struct {
        unsigned sequence;
        int clock;
        int shared;
        int waiters;
} pthread_cond_t;

typedef struct {
        int shared;
} pthread_rwlockattr_t;

typedef struct {
        int state;       /* readers, or -1 for a writer */
        unsigned wakeup; /* changes when a waiter may try again */
        int shared;
        int waiters;
} pthread_rwlock_t;

typedef struct {
        int shared;
} pthread_barrierattr_t;

typedef struct {
        unsigned total;
        unsigned arrived;
        unsigned round;
        int shared;
        volatile int lock; /* of arrived and round */
        unsigned inside;   /* threads between entering wait and leaving it */
} pthread_barrier_t;

typedef volatile int pthread_spinlock_t;
typedef unsigned pthread_key_t;

typedef struct {
        int state; /* 0 not begun, 1 running, 2 running and waited for, 3 done */
} pthread_once_t;

#endif
