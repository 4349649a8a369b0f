/* SPDX-License-Identifier: MIT */
/*
 * What failer.c and copier.c share: the file of /proc/sys/vm that says which allocation or copy is
 * to fail, and the rounds of all their calls: the n-th fails alone, or all do from the n-th on.
 *
 * To ask how many have failed, and to turn it off, takes memory and copies, too. So "all" is so
 * many that no call may use them up, and who asks uses up the rest.
 *
 * Each of them is one file, so here are definitions.
 */
#ifndef TESTS_BOOT_PROGRAMS_ROUNDS_H
#define TESTS_BOOT_PROGRAMS_ROUNDS_H

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <unistd.h>

#define ALL       50   /* failures: no call here may go on for so long */
#define LIFE      1000 /* a life makes more allocations, or copies */
#define LIFE_STEP 50

static int control = -1;
static int failures = 1; /* that arm() lets fail: 1, ALL, or more in a life */

struct tally {
        int faults; /* injected */
        int bad;    /* calls that went wrong */
};

static void die(const char *what)
{
        printf("%s: %s: %s\n", program_invocation_short_name, what, strerror(errno));
        exit(1);
}

/* The n-th from now on fails, and `failures` in all. */
static void arm(int n)
{
        char text[32];
        int len = snprintf(text, sizeof(text), "%d %d", n, failures);

        if (pwrite(control, text, len, 0) != len)
                die("arm");
}

/* From here on nothing fails. How often it did since arm(), not counting who asks. */
static int disarm(void)
{
        char text[32] = "";
        int own = 0, tries = 0;

        while (pread(control, text, sizeof(text) - 1, 0) <= 0)
                if (++own > failures)
                        die("fail: count");
        while (pwrite(control, "0", 1, 0) != 1)
                if (++tries > failures)
                        die("fail: 0");
        return atoi(text) - own;
}

/* A call has been failed n times, and each time as it should; n < 0: it was not. */
static void count(struct tally *t, const char *name, int n)
{
        printf("%s: %d\n", name, n);
        if (n < 0)
                t->bad++;
        else
                t->faults += n;
}

static long free_pages(void)
{
        struct sysinfo info;

        sysinfo(&info);
        return (long)(info.freeram / 4096);
}

/* What a program does: `what` fails when `path` is told so. */
struct rounds {
        const char *path, *what;
        void (*run_all)(struct tally *t);
        void (*live)(int n);
        void (*clean)(void); /* what a life has left behind */
};

/*
 * A child makes all calls one after the other, from the n-th failure on without any memory, or any
 * copy, until it ends or dies of it. Nobody else is to notice.
 */
static void run_lives(const struct rounds *r, int step)
{
        failures = LIFE;
        for (int n = 1; n <= LIFE; n += step) {
                pid_t pid = fork();

                if (pid == 0) {
                        dup2(open("/dev/null", O_WRONLY), 1);
                        usleep(2000); /* the parent has taken the faults that come of its fork() */
                        arm(n);
                        r->live(n);
                        _exit(0);
                }
                errno = 0;
                if (pid < 0 || waitpid(pid, NULL, 0) != pid)
                        die("fork");
                disarm();
                r->clean();
        }
}

static void run_round(const struct rounds *r, int how_many, struct tally *t)
{
        failures = how_many;
        r->run_all(t);
}

/*
 * All calls, in three rounds: the first fills what the kernel keeps for later; in the second a
 * failure is alone, in the third all that comes after it fails, too. Then whole lives, each `step`
 * failures later than the one before. The program's exit status.
 */
static int run_rounds(const struct rounds *r, int step)
{
        struct tally t = { 0, 0 };
        long before;

        setvbuf(stdout, NULL, _IONBF, 0);
        control = open(r->path, O_RDWR);
        if (control < 0)
                die(r->path);
        run_round(r, ALL, &t);
        run_lives(r, step);
        before = free_pages();
        run_round(r, 1, &t);
        run_round(r, ALL, &t);
        run_lives(r, step);
        printf("%d %s failed, %d calls are wrong, %ld pages are lost\n", t.faults, r->what, t.bad,
               before - free_pages());
        return t.bad > 0;
}

#endif
