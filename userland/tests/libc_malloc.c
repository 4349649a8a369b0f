/* SPDX-License-Identifier: MIT */
/* The heap: small blocks, large blocks that live in mappings, realloc through mremap, alignment. */
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/expect.h"
#include "lib/transcript.h"

#define MIB (1024UL * 1024)

static int filled(const unsigned char *p, size_t len, unsigned char with)
{
        for (size_t i = 0; i < len; i++)
                if (p[i] != with)
                        return 0;
        return 1;
}

static void small_blocks(void)
{
        enum { COUNT = 2000 };
        static unsigned char *block[COUNT];
        volatile size_t huge = SIZE_MAX / 2;
        int whole = 1, aligned = 1;

        scene("small blocks");
        for (int i = 0; i < COUNT; i++) {
                size_t len = (size_t)(i * 37 % 1500 + 1);

                block[i] = malloc(len);
                memset(block[i], i & 0xff, len);
                aligned &= ((uintptr_t)block[i] & 15) == 0;
        }
        for (int i = 0; i < COUNT; i += 2) {
                free(block[i]);
                block[i] = NULL;
        }
        for (int i = 1; i < COUNT; i += 2)
                whole &= filled(block[i], (size_t)(i * 37 % 1500 + 1), i & 0xff);
        expect(aligned, "all are aligned to 16");
        expect(whole, "freeing every other leaves the rest whole");
        for (int i = 1; i < COUNT; i += 2)
                free(block[i]);
        free(NULL);
        expect(malloc(huge) == NULL && errno == ENOMEM, "half of all addresses: ENOMEM");
        expect(reallocarray(NULL, huge, 3) == NULL, "reallocarray sees the overflow");
        {
                unsigned char *p = calloc(1000, 17);

                expect(p && filled(p, 17000, 0), "calloc is zero");
                free(p);
        }
}

static void large_blocks(void)
{
        unsigned char *p = malloc(MIB);
        int kept = 1;

        scene("large blocks");
        memset(p, 0x5a, MIB);
        for (size_t mib = 2; mib <= 64; mib *= 2) {
                p = realloc(p, mib * MIB);
                kept &= p && filled(p, MIB, 0x5a);
                p[mib * MIB - 1] = 1;
        }
        expect(kept, "growing 1 MiB to 64 MiB keeps the contents");
        p = realloc(p, 2 * MIB);
        expect(p && filled(p, MIB, 0x5a), "shrinking keeps them too");
        free(p);
        p = malloc(256 * MIB);
        expect(p != NULL, "256 MiB at once");
        p[0] = p[128 * MIB] = p[256 * MIB - 1] = 1;
        free(p);
        p = calloc(1, 32 * MIB);
        expect(p && p[0] == 0 && p[32 * MIB - 1] == 0, "calloc of 32 MiB");
        free(p);
}

static void alignments(void)
{
        int right = 1;

        scene("alignment");
        for (size_t align = 16; align <= 65536; align *= 2) {
                void *p = NULL;

                right &= posix_memalign(&p, align, 100) == 0 && (uintptr_t)p % align == 0;
                memset(p, 1, 100);
                free(p);
        }
        expect(right, "posix_memalign from 16 to 65536");
        {
                void *p = NULL;

                expect(posix_memalign(&p, 24, 1) == EINVAL, "24 is no alignment");
        }
        {
                void *p = aligned_alloc(4096, 8192);

                expect(p && (uintptr_t)p % 4096 == 0 && malloc_usable_size(p) >= 8192,
                       "aligned_alloc");
                free(p);
        }
}

static void moving(void)
{
        const int private = MAP_PRIVATE | MAP_ANONYMOUS;
        char *from = mmap(NULL, 8192, PROT_READ | PROT_WRITE, private, -1, 0);
        char *room = mmap(NULL, 65536, PROT_NONE, private, -1, 0);

        scene("the fifth argument of mremap");
        strcpy(from, "moved");
        expect(mremap(from, 8192, 8192, MREMAP_MAYMOVE | MREMAP_FIXED, room) == room &&
                       strcmp(room, "moved") == 0,
               "goes with MREMAP_FIXED");
        munmap(room + 8192, 65536 - 8192);
        expect(mremap(room, 8192, 8192, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, room + 16384) ==
                               room + 16384 &&
                       strcmp(room + 16384, "moved") == 0 && room[0] == 0,
               "and with MREMAP_DONTUNMAP, as a hint");
        munmap(room, 65536);
}

static void the_break(void)
{
        char *old = sbrk(0);

        scene("the break");
        expect(sbrk(8192) == old && (char *)sbrk(0) == old + 8192, "sbrk up");
        old[8191] = 1;
        expect(sbrk(-8192) == old + 8192 && sbrk(0) == old, "sbrk down");
}

int main(void)
{
        small_blocks();
        large_blocks();
        alignments();
        moving();
        the_break();
        return expect_result();
}
