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

/* True: it was the last, and the account is to be freed. */
static bool ref_drop(struct user_account *user)
{
        CHECK(user->nr_refs);
        if (--user->nr_refs)
                return false;
        list_del(&user->node);
        return true;
}

void user_put(struct user_account *user)
{
        bool last;

        spin_lock(&user_lock);
        last = ref_drop(user);
        spin_unlock(&user_lock);
        if (last)
                kfree(user);
}

void user_charge_signal(struct user_account *user)
{
        spin_lock(&user_lock);
        user->nr_refs++;
        user->nr_signals++;
        spin_unlock(&user_lock);
}

void user_uncharge_signal(struct user_account *user)
{
        bool last;

        spin_lock(&user_lock);
        user->nr_signals--;
        last = ref_drop(user);
        spin_unlock(&user_lock);
        if (last)
                kfree(user);
}

void user_charge_tasks(struct user_account *user, s64 n)
{
        spin_lock(&user_lock);
        user->nr_tasks += n;
        spin_unlock(&user_lock);
}
