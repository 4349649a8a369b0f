/* SPDX-License-Identifier: MIT */
/*
 * keys: what a program gets of what is typed at its terminal.
 *
 * For each scene: sets the terminal's modes, writes "BEGIN name", reads until a line (or without
 * lines a byte) that is a full stop, and only then writes what each read gave, what signals came,
 * and "END name". So what comes out of the terminal in between is the echo of what was typed alone.
 * tests/boot/terminal.py types, on Linux and in a guest, and compares all that came out.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static struct termios usual;
static volatile sig_atomic_t came[32];
static char report[16384];
static size_t report_len;

__attribute__((format(printf, 1, 2))) static void note(const char *fmt, ...);

static void note(const char *fmt, ...)
{
        va_list args;

        va_start(args, fmt);
        report_len +=
                (size_t)vsnprintf(report + report_len, sizeof(report) - report_len, fmt, args);
        va_end(args);
        if (report_len >= sizeof(report))
                report_len = sizeof(report) - 1;
}

static void put(const char *text)
{
        size_t len = strlen(text);

        while (len) {
                ssize_t done = write(1, text, len);

                if (done < 0 && errno != EINTR)
                        exit(3);
                if (done > 0) {
                        text += done;
                        len -= (size_t)done;
                }
        }
}

/* ---------------------------------------------------------------- scenes */

struct scene {
        const char *name;
        void (*run)(void);
        tcflag_t clear_i, set_i, clear_o, set_o, clear_l, set_l;
        int cc, value; /* one control character changed; cc 0: none (^C is never changed) */
};

static void note_bytes(const char *bytes, ssize_t len)
{
        if (len > 200) {
                note("%zd bytes", len);
                return;
        }
        for (ssize_t i = 0; i < len; i++)
                if (bytes[i] > ' ' && bytes[i] < 127 && bytes[i] != '\\')
                        note("%c", bytes[i]);
                else
                        note("\\%02x", (unsigned char)bytes[i]);
}

/* Reads until a read begins with a full stop; each read is a line of the report. */
static void read_lines(void)
{
        char buf[8192];
        ssize_t got;

        do {
                got = read(0, buf, sizeof(buf));
                note("read %zd ", got < 0 ? -(ssize_t)errno : got);
                note_bytes(buf, got);
                note("\n");
        } while (got >= 0 && !(got > 0 && buf[0] == '.'));
}

/* Bytes as they come: how they are cut into reads depends on when they were typed. */
static void read_bytes(void)
{
        char c = 0;

        note("bytes ");
        while (c != '.' && read(0, &c, 1) == 1)
                note_bytes(&c, 1);
        note("\n");
}

/* A line that fills the terminal's buffer, so that nothing may be typed until it is read. */
static void read_long(void)
{
        char buf[8192];

        note("read %zd\n", read(0, buf, sizeof(buf)));
        put("NOW\n");
        read_lines();
}

/* Two bytes at a time of a line that is longer. */
static void read_pieces(void)
{
        char buf[2];
        ssize_t got;

        do {
                got = read(0, buf, sizeof(buf));
                note("read %zd ", got);
                note_bytes(buf, got);
                note("\n");
        } while (got > 0 && buf[0] != '.');
}

static void set_min_time(int min, int time)
{
        struct termios t;

        tcgetattr(0, &t);
        t.c_cc[VMIN] = (cc_t)min;
        t.c_cc[VTIME] = (cc_t)time;
        tcsetattr(0, TCSANOW, &t);
}

/* Without keys: how long a read that needs none waits. Then three bytes at once. */
static void read_min_time(void)
{
        char buf[8];

        set_min_time(0, 0);
        note("min 0, time 0: %zd\n", read(0, buf, sizeof(buf)));
        set_min_time(0, 2);
        note("min 0, time 2: %zd\n", read(0, buf, sizeof(buf)));
        fcntl(0, F_SETFL, O_RDWR | O_NONBLOCK);
        set_min_time(1, 0);
        note("min 1, not blocking: %zd", read(0, buf, sizeof(buf)));
        note(" %s\n", strerror(errno));
        fcntl(0, F_SETFL, O_RDWR);
        put("NOW\n");
        set_min_time(3, 0);
        note("min 3, %zd\n", read(0, buf, 3));
        set_min_time(1, 0);
        read_bytes();
}

