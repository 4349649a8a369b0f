/* SPDX-License-Identifier: MIT */
/* What every way of building a program must get right: start, TLS, constructors, heap, exit. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static __thread int in_tls = 42;
static __thread char big_tls[5000] __attribute__((aligned(256)));
static int constructed;
static const char *const words[] = { "hello", "world" }; /* pointers that static-pie relocates */

static void __attribute__((constructor)) construct(void)
{
        constructed = 1;
}

static void __attribute__((destructor)) destruct(void)
{
        printf("bye\n");
}

int main(int argc, char **argv)
{
        char *p = malloc(1 << 20);

        memset(p, 7, 1 << 20);
        p = realloc(p, 64 << 20);
        printf("%s %s %d %d %d %d %s\n", words[0], words[1], in_tls, constructed, p[(1 << 20) - 1],
               (int)((unsigned long)big_tls % 256), argc > 1 ? argv[1] : "-");
        free(p);
        return 3;
}
