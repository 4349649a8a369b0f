/* SPDX-License-Identifier: MIT */
/*
 * Laying out and looking at the arena. See arena.h for the pictures that are printed.
 *
 * A stamped page holds in each of its 512 words the letter eight times, changed by the number of
 * the word: so a page that was moved whole reads as its letter, and one that was moved in parts or
 * with an offset does not.
 */
#include "userland/tests/lib/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "userland/tests/lib/transcript.h"

#define WORDS_PER_PAGE (PAGE / sizeof(uint64_t))

/* Large enough for the maps of programs with some hundred mappings. */
static char maps_text[1 << 18];

unsigned long at(long page)
{
        return ARENA + page * PAGE;
}

int perms_value(const char *perms)
{
        int prot = 0;

        if (strchr(perms, 'r'))
                prot |= PROT_READ;
        if (strchr(perms, 'w'))
                prot |= PROT_WRITE;
        if (strchr(perms, 'x'))
                prot |= PROT_EXEC;
        return prot;
}

void scene_in_arena(const char *title)
{
        raw_call(NR_munmap, ARENA, ARENA_PAGES * PAGE);
        scene(title);
}

const char *place_name(long result)
{
        static char text[2][48];
        static int turn;
        unsigned long addr = result;
        char *name = text[turn ^= 1];

        if (result < 0 && result > -4096)
                return errno_name(result);
        if (addr < ARENA || addr > ARENA_END)
                return addr == 0 ? "0" : "elsewhere";
        if (addr % PAGE == 0)
                snprintf(name, sizeof(text[0]), "+%lu", (addr - ARENA) / PAGE);
        else
                snprintf(name, sizeof(text[0]), "+%lu.%lx", (addr - ARENA) / PAGE, addr % PAGE);
        return name;
}

long map_with(long page, unsigned long pages, const char *perms, int flags)
{
        long result = raw_call(NR_mmap, at(page), pages * PAGE, perms_value(perms), flags, -1, 0);

        step_text(place_name(result), "mmap(+%ld, %lu, %s)", page, pages, perms);
        return result;
}

long map(long page, unsigned long pages, const char *perms)
{
        return map_with(page, pages, perms, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED);
}

long unmap(long page, unsigned long pages)
{
        long result = raw_call(NR_munmap, at(page), pages * PAGE);

        step(result, "munmap(+%ld, %lu)", page, pages);
        return result;
}

long protect(long page, unsigned long pages, const char *perms)
{
        long result = raw_call(NR_mprotect, at(page), pages * PAGE, perms_value(perms));

        step(result, "mprotect(+%ld, %lu, %s)", page, pages, perms);
        return result;
}

/* The word that a page stamped with the letter holds at this index. */
static uint64_t stamp_word(char letter, unsigned index)
{
        return (unsigned char)letter * UINT64_C(0x0101010101010101) ^ index;
}

void stamp_at(unsigned long addr, unsigned long pages, char letter)
{
        volatile uint64_t *word = (volatile uint64_t *)addr;

        for (; pages > 0; pages--, word += WORDS_PER_PAGE)
                for (unsigned i = 0; i < WORDS_PER_PAGE; i++)
                        word[i] = stamp_word(letter, i);
}

void stamp(long page, unsigned long pages, char letter)
{
        stamp_at(at(page), pages, letter);
}

char page_letter(unsigned long addr)
{
        const volatile uint64_t *word = (const volatile uint64_t *)addr;
        char letter = (char)word[0];
        unsigned i;

        for (i = 0; i < WORDS_PER_PAGE && word[i] == 0; i++)
                ;
        if (i == WORDS_PER_PAGE)
                return '0';
        if (letter < 'A' || letter > 'z')
                return '?';
        for (i = 0; i < WORDS_PER_PAGE; i++)
                if (word[i] != stamp_word(letter, i))
                        return '?';
        return letter;
}

long remap_raw(unsigned long addr, unsigned long old_len, unsigned long new_len, unsigned flags,
               unsigned long target)
{
        return raw_call(NR_mremap, addr, old_len, new_len, flags, target);
}