static void read_poll(void)
{
        struct pollfd p = { .fd = 0, .events = POLLIN | POLLOUT };

        note("before: %d", poll(&p, 1, 0));
        note(" in %d out %d\n", !!(p.revents & POLLIN), !!(p.revents & POLLOUT));
        put("NOW\n");
        p.events = POLLIN;
        note("after: %d\n", poll(&p, 1, -1));
        read_lines();
}

static void window_size(void)
{
        struct winsize size = { 30, 100, 0, 0 };

        note("set %d\n", ioctl(0, TIOCSWINSZ, &size));
        memset(&size, 0, sizeof(size));
        note("get %d:", ioctl(0, TIOCGWINSZ, &size));
        note(" %d rows %d columns\n", size.ws_row, size.ws_col);
        note("again %d\n", ioctl(0, TIOCSWINSZ, &size));
        size.ws_row = 24;
        size.ws_col = 80;
        note("back %d\n", ioctl(0, TIOCSWINSZ, &size));
        note("bad %d %d\n", ioctl(0, TIOCSWINSZ, (void *)1), ioctl(0, TIOCGWINSZ, (void *)1));
}

/* What is set is what can be got; bits that nobody knows too. */
static void round_trip(void)
{
        struct termios t, got;

        tcgetattr(0, &t);
        t.c_iflag ^= ICRNL | IXON | ISTRIP;
        t.c_oflag ^= ONLCR;
        t.c_lflag ^= ECHO | TOSTOP;
        t.c_cc[VEOL] = 'q';
        t.c_cc[VTIME] = 9;
        note("set %d\n", tcsetattr(0, TCSADRAIN, &t));
        tcgetattr(0, &got);
        note("i %d o %d l %d eol %d time %d\n", got.c_iflag == t.c_iflag, got.c_oflag == t.c_oflag,
             got.c_lflag == t.c_lflag, got.c_cc[VEOL], got.c_cc[VTIME]);
        note("isatty %d, of a pipe's end %d\n", isatty(0), isatty(99));
        note("bad action %d %s\n", tcsetattr(0, 99, &t), strerror(errno));
        note("flush %d %d\n", tcflush(0, TCIFLUSH), tcflush(0, 9));
}

static void write_text(void)
{
        put("a\nb\r\nc\td\n");
}

/* A child of its own group in the foreground: what ends or stops it leaves us alone. */
static void run_child(void)
{
        char buf[64];
        int status = 0;
        pid_t pid;

        signal(SIGTTOU, SIG_IGN);
        pid = fork();
        if (pid == 0) {
                setpgid(0, 0);
                tcsetpgrp(0, getpid());
                for (int i = 1; i < 32; i++)
                        signal(i, SIG_DFL);
                put("NOW\n");
                for (;;)
                        if (read(0, buf, sizeof(buf)) == 0)
                                _exit(7);
        }
        while (waitpid(pid, &status, WUNTRACED) == pid) {
                if (WIFSTOPPED(status)) {
                        note("stopped by %d\n", WSTOPSIG(status));
                        put("STOPPED\n");
                        kill(pid, SIGCONT);
                        continue;
                }
                break;
        }
        note("foreground is the child: %d\n", tcgetpgrp(0) == pid);
        note("take it back %d\n", tcsetpgrp(0, getpgrp()));
        if (WIFSIGNALED(status))
                note("killed by %d\n", WTERMSIG(status));
        else
                note("exit %d\n", WEXITSTATUS(status));
        signal(SIGTTOU, SIG_DFL);
}

