/* SPDX-License-Identifier: MIT */
/*
 * What failer.c and copier.c share: the file of /proc/sys/vm that says which allocation or copy is
 * to fail, and the two rounds of all their calls.
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
#include <unistd.h>

static int control = -1;

struct tally {
        int faults; /* injected */
        int bad;    /* calls that went wrong */
};

static void die(const char *what)
{
        printf("%s: %s: %s\n", program_invocation_short_name, what, strerror(errno));
        exit(1);
}

/* The n-th from now on fails; 0: none. The write may meet the failure itself: then none is left. */
static void arm(int n)
{
        char text[16];
        int len = snprintf(text, sizeof(text), "%d", n);

        if (pwrite(control, text, len, 0) != len && pwrite(control, text, len, 0) != len)
                die("arm");
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

/*
 * All calls, twice: the first round fills what the kernel keeps for later. `what` fails when
 * `path` is told so. The program's exit status.
 */
static int run_rounds(const char *path, const char *what, void (*run_all)(struct tally *t))
{
        struct tally t = { 0, 0 };
        long before;

        setvbuf(stdout, NULL, _IONBF, 0);
        control = open(path, O_RDWR);
        if (control < 0)
                die(path);
        run_all(&t);
        before = free_pages();
        run_all(&t);
        printf("%d %s failed, %d calls are wrong, %ld pages are lost\n", t.faults, what, t.bad,
               before - free_pages());
        return t.bad > 0;
}

#endif
