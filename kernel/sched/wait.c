/* SPDX-License-Identifier: MIT */
/*
 * Waiting for children: wait4() and waitid(). A child is looked for under process_lock; the thread
 * is on the process's child_wait queue before it looks, so no change is missed.
 */
#include "kernel/base/abi/sched.h"
#include "kernel/base/errno.h"
#include "kernel/base/string.h"
#include "kernel/sched/process.h"
#include "kernel/sched/signal.h"

static bool child_is_meant(const struct process *child, const struct wait_request *req)
{
        bool clone_child = child->exit_signal != SIGCHLD;

        if ((req->type == P_PID || req->type == P_PIDFD) && child->pid != req->id)
                return false;
        if (req->type == P_PGID && child->pgid != req->id)
                return false;
        return (req->options & W_ALL) || clone_child == !!(req->options & W_CLONE);
}

static struct timeval64 ns_to_timeval(u64 ns)
{
        return (struct timeval64){ ns / NSEC_PER_SEC, ns % NSEC_PER_SEC / NSEC_PER_USEC };
}

void process_usage(struct process *p, struct rusage *out)
{
        u64 utime, stime;
        struct list *it;

        memset(out, 0, sizeof(*out));
        process_times(p, &utime, &stime);
        out->utime = ns_to_timeval(utime);
        out->stime = ns_to_timeval(stime);
        out->maxrss = p->maxrss;
        out->minflt = p->nr_faults;
        out->nvcsw = p->nr_switches_wanted;
        out->nivcsw = p->nr_switches_forced;
        list_for_each (it, &p->threads) {
                struct task *t = list_entry(it, struct task, thread_node);

                out->minflt += t->nr_faults;
                out->nvcsw += t->nr_switches_wanted;
                out->nivcsw += t->nr_switches_forced;
        }
}

void process_child_usage(struct process *p, struct rusage *out)
{
        memset(out, 0, sizeof(*out));
        out->utime = ns_to_timeval(p->cutime_ns);
        out->stime = ns_to_timeval(p->cstime_ns);
        out->maxrss = p->child_maxrss;
        out->minflt = p->child_faults;
        out->nvcsw = p->child_switches_wanted;
        out->nivcsw = p->child_switches_forced;
}

/* What a zombie and those it waited for used is now its parent's children's. */
static void usage_inherit(struct process *parent, struct process *child)
{
        parent->cutime_ns += child->utime_ns + child->cutime_ns;
        parent->cstime_ns += child->stime_ns + child->cstime_ns;
        parent->child_faults += child->nr_faults + child->child_faults;
        parent->child_switches_wanted += child->nr_switches_wanted + child->child_switches_wanted;
        parent->child_switches_forced += child->nr_switches_forced + child->child_switches_forced;
        parent->child_maxrss =
                max_u64(parent->child_maxrss, max_u64(child->maxrss, child->child_maxrss));
}

static void found(struct process *child, struct wait_request *req, int why, int status,
                  int wait_status)
{
        req->pid = child->pid;
        req->uid = child->cred.uid;
        req->why = why;
        req->status = status;
        req->wait_status = wait_status;
        process_usage(child, &req->usage);
}

/* Does `child` have news of the kinds asked for? Takes them, unless WNOWAIT. */
static bool child_take(struct process *child, struct wait_request *req)
{
        bool keep = req->options & WNOWAIT;

        if (child->zombie && (req->options & WEXITED)) {
                int code = child->exit_code, signo = code & 0x7f;

                found(child, req, signo ? CLD_KILLED : CLD_EXITED, signo ? signo : code >> 8 & 0xff,
                      code);
                return true;
        }
        if (child->stop_unreported && (req->options & WUNTRACED)) {
                found(child, req, CLD_STOPPED, child->stop_signal, child->stop_signal << 8 | 0x7f);
                child->stop_unreported = keep;
                return true;
        }
        if (child->continue_unreported && (req->options & WCONTINUED)) {
                found(child, req, CLD_CONTINUED, SIGCONT, 0xffff);
                child->continue_unreported = keep;
                return true;
        }
        return false;
}

/*
 * One look at all children: the pid of one with news, 0 if there may be some later, -ECHILD if
 * never. *dead: a zombie that has been taken off the tree.
 */
static long children_scan(struct process *me, struct wait_request *req, struct process **dead)
{
        struct list *it;
        long result = -ECHILD;

        list_for_each (it, &me->children) {
                struct process *child = list_entry(it, struct process, sibling);

                if (!child_is_meant(child, req))
                        continue;
                result = 0;
                if (!child_take(child, req))
                        continue;
                if (child->zombie && !(req->options & WNOWAIT)) {
                        usage_inherit(me, child);
                        process_unlink(child);
                        *dead = child;
                }
                return req->pid;
        }
        return result;
}

long process_wait(struct wait_request *req)
{
        struct process *me = current_process(), *dead = NULL;
        struct waiter w = { 0 };
        long result;

        waitq_add(&me->child_wait, &w);
        for (;;) {
                spin_lock(&process_lock);
                result = children_scan(me, req, &dead);
                spin_unlock(&process_lock);
                if (result || (req->options & WNOHANG))
                        break;
                if (park(true, PARK_FOREVER) == -EINTR) {
                        result = -ERESTARTSYS;
                        break;
                }
        }
        waitq_remove(&me->child_wait, &w);
        if (dead)
                process_put(dead);
        return result;
}
