/* SPDX-License-Identifier: MIT */
/* Starting, printing and ending, with whatever C library it is linked with. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/utsname.h>
#include <unistd.h>

static __thread int local = 17;
static __thread char aligned[64] __attribute__((aligned(64)));
static int constructed;

static void __attribute__((constructor)) construct(void)
{
        constructed++;
}

static void at_end(void)
{
        printf("atexit, local %d\n", local);
}

static void numbers(void)
{
        printf("%d %5d|%-5d|%05d %+d %x %#o %c %%\n", 1, 2, 3, 4, 5, 254, 8, 'c');
        printf("%ld %lld %zu %hhd\n", 1L << 62, -(1LL << 62), sizeof(long), (signed char)200);
        printf("%f %.3e %g %a %Lf\n", 1.0 / 3, 12345.678, 1e-7, 0.5, 2.5L);
        printf("%s %.2s %10s|%-10s|\n", "text", "text", "right", "left");
        printf("%2$s before %1$s\n", "second", "first");
        printf("%f %f\n", sqrt(2), pow(2, 0.5));
}

static void surroundings(char **argv)
{
        struct utsname u;
        const char *execfn = (const char *)getauxval(AT_EXECFN);
        const unsigned char *random = (const unsigned char *)getauxval(AT_RANDOM);
        const char *name = strrchr(argv[0], '/');

        printf("name %s\n", name ? name + 1 : argv[0]);
        printf("page size %ld, clock ticks %ld\n", sysconf(_SC_PAGESIZE), sysconf(_SC_CLK_TCK));
        printf("AT_PAGESZ %lu AT_CLKTCK %lu AT_SECURE %lu\n", getauxval(AT_PAGESZ),
               getauxval(AT_CLKTCK), getauxval(AT_SECURE));
        printf("AT_PHDR %d AT_EXECFN %d AT_RANDOM %d\n", getauxval(AT_PHDR) != 0,
               execfn && access(execfn, X_OK) == 0, random && (random[0] | random[15] | 1));
        printf("AT_UID is getuid %d\n", getauxval(AT_UID) == getuid());
        printf("machine %s\n", uname(&u) == 0 ? u.machine : "?");
        printf("VALUE is %s\n", getenv("VALUE") ? getenv("VALUE") : "not set");
}

int main(int argc, char **argv)
{
        int r;

        atexit(at_end);
        printf("arguments %d, constructed %d\n", argc - 1, constructed);
        for (int i = 1; i < argc; i++)
                printf("  %s\n", argv[i]);
        numbers();
        surroundings(argv);
        printf("thread-local %d, aligned %d\n", local++, (int)((unsigned long)aligned & 63));
        r = close(-1);
        printf("close(-1) %d, errno %d\n", r, errno);
        fflush(stdout);
        fprintf(stderr, "to stderr\n");
        return 42;
}
