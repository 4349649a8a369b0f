/* SPDX-License-Identifier: MIT */
/* The heap of a foreign C library: 1 GiB at once, realloc growth, many blocks of all sizes. */
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MIB (1024UL * 1024)

static uint64_t state = 88172645463325252UL;

static uint64_t next(void)
{
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        return state;
}

static void a_gigabyte(void)
{
        unsigned char *p = malloc(1024 * MIB);
        unsigned long sum = 0;

        if (!p) {
                printf("1 GiB: none\n");
                return;
        }
        for (unsigned long i = 0; i < 1024; i++)
                p[i * MIB + i] = (unsigned char)i;
        for (unsigned long i = 0; i < 1024; i++)
                sum += p[i * MIB + i] + p[i * MIB + i + 4096 - (i & 2047)];
        printf("1 GiB: sum %lu, last %d\n", sum, p[1024 * MIB - 1]);
        free(p);
}

static void growth(void)
{
        unsigned char *p = NULL;
        unsigned long kept = 0, steps = 0;

        for (unsigned long len = 1000; len < 200 * MIB; len += len / 2) {
                p = realloc(p, len);
                if (!p) {
                        printf("growth: none at %lu\n", len);
                        return;
                }
                p[len - 1] = (unsigned char)++steps;
                p[len / 2] = 7;
                p[0] = 9;
        }
        for (unsigned long len = 1000; len < 200 * MIB; len += len / 2)
                kept += p[len - 1] != 0;
        printf("growth: %lu steps, %lu marks kept, first %d\n", steps, kept, p[0]);
        p = realloc(p, 3 * MIB);
        printf("shrunk: first %d\n", p[0]);
        free(p);
}

static void blocks(void)
{
        enum { COUNT = 3000 };
        static unsigned char *block[COUNT];
        static size_t size[COUNT];
        unsigned long wrong = 0;

        for (int round = 0; round < 30000; round++) {
                unsigned i = (unsigned)(next() % COUNT);
                unsigned char tag = (unsigned char)i;

                if (block[i]) {
                        wrong += block[i][0] != tag || block[i][size[i] - 1] != tag;
                        if (next() % 3) {
                                free(block[i]);
                                block[i] = NULL;
                                continue;
                        }
                }
                size[i] = next() % 64 == 0 ? next() % (2 * MIB) + 1 : next() % 2000 + 1;
                block[i] = realloc(block[i], size[i]);
                wrong += ((uintptr_t)block[i] & 15) != 0;
                block[i][0] = block[i][size[i] - 1] = tag;
        }
        for (int i = 0; i < COUNT; i++)
                free(block[i]);
        printf("30000 steps of malloc, realloc, free: %lu wrong\n", wrong);
}

int main(void)
{
        void *p = NULL;
        char *zero;
        int sum = 0;

        a_gigabyte();
        growth();
        blocks();
        printf("posix_memalign: %d %d\n", posix_memalign(&p, 65536, 100),
               (int)((uintptr_t)p & 65535));
        zero = calloc(50, MIB);
        for (unsigned long i = 0; i < 50 * MIB; i += 4096)
                sum |= zero[i];
        printf("calloc of 50 MiB: %d\n", sum);
        printf("too much: %s\n", malloc((size_t)1 << 60) ? "given" : "none");
        return 0;
}