/* How a child of its own group that is not in the foreground ended or was stopped. */
static int in_background(int (*act)(void))
{
        int status = 0;
        pid_t pid = fork();

        if (pid == 0) {
                setpgid(0, 0);
                _exit(act());
        }
        waitpid(pid, &status, WUNTRACED);
        if (WIFSTOPPED(status)) {
                int end;

                kill(pid, SIGKILL);
                waitpid(pid, &end, 0);
        }
        return status;
}

static int read_stopped(void)
{
        char c;

        return read(0, &c, 1) < 0 ? errno : 0;
}

static int read_ignored(void)
{
        signal(SIGTTIN, SIG_IGN);
        return read_stopped();
}

static int write_stopped(void)
{
        return write(1, "w", 1) < 0 ? errno : 0;
}

static int write_ignored(void)
{
        signal(SIGTTOU, SIG_IGN);
        return write_stopped();
}

static int set_stopped(void)
{
        return tcsetattr(0, TCSANOW, &usual) < 0 ? errno : 0;
}

static void run_background(void)
{
        int status = in_background(read_stopped);

        note("reading: stopped %d by %d\n", WIFSTOPPED(status),
             WIFSTOPPED(status) ? WSTOPSIG(status) : 0);
        status = in_background(read_ignored);
        note("the same, SIGTTIN ignored: exit %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : -1);
        status = in_background(write_stopped);
        note("writing under TOSTOP: stopped %d by %d\n", WIFSTOPPED(status),
             WIFSTOPPED(status) ? WSTOPSIG(status) : 0);
        status = in_background(write_ignored);
        note("the same, SIGTTOU ignored: exit %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : -1);
        status = in_background(set_stopped);
        note("changing modes: stopped %d by %d\n", WIFSTOPPED(status),
             WIFSTOPPED(status) ? WSTOPSIG(status) : 0);
}

static const struct scene scenes[] = {
        { .name = "line", .run = read_lines },
        { .name = "pieces", .run = read_pieces },
        { .name = "erase", .run = read_lines },
        { .name = "erase control characters", .run = read_lines },
        { .name = "erase tabs", .run = read_lines },
        { .name = "erase nothing", .run = read_lines },
        { .name = "erase other", .run = read_lines, .cc = VERASE, .value = '#' },
        { .name = "erase off", .run = read_lines, .cc = VERASE, .value = 0 },
        { .name = "kill", .run = read_lines },
        { .name = "word", .run = read_lines },
        { .name = "reprint", .run = read_lines },
        { .name = "literal", .run = read_lines },
        { .name = "end of file", .run = read_lines },
        { .name = "no ICRNL", .run = read_lines, .clear_i = ICRNL },
        { .name = "IGNCR", .run = read_lines, .set_i = IGNCR },
        { .name = "INLCR", .run = read_lines, .clear_i = ICRNL, .set_i = INLCR },
        { .name = "ISTRIP", .run = read_lines, .set_i = ISTRIP },
        { .name = "IUTF8", .run = read_lines, .set_i = IUTF8 },
        { .name = "no IUTF8", .run = read_lines, .clear_i = IUTF8 },
        { .name = "no ECHO", .run = read_lines, .clear_l = ECHO },
        { .name = "ECHONL", .run = read_lines, .clear_l = ECHO, .set_l = ECHONL },
        { .name = "no ECHOE", .run = read_lines, .clear_l = ECHOE },
        { .name = "no ECHOK", .run = read_lines, .clear_l = ECHOKE | ECHOK },
        { .name = "no ECHOKE", .run = read_lines, .clear_l = ECHOKE },
        { .name = "no ECHOCTL", .run = read_lines, .clear_l = ECHOCTL },
        { .name = "ECHOPRT", .run = read_lines, .set_l = ECHOPRT },
        { .name = "no IEXTEN", .run = read_lines, .clear_l = IEXTEN },
        { .name = "EOL", .run = read_lines, .cc = VEOL, .value = ';' },
        { .name = "EOL2", .run = read_lines, .cc = VEOL2, .value = ';' },
        { .name = "a long line", .run = read_long },
        { .name = "stopped output", .run = read_lines },
        { .name = "no IXON", .run = read_lines, .clear_i = IXON },
        { .name = "IXANY", .run = read_lines, .set_i = IXANY },
        { .name = "interrupt", .run = read_lines },
        { .name = "quit and suspend", .run = read_lines },
        { .name = "NOFLSH", .run = read_lines, .set_l = NOFLSH },
        { .name = "no ISIG", .run = read_lines, .clear_l = ISIG },
        { .name = "raw",
          .run = read_bytes,
          .clear_i = ~(tcflag_t)0,
          .clear_o = ~(tcflag_t)0,
          .clear_l = ~(tcflag_t)0 },
        { .name = "no ICANON", .run = read_bytes, .clear_l = ICANON },
        { .name = "no ICANON, no ISIG", .run = read_bytes, .clear_l = ICANON | ISIG },
        { .name = "least and time", .run = read_min_time, .clear_l = ICANON | ECHO },
        { .name = "poll", .run = read_poll },
        { .name = "window size", .run = window_size },
        { .name = "round trip", .run = round_trip },
        { .name = "output", .run = write_text },
        { .name = "no OPOST", .run = write_text, .clear_o = OPOST },
        { .name = "no ONLCR", .run = write_text, .clear_o = ONLCR },
        { .name = "OCRNL", .run = write_text, .set_o = OCRNL },
        { .name = "ONOCR", .run = write_text, .set_o = ONOCR },
        { .name = "ONLRET", .run = write_text, .set_o = ONLRET },
        { .name = "OLCUC", .run = write_text, .set_o = OLCUC },
        { .name = "TAB3", .run = write_text, .set_o = TAB3 },
        { .name = "a child interrupted", .run = run_child },
        { .name = "a child quit", .run = run_child },
        { .name = "a child stopped", .run = run_child },
        { .name = "a child at its end of file", .run = run_child },
        { .name = "the background", .run = run_background, .set_l = TOSTOP },
};

static void on_signal(int signo)
{
        came[signo]++;
}

static void set_modes(const struct scene *s)
{
        struct termios t = usual;

        t.c_iflag = (t.c_iflag & ~s->clear_i) | s->set_i;
        t.c_oflag = (t.c_oflag & ~s->clear_o) | s->set_o;
        t.c_lflag = (t.c_lflag & ~s->clear_l) | s->set_l;
        if (s->cc)
                t.c_cc[s->cc] = (cc_t)s->value;
        if (tcsetattr(0, TCSANOW, &t) != 0)
                exit(4);
}

static void run_scene(const struct scene *s)
{
        char line[64];

        report_len = 0;
        memset((void *)came, 0, sizeof(came));
        snprintf(line, sizeof(line), "BEGIN %s\n", s->name);
        put(line);
        set_modes(s);
        put("\nGO\n");
        s->run();
        for (int i = 1; i < 32; i++)
                if (came[i])
                        note("signal %d: %d\n", i, came[i]);
        tcsetattr(0, TCSAFLUSH, &usual);
        put("\n");
        report[report_len] = 0;
        put(report);
        snprintf(line, sizeof(line), "END %s\n", s->name);
        put(line);
}

/* What a terminal is after `stty sane`, with everything said that a kernel may have otherwise. */
static void be_usual(void)
{
        static const char characters[] =
                "\003\034\177\025\004\0\1\0\021\023\032\0\022\017\027\026\0";

        tcgetattr(0, &usual);
        usual.c_iflag = ICRNL | IXON;
        usual.c_oflag = OPOST | ONLCR;
        usual.c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN;
        memcpy(usual.c_cc, characters, 17);
        tcsetattr(0, TCSANOW, &usual);
}

int main(void)
{
        static const int caught[] = { SIGINT, SIGQUIT, SIGTSTP, SIGWINCH };
        struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };

        for (unsigned i = 0; i < sizeof(caught) / sizeof(caught[0]); i++)
                sigaction(caught[i], &action, NULL);
        be_usual();
        for (unsigned i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++)
                run_scene(&scenes[i]);
        put("FINISHED\n");
        return 0;
}
