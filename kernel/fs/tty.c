/* SPDX-License-Identifier: MIT */
/*
 * The terminal: one, on the console.
 *
 * tty_lock (RANK_FILE) guards the line discipline and the fields behind it. Groups of the session
 * that are not in the foreground are stopped when they read, change the modes, or under TOSTOP
 * write.
 */
#include "kernel/fs/tty.h"

#include "arch/cpu.h"
#include "arch/usercopy.h"
#include "kernel/base/string.h"
#include "kernel/fs/open_file.h"
#include "kernel/fs/poll.h"
#include "kernel/fs/tty_line.h"
#include "kernel/sched/signal.h"
#include "kernel/sched/task.h"
#include "kernel/sync/wait.h"

#define DECISECOND 100000000ULL

static struct mutex tty_lock;
static struct waitq tty_queue; /* readers, writers behind ^S */
static struct line line;
static struct winsize winsize = { .rows = 24, .cols = 80 };
static int session;    /* whose controlling terminal this is; 0: nobody's */
static int foreground; /* process group that ^C goes to */
static int reader;     /* group of the last reader: ^C goes there when there is no foreground */

/* ---------------------------------------------------------------- input */

void tty_input(u8 byte)
{
        int signo, group;

        mutex_lock(&tty_lock);
        signo = line_input(&line, byte);
        group = foreground ? foreground : reader;
        mutex_unlock(&tty_lock);
        if (signo && group)
                signal_pgrp(group, signo);
        waitq_wake_all(&tty_queue);
}

void tty_init(void)
{
        mutex_init(&tty_lock, RANK_FILE, "tty");
        waitq_init(&tty_queue);
        line_init(&line);
}

/* Sleep until something happens; the lock is held before and after. -ERESTARTSYS, -ETIMEDOUT. */
static int tty_wait(u64 deadline_ns)
{
        struct waiter w;
        int err;

        waitq_add(&tty_queue, &w);
        mutex_unlock(&tty_lock);
        err = park(true, deadline_ns);
        waitq_remove(&tty_queue, &w);
        mutex_lock(&tty_lock);
        return err == -EINTR ? -ERESTARTSYS : err;
}

/* ---------------------------------------------------------------- reading */

/* Wait until a read of `want` bytes has something to return. */
static int wait_readable(struct file *file, size_t want)
{
        u64 time = line.t.cc[VTIME] * DECISECOND;
        size_t min = min_u64(line.t.cc[VMIN], want);
        u64 deadline = PARK_FOREVER;
        u32 seen = 0;
        int err = 0;

        for (;;) {
                bool canonical = line.t.lflag & ICANON;
                u32 ready = line_readable(&line);

                if (canonical ? line_has_line(&line) : ready && ready >= min)
                        return 0;
                if (!canonical && min == 0 && time == 0)
                        return 0;
                if (err == -ETIMEDOUT)
                        return 0;
                if (file->flags & O_NONBLOCK)
                        return ready && !canonical ? 0 : -EAGAIN;
                /* The timer runs from the start without MIN, from each byte with it. */
                if (!canonical && time && (min == 0 ? deadline == PARK_FOREVER : ready != seen))
                        deadline = clock_ns() + time;
                seen = ready;
                err = tty_wait(deadline);
                if (err && err != -ETIMEDOUT)
                        return err;
        }
}

static int caller_group(int *sid, int *pid)
{
        struct process_info info;

        process_info(current_process(), &info);
        *sid = info.sid;
        *pid = info.tgid;
        return info.pgid;
}

/*
 * 0 for the foreground and for who has another terminal or none. The background is stopped by
 * `signo`; when it declines that, it may write and set, but not read.
 */
static int require_foreground(int signo)
{
        int sid, pid, group = caller_group(&sid, &pid), err;

        if (!session || sid != session || !foreground || group == foreground)
                return 0;
        err = signal_background(signo);
        return !err && signo == SIGTTIN ? -EIO : err;
}

static ssize_t tty_read(struct file *file, struct uio *to, s64 *pos)
{
        int sid, pid, group = caller_group(&sid, &pid);
        bool eof = false, canonical;
        size_t done = 0;
        int err;

        (void)pos;
        if (to->left == 0)
                return 0;
        err = require_foreground(SIGTTIN);
        if (err)
                return err;
        mutex_lock(&tty_lock);
        reader = group;
        err = wait_readable(file, to->left);
        canonical = line.t.lflag & ICANON;
        while (!err && !eof && to->left && line_has_line(&line)) {
                char buf[256];
                size_t n = line_read(&line, buf, min_u64(sizeof(buf), to->left), &eof);

                mutex_unlock(&tty_lock);
                if (uio_put(to, buf, n) < n)
                        err = -EFAULT;
                else
                        done += n;
                mutex_lock(&tty_lock);
                if (canonical && (n == 0 || n < sizeof(buf) || buf[n - 1] == '\n'))
                        break;
        }
        mutex_unlock(&tty_lock);
        return done ? (ssize_t)done : err;
}

/* ---------------------------------------------------------------- writing */

