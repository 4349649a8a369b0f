/* SPDX-License-Identifier: MIT */
/*
 * /proc/PID/pagetables of a program that knows what it has mapped. Linux shows this text in debugfs
 * only, for the whole machine, so there is nothing to compare it with: what must be there is
 * written here. Prints each line that is looked for; the exit status says whether all were there.
 *
 * Everything is mapped from 4 GiB on, where a static program has nothing of its own.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096UL
#define MIB  (1UL << 20)
#define GIB  (1UL << 30)
#define BASE (4 * GIB)

#define FILE_NAME "/proc/self/pagetables"
#define NOTHING   "                              "
#define RW_NX     "USR RW                     NX "

static char text[64 * 1024], again[sizeof(text)];
static int wrong;

static void check(const char *what, int ok)
{
        printf("%s%s\n", what, ok ? "" : "   WRONG");
        wrong += !ok;
}

static char *map(unsigned long at, unsigned long len, int prot)
{
        char *p = mmap((void *)at, len, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

        if (p == MAP_FAILED) {
                printf("mmap: %s\n", strerror(errno));
                exit(1);
        }
        return p;
}

/* The whole file, read `piece` bytes at a time. */
static void read_all(char *to, size_t piece)
{
        int fd = open(FILE_NAME, O_RDONLY);
        size_t at = 0;
        ssize_t n;

        while (at + piece < sizeof(text) && (n = read(fd, to + at, piece)) > 0)
                at += (size_t)n;
        to[at] = 0;
        close(fd);
}

static void line(unsigned long start, unsigned long end, const char *size, const char *words,
                 const char *level)
{
        char want[128];

        snprintf(want, sizeof(want), "0x%016lx-0x%016lx   %10s %s%s\n", start, end, size, words,
                 level);
        printf("%s", want);
        if (!strstr(text, want)) {
                printf("   WRONG: it is not there\n");
                wrong++;
        }
}

static void one_table(void)
{
        char *p = map(BASE, 6 * PAGE, PROT_READ | PROT_WRITE);

        memset(p, 1, 6 * PAGE);
        mprotect(p + 3 * PAGE, PAGE, PROT_READ);
        mprotect(p + 4 * PAGE, PAGE, PROT_READ | PROT_EXEC);
        mprotect(p + 5 * PAGE, PAGE, PROT_NONE);
        read_all(text, 4096);
        line(BASE, BASE + 3 * PAGE, "12K", RW_NX, "pte");
        line(BASE + 3 * PAGE, BASE + 4 * PAGE, "4K", "USR ro                     NX ", "pte");
        line(BASE + 4 * PAGE, BASE + 5 * PAGE, "4K", "USR ro                     x  ", "pte");
        line(BASE + 5 * PAGE, BASE + 6 * PAGE, "4K", NOTHING, "pte");
        line(BASE + 6 * PAGE, BASE + 2 * MIB, "2024K", NOTHING, "pte");
        line(BASE + 2 * MIB, BASE + GIB, "1022M", NOTHING, "pmd");
}

static void holes(void)
{
        unsigned long at = BASE + 2 * GIB;

        *map(at, PAGE, PROT_READ | PROT_WRITE) = 1;
        read_all(text, 4096);
        line(BASE + GIB, at, "1G", NOTHING, "pud");
        line(at, at + PAGE, "4K", RW_NX, "pte");
        munmap((void *)at, PAGE);
        read_all(text, 4096);
        check("the hole is longer when that page is gone",
              strstr(text, "0x0000000140000000-") && !strstr(text, "-0x0000000180000000"));
}

static void moved_table(void)
{
        unsigned long from = BASE + 8 * GIB, to = BASE + 9 * GIB;

        memset(map(from, 4 * MIB, PROT_READ | PROT_WRITE), 1, 4 * MIB);
        read_all(text, 4096);
        line(from, from + 4 * MIB, "4M", RW_NX, "pte");
        if (mremap((void *)from, 4 * MIB, 4 * MIB, MREMAP_MAYMOVE | MREMAP_FIXED, (void *)to) !=
            (void *)to)
                check("mremap", 0);
        read_all(text, 4096);
        line(BASE + GIB, to, "8G", NOTHING, "pud");
        line(to, to + 4 * MIB, "4M", RW_NX, "pte");
        line(to + 4 * MIB, to + GIB, "1020M", NOTHING, "pmd");
}

/* Pieces cut lines anywhere. Both texts are written before, so that reading changes no table. */
static void pieces(void)
{
        memset(text, 1, sizeof(text));
        memset(again, 1, sizeof(again));
        read_all(text, 60000);
        read_all(again, 37);
        check("a read of everything and many small ones agree", strcmp(text, again) == 0);
        check("it begins with the marker",
              strncmp(text, "---[ User Space ]---\n0x0000000000000000-", 40) == 0);
        check("it ends with the user half", strstr(text, "-0x0000800000000000 ") != NULL);
}

/* Every line goes on where the one before ended. */
static void no_gaps(void)
{
        unsigned long at = 0, start, end;
        const char *p = strchr(text, '\n') + 1;
        int ok = 1;

        for (; *p; p = strchr(p, '\n') + 1) {
                char *rest;

                start = strtoul(p, &rest, 16);
                end = strtoul(rest + 1, NULL, 16);
                ok = ok && start == at && end > start;
                at = end;
        }
        check("no gaps, no overlaps", ok && at == 1UL << 47);
}

static void who_may(void)
{
        char path[64];
        struct stat st;
        int status = 1;
        pid_t pid;

        check("mode 0400", stat(FILE_NAME, &st) == 0 && (st.st_mode & 07777) == 0400);
        snprintf(path, sizeof(path), "/proc/%d/pagetables", (int)getpid());
        pid = fork();
        if (pid == 0) {
                if (setuid(1000))
                        _exit(2);
                _exit(open(path, O_RDONLY) >= 0 || errno != EACCES);
        }
        waitpid(pid, &status, 0);
        check("another user is refused", status == 0);
}

int main(void)
{
        setvbuf(stdout, NULL, _IONBF, 0);
        one_table();
        holes();
        moved_table();
        pieces();
        no_gaps();
        who_may();
        printf("%d wrong\n", wrong);
        return wrong != 0;
}
