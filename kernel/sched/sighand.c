/* SPDX-License-Identifier: MIT */
/* Signal actions: what a process has asked to happen, and what happens if it has not asked. */
#include "kernel/base/errno.h"
#include "kernel/base/string.h"
#include "kernel/sched/process.h"
#include "kernel/sched/signal.h"
#include "mm/slab.h"

struct sighand *sighand_create(void)
{
        struct sighand *sighand = kzalloc(sizeof(*sighand));

        if (sighand)
                refcount_init(&sighand->ref);
        return sighand;
}

struct sighand *sighand_copy(struct sighand *from)
{
        struct sighand *sighand = kmalloc(sizeof(*sighand));

        if (!sighand)
                return NULL;
        refcount_init(&sighand->ref);
        spin_lock(&process_lock);
        memcpy(sighand->action, from->action, sizeof(sighand->action));
        spin_unlock(&process_lock);
        return sighand;
}

void sighand_get(struct sighand *sighand)
{
        refcount_get(&sighand->ref);
}

void sighand_put(struct sighand *sighand)
{
        if (refcount_put(&sighand->ref))
                kfree(sighand);
}

void sighand_reset(struct sighand *sighand, bool all)
{
        u64 ignored = 0;

        for (int i = 0; i < NSIG && !all; i++)
                ignored |= (u64)(sighand->action[i].handler == SIG_IGN) << i;
        memset(sighand->action, 0, sizeof(sighand->action));
        for (; ignored; ignored &= ignored - 1)
                sighand->action[__builtin_ctzll(ignored)].handler = SIG_IGN;
}

/* What the kernel keeps of sa_flags; the rest reads back as 0, so programs can probe. */
#define SA_KEPT                                                                            \
        (SA_NOCLDSTOP | SA_NOCLDWAIT | SA_SIGINFO | SA_ONSTACK | SA_RESTART | SA_NODEFER | \
         SA_RESETHAND | SA_EXPOSE_TAGBITS | SA_RESTORER)

int signal_set_action(int signo, const struct sigaction_abi *act, struct sigaction_abi *old)
{
        struct task *me = current_task();
        struct sigaction_abi *slot;

        if (signo < 1 || signo > NSIG || (act && (signo == SIGKILL || signo == SIGSTOP)))
                return -EINVAL;
        spin_lock(&process_lock);
        slot = &me->sighand->action[signo - 1];
        *old = *slot;
        if (act) {
                *slot = *act;
                slot->flags &= SA_KEPT;
                slot->mask &= ~(sig_bit(SIGKILL) | sig_bit(SIGSTOP));
                /* A signal that is ignored from now on does not wait either (POSIX). */
                if (act->handler == SIG_IGN ||
                    (act->handler == SIG_DFL && signal_default_ignores(signo))) {
                        struct list *it;

                        signal_set_flush(&me->process->pending, sig_bit(signo));
                        list_for_each (it, &me->process->threads) {
                                struct task *t = list_entry(it, struct task, thread_node);

                                signal_set_flush(&t->pending, sig_bit(signo));
                        }
                }
        }
        spin_unlock(&process_lock);
        return 0;
}
