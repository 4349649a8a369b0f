/* SPDX-License-Identifier: MIT */
/*
 * What is counted per user: tasks (RLIMIT_NPROC) and queued signals (RLIMIT_SIGPENDING). There are
 * few users, so they are in a list. An account lives while a task has its uid or a queued signal
 * was charged to it. The list and the counts are under user_lock.
 */
#include "kernel/base/assert.h"
#include "kernel/sched/process.h"
#include "mm/slab.h"

static struct spinlock user_lock = SPINLOCK_INIT(RANK_LEAF, "users");
static struct list users = LIST_INIT(users);

static struct user_account *user_find(u32 uid)
{
        struct list *it;

        list_for_each (it, &users) {
                struct user_account *u = list_entry(it, struct user_account, node);

                if (u->uid == uid) {
                        u->nr_refs++;
                        return u;
                }
        }
        return NULL;
}

struct user_account *user_get(u32 uid)
{
        struct user_account *fresh = kzalloc(sizeof(*fresh)), *user;

        if (!fresh)
                return NULL;
        fresh->uid = uid;
        fresh->nr_refs = 1;
        spin_lock(&user_lock);
        user = user_find(uid);
        if (!user) {
                list_add(&users, &fresh->node);
                user = fresh;
                fresh = NULL;
        }
        spin_unlock(&user_lock);
        kfree(fresh);
        return user;
}

void user_put(struct user_account *user)
{
        bool last;

        spin_lock(&user_lock);
        CHECK(user->nr_refs);
        last = --user->nr_refs == 0;
        if (last)
                list_del(&user->node);
        spin_unlock(&user_lock);
        if (last)
                kfree(user);
}

void user_charge(struct user_account *user, s64 tasks, s64 signals)
{
        spin_lock(&user_lock);
        user->nr_tasks += tasks;
        user->nr_signals += signals;
        spin_unlock(&user_lock);
}
