/* SPDX-License-Identifier: MIT */
/* A circular doubly linked list whose head is a node of its own. */
#ifndef KERNEL_BASE_LIST_H
#define KERNEL_BASE_LIST_H

#include "kernel/base/types.h"

struct list {
        struct list *next, *prev;
};

#define LIST_INIT(name)          \
        {                        \
                &(name), &(name) \
        }

static inline void list_init(struct list *l)
{
        l->next = l->prev = l;
}

static inline bool list_empty(const struct list *l)
{
        return l->next == l;
}

/* Insert `n` right after `pos`. */
static inline void list_add(struct list *pos, struct list *n)
{
        n->next = pos->next;
        n->prev = pos;
        pos->next->prev = n;
        pos->next = n;
}

/* Insert `n` right before `pos`; with a head: at the tail. */
static inline void list_add_tail(struct list *pos, struct list *n)
{
        list_add(pos->prev, n);
}

/* Unlink; the node is left as an empty list, so that a second removal does no harm. */
static inline void list_del(struct list *n)
{
        n->prev->next = n->next;
        n->next->prev = n->prev;
        list_init(n);
}

/* Append all of `from` to `to`; `from` is empty after. */
static inline void list_splice_tail(struct list *to, struct list *from)
{
        if (list_empty(from))
                return;
        from->next->prev = to->prev;
        to->prev->next = from->next;
        from->prev->next = to;
        to->prev = from->prev;
        list_init(from);
}

#define list_entry(ptr, type, member)  container_of(ptr, type, member)
#define list_first(head, type, member) list_entry((head)->next, type, member)
#define list_last(head, type, member)  list_entry((head)->prev, type, member)

/* `it` is a `struct list *`. The _safe form allows `it` to be removed. */
#define list_for_each(it, head) for (it = (head)->next; it != (head); it = it->next)
#define list_for_each_safe(it, tmp, head) \
        for (it = (head)->next, tmp = it->next; it != (head); it = tmp, tmp = it->next)

#endif