long remap(long page, unsigned long pages, unsigned long new_pages, const char *flags, long target)
{
        unsigned bits = 0;
        long result;

        if (strchr(flags, 'M'))
                bits |= 1;
        if (strchr(flags, 'F'))
                bits |= 2;
        if (strchr(flags, 'D'))
                bits |= 4;
        result = remap_raw(at(page), pages * PAGE, new_pages * PAGE, bits, at(target));
        if (bits & 6)
                step_text(place_name(result), "mremap(+%ld, %lu, %lu, %s, +%ld)", page, pages,
                          new_pages, flags, target);
        else
                step_text(place_name(result), "mremap(+%ld, %lu, %lu, %s)", page, pages, new_pages,
                          *flags ? flags : "0");
        return result;
}

/* One line of /proc/self/maps, taken apart. `name` points into the text. */
struct maps_line {
        unsigned long start, end, offset;
        char perms[5];
        char *name;
};

/* Takes the line at *text apart and moves on to the next; 0 at the end. */
static int next_line(char **text, struct maps_line *line)
{
        char *end = strchr(*text, '\n');
        char *p = *text;

        if (!end)
                return 0;
        *end = 0;
        *text = end + 1;
        line->start = strtoul(p, &p, 16);
        line->end = strtoul(p + 1, &p, 16);
        memcpy(line->perms, p + 1, 4);
        line->perms[4] = 0;
        line->offset = strtoul(p + 6, &p, 16);
        p = strchr(p + 1, ' '); /* behind the device */
        strtoul(p, &p, 10);     /* inode */
        line->name = p + strspn(p, " ");
        return 1;
}

/* Calls the function for every mapping that touches the arena, cut to it. */
static void each_line(void (*fn)(const struct maps_line *line, void *arg), void *arg)
{
        struct maps_line line;
        char *text = maps_text;

        if (read_file("/proc/self/maps", maps_text, sizeof(maps_text)) < 0) {
                say("     /proc/self/maps cannot be read");
                return;
        }
        while (next_line(&text, &line)) {
                if (line.end <= ARENA || line.start >= ARENA_END)
                        continue;
                fn(&line, arg);
        }
}

struct text_buffer {
        char *text;
        size_t length, size;
};

static void add_mapping(const struct maps_line *line, void *arg)
{
        struct text_buffer *out = arg;
        size_t room = out->size - out->length;
        int n;

        n = snprintf(out->text + out->length, room, "%s%ld-%ld %s", out->length ? " | " : "",
                     ((long)line->start - (long)ARENA) / (long)PAGE,
                     ((long)line->end - (long)ARENA) / (long)PAGE, line->perms);
        if ((size_t)n < room && line->offset)
                n += snprintf(out->text + out->length + n, room - n, " @%lx", line->offset / PAGE);
        if ((size_t)n < room && *line->name)
                n += snprintf(out->text + out->length + n, room - n, " %s", line->name);
        out->length += (size_t)n < room ? (size_t)n : room - 1;
}

void show_maps(void)
{
        static char text[900];
        struct text_buffer out = { text, 0, sizeof(text) };

        text[0] = 0;
        each_line(add_mapping, &out);
        say("     maps  %s", out.length ? text : "none");
}

/* At most this many pages are drawn; the programs keep to the first pages of the arena. */
#define DRAWN 160

static void draw_mapping(const struct maps_line *line, void *arg)
{
        char *strip = arg;
        unsigned long addr = line->start < ARENA ? ARENA : line->start;

        for (; addr < line->end && addr < at(DRAWN); addr += PAGE)
                strip[(addr - ARENA) / PAGE] = line->perms[0] == 'r' ? page_letter(addr) : '-';
}

void show_pages(void)
{
        char strip[DRAWN + 1];
        int length = DRAWN;

        memset(strip, '.', DRAWN);
        each_line(draw_mapping, strip);
        while (length > 0 && strip[length - 1] == '.')
                length--;
        strip[length] = 0;
        say("     pages %s", length ? strip : "none");
}

void show(void)
{
        show_maps();
        show_pages();
}

void show_pages_at(const char *what, unsigned long addr, unsigned long pages)
{
        char strip[DRAWN + 1];
        unsigned long i;

        for (i = 0; i < pages && i < DRAWN; i++)
                strip[i] = page_letter(addr + i * PAGE);
        strip[i] = 0;
        say("     %-5s %s", what, strip);
}
