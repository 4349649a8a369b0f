/* SPDX-License-Identifier: MIT */
/* The text of a call, its hash, and what of them is printed. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "userland/fuzz/same/same.h"

#define HASH_START 0xcbf29ce484222325UL
#define HASH_PRIME 0x100000001b3UL

static uint64_t hash_more(uint64_t hash, const void *bytes, unsigned long count)
{
        const unsigned char *byte = bytes;

        while (count--)
                hash = (hash ^ *byte++) * HASH_PRIME;
        return hash;
}

void text_begin(unsigned number)
{
        control->number = number;
        control->length = 0;
        control->text[0] = 0;
}

void put(const char *fmt, ...)
{
        unsigned room = TEXT_MAX - control->length;
        va_list args;
        int more;

        va_start(args, fmt);
        more = vsnprintf(control->text + control->length, room, fmt, args);
        va_end(args);
        control->length += more < (int)room ? (unsigned)more : room - 1;
}

void put_place(uint64_t addr)
{
        if (!in_arena(addr) && addr != ARENA_END)
                put("%lx", addr);
        else if (addr % PAGE)
                put("+%lu.%lu", (addr - ARENA) / PAGE, addr % PAGE);
        else
                put("+%lu", (addr - ARENA) / PAGE);
}

void put_result(long result)
{
        if (result < 0 && result > -4096)
                put("%s", errno_name(result));
        else if (result < 4096)
                put("%ld", result);
        else
                put_place((uint64_t)result);
}

void put_bytes(const void *bytes, unsigned long count)
{
        uint64_t hash = hash_more(HASH_START, bytes, count);

        put("%lu bytes %08lx", count, (hash ^ hash >> 32) & 0xffffffff);
}

static void print(const char *text, unsigned long length)
{
        while (length > 0) {
                long done = raw_call(NR_write, 1, text, length);

                if (done <= 0)
                        raw_call(NR_exit_group, 99);
                text += done;
                length -= (unsigned long)done;
        }
}

void text_end(void)
{
        uint64_t hash = hash_more(HASH_START, control->text, control->length);
        char line[40];

        control->hash = hash_more(control->hash, &hash, sizeof(hash));
        if (control->detail == DETAIL_CALLS)
                print(line, (unsigned)snprintf(line, sizeof(line), " %u %08lx\n", control->number,
                                               (hash ^ hash >> 32) & 0xffffffff));
        if (control->detail == DETAIL_TEXT && control->number >= control->from &&
            control->number <= control->to)
                print(control->text, control->length);
        control->length = 0;
}
