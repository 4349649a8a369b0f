/* SPDX-License-Identifier: MIT */
/*
 * Cancellation is not offered: pthread_cancel() answers ENOSYS, so a thread's state and type are
 * only remembered for who asks. newlib's stdio calls pthread_setcancelstate() around its locks.
 */
#include <errno.h>
#include "thread.h"

static __thread int cancel_state, cancel_type;

int pthread_cancel(pthread_t thread)
{
        (void)thread;
        return ENOSYS;
}

int pthread_setcancelstate(int state, int *old)
{
        if (state != PTHREAD_CANCEL_ENABLE && state != PTHREAD_CANCEL_DISABLE)
                return EINVAL;
        if (old)
                *old = cancel_state;
        cancel_state = state;
        return 0;
}

int pthread_setcanceltype(int type, int *old)
{
        if (type != PTHREAD_CANCEL_DEFERRED && type != PTHREAD_CANCEL_ASYNCHRONOUS)
                return EINVAL;
        if (old)
                *old = cancel_type;
        cancel_type = type;
        return 0;
}

void pthread_testcancel(void)
{
}