static ssize_t tty_write(struct file *file, struct uio *from, s64 *pos)
{
        size_t done = 0;
        int err = line.t.lflag & TOSTOP ? require_foreground(SIGTTOU) : 0;

        (void)pos;
        while (from->left && !err) {
                char buf[256];
                size_t n = min_u64(sizeof(buf), from->left), moved = uio_take(from, buf, n);

                mutex_lock(&tty_lock);
                while (line.stopped && !err)
                        err = file->flags & O_NONBLOCK ? -EAGAIN : tty_wait(PARK_FOREVER);
                if (!err) {
                        line_output(&line, buf, moved);
                        done += moved;
                        if (moved < n)
                                err = -EFAULT;
                }
                mutex_unlock(&tty_lock);
                if (signal_pending() && from->left && !err)
                        break;
        }
        return done ? (ssize_t)done : err;
}

static unsigned tty_poll(struct file *file, struct poll_set *set)
{
        unsigned mask = POLLOUT | POLLWRNORM;

        (void)file;
        poll_add(set, &tty_queue);
        if (line_has_line(&line))
                mask |= POLLIN | POLLRDNORM;
        return mask;
}

/* ---------------------------------------------------------------- control */

static long get_settings(uaddr arg, bool speeds)
{
        struct termios2_abi t = { .t = line.t, .ispeed = 38400, .ospeed = 38400 };

        return user_copy_out(arg, &t, speeds ? sizeof(t) : sizeof(t.t)) ? -EFAULT : 0;
}

static long set_settings(uaddr arg, bool flush)
{
        struct termios_abi t;
        int err = require_foreground(SIGTTOU);

        if (err)
                return err;
        if (user_copy_in(&t, arg, sizeof(t)))
                return -EFAULT;
        mutex_lock(&tty_lock);
        if (flush)
                line_flush(&line);
        line_configure(&line, &t);
        mutex_unlock(&tty_lock);
        waitq_wake_all(&tty_queue);
        return 0;
}

static long flush_queue(u64 which)
{
        if (which > 2)
                return -EINVAL;
        mutex_lock(&tty_lock);
        if (which != 1)
                line_flush(&line);
        mutex_unlock(&tty_lock);
        return 0;
}

/* A change is told to the foreground. */
static long set_window(uaddr arg)
{
        struct winsize new;

        if (user_copy_in(&new, arg, sizeof(new)))
                return -EFAULT;
        if (memcmp(&new, &winsize, sizeof(new)) == 0)
                return 0;
        winsize = new;
        if (foreground)
                signal_pgrp(foreground, SIGWINCH);
        return 0;
}

static long put_int(uaddr arg, int value)
{
        return user_copy_out(arg, &value, sizeof(value)) ? -EFAULT : 0;
}

static long set_foreground(uaddr arg)
{
        int sid, pid, group, err;

        caller_group(&sid, &pid);
        if (!session || sid != session)
                return -ENOTTY;
        err = require_foreground(SIGTTOU);
        if (err)
                return err;
        if (user_copy_in(&group, arg, sizeof(group)))
                return -EFAULT;
        if (group < 0)
                return -EINVAL;
        foreground = group;
        return 0;
}

static long session_ioctl(unsigned cmd, uaddr arg)
{
        int sid, pid, group = caller_group(&sid, &pid);

        switch (cmd) {
        case TIOCSCTTY:
                if (session == sid)
                        return 0;
                if (sid != pid || (session && !(arg == 1 && caller_has(CAP_SYS_ADMIN))))
                        return -EPERM;
                session = sid;
                foreground = group;
                return 0;
        case TIOCNOTTY:
                if (session != sid)
                        return -ENOTTY;
                if (sid == pid)
                        session = foreground = 0;
                return 0;
        case TIOCGPGRP: return session == sid ? put_int(arg, foreground) : -ENOTTY;
        case TIOCGSID: return session == sid ? put_int(arg, session) : -ENOTTY;
        default: return set_foreground(arg);
        }
}

static long tty_ioctl(struct file *file, unsigned cmd, uaddr arg)
{
        u32 ready;

        (void)file;
        switch (cmd) {
        case TCGETS: return get_settings(arg, false);
        case TCGETS2: return get_settings(arg, true);
        case TCSETS:
        case TCSETSW:
        case TCSETS2:
        case TCSETSW2: return set_settings(arg, false);
        case TCSETSF:
        case TCSETSF2: return set_settings(arg, true);
        case TCFLSH: return flush_queue(arg);
        case TCSBRK:
        case TCSBRKP:
        case TCXONC: return 0;
        case TIOCGWINSZ: return user_copy_out(arg, &winsize, sizeof(winsize)) ? -EFAULT : 0;
        case TIOCSWINSZ: return set_window(arg);
        case TIOCGETD:
        case TIOCOUTQ: return put_int(arg, 0);
        case FIONREAD: ready = line_readable(&line); return put_int(arg, (int)ready);
        case TIOCSCTTY:
        case TIOCNOTTY:
        case TIOCGPGRP:
        case TIOCSPGRP:
        case TIOCGSID: return session_ioctl(cmd, arg);
        default: return -ENOTTY;
        }
}

static const struct file_ops tty_ops = {
        .read = tty_read,
        .write = tty_write,
        .poll = tty_poll,
        .ioctl = tty_ioctl,
};

int tty_open(struct file *file)
{
        file->ops = &tty_ops;
        file->positioned = false;
        return 0;
}
