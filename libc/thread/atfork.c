/* SPDX-License-Identifier: MIT */
/* pthread_atfork(): prepare handlers run last to first, the others first to last. */
#include <stdlib.h>
#include <errno.h>
#include "thread.h"

struct handlers {
        void (*prepare)(void);
        void (*parent)(void);
        void (*child)(void);
        struct handlers *next;
        struct handlers *prev;
};

static struct handlers *first, *last;
static volatile int lock; /* held from prepare until the handlers after the fork are done */

int pthread_atfork(void (*prepare)(void), void (*parent)(void), void (*child)(void))
{
        struct handlers *h = malloc(sizeof(*h));

        if (!h)
                return ENOMEM;
        futex_lock(&lock, 0);
        *h = (struct handlers){ prepare, parent, child, NULL, last };
        if (last)
                last->next = h;
        else
                first = h;
        last = h;
        futex_unlock(&lock, 0);
        return 0;
}

void atfork_run_prepare(void)
{
        futex_lock(&lock, 0);
        for (struct handlers *h = last; h; h = h->prev)
                if (h->prepare)
                        h->prepare();
}

void atfork_run_parent(void)
{
        for (struct handlers *h = first; h; h = h->next)
                if (h->parent)
                        h->parent();
        futex_unlock(&lock, 0);
}

void atfork_run_child(void)
{
        for (struct handlers *h = first; h; h = h->next)
                if (h->child)
                        h->child();
        lock = 0;
}
