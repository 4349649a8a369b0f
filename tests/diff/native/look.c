/* SPDX-License-Identifier: MIT */
/*
 * What /proc/self says of the address space, as a snapshot: /proc/self/maps or, where the flags are
 * wanted, smaps; status; and pagemap, with what the pages hold. Every file is open already.
 */
#include "kernel/base/abi/procfs.h"
#include "mm/vma_flags.h"
#include "tests/diff/native/native.h"

/* seq_file hands out whole records, about 4 KiB at a time. */
static char text[16384];

static uint64_t letters_bit[1024]; /* of a VmFlags name, by letters_index() */

static unsigned letters_index(const char *two)
{
        return (unsigned)(two[0] & 31) << 5 | (two[1] & 31);
}

static void open_as(int fd, const char *path)
{
        long got;

        sys1(SYS_CLOSE, (uint64_t)fd);
        got = sys2(SYS_OPEN, (uint64_t)path, 0);
        if (got >= 0 && got != fd) {
                sys3(SYS_DUP3, (uint64_t)got, (uint64_t)fd, 0);
                sys1(SYS_CLOSE, (uint64_t)got);
        }
        if (got < 0)
                trouble(TROUBLE_SETUP, got);
}

void look_open(void)
{
        open_as(FD_MAPS, "/proc/self/maps");
        open_as(FD_SMAPS, "/proc/self/smaps");
        open_as(FD_STATUS, "/proc/self/status");
        open_as(FD_PAGEMAP, "/proc/self/pagemap");
        for (unsigned bit = 0; bit < 64; bit++)
                if (vm_flag_letters(bit))
                        letters_bit[letters_index(vm_flag_letters(bit))] = 1ULL << bit;
}

/* ------------------------------------------------------------------ maps, smaps */

static const char *hex(const char *at, uint64_t *value)
{
        for (*value = 0;; at++) {
                if (*at >= '0' && *at <= '9')
                        *value = *value << 4 | (uint64_t)(*at - '0');
                else if (*at >= 'a' && *at <= 'f')
                        *value = *value << 4 | (uint64_t)(*at - 'a' + 10);
                else
                        return at;
        }
}

static uint32_t name_of(const char *at)
{
        if (*at == '[')
                return at[1] == 'h' ? NAME_HEAP : at[1] == 's' ? NAME_STACK : NAME_OTHER;
        if (*at != '/')
                return NAME_NONE;
        if (at[1] == 'm' && at[7] >= '0' && at[7] < '0' + MEMFDS && at[8] == ' ')
                return NAME_MEMFD + (uint32_t)(at[7] - '0');
        if (at[1] == 'd' && at[5] == 'z')
                return at[9] == ' ' ? NAME_SHARED : NAME_ZERO;
        return NAME_OTHER;
}

static const char *line_end(const char *at)
{
        while (*at != '\n')
                at++;
        return at;
}

/* One line of maps. */
static const char *read_mapping(const char *at, struct vma_note *note)
{
        uint64_t ignored;

        at = hex(at, &note->start);
        at = hex(at + 1, &note->end) + 1;
        note->rights = (at[0] == 'r' ? NOTE_READ : 0) | (at[1] == 'w' ? NOTE_WRITE : 0) |
                       (at[2] == 'x' ? NOTE_EXEC : 0) | (at[3] == 's' ? NOTE_SHARED : 0);
        at = hex(at + 5, &note->offset) + 1;
        at = hex(hex(at, &ignored) + 1, &ignored) + 1; /* device */
        while (*at >= '0' && *at <= '9')               /* inode */
                at++;
        while (*at == ' ')
                at++;
        note->name = name_of(at);
        return line_end(at) + 1;
}

#define SMAPS_LINE 27 /* characters: a name in 16 columns, a number in 8, " kB" */

/* One attribute of smaps. */
static const char *read_attribute(const char *at, struct vma_note *note)
{
        if (at[0] != 'V' || at[1] != 'm')
                return line_end(at[SMAPS_LINE] == '\n' ? at + SMAPS_LINE : at) + 1;
        for (at += 9; *at != '\n'; at += 3) /* "VmFlags: rd wr " */
                note->flags |= letters_bit[letters_index(at)];
        return at + 1;
}

static void look_at_vmas(struct snapshot *s, bool flags)
{
        struct vma_note ignored, *note = &ignored;
        uint64_t offset = 0;

        for (;;) {
                long n = sys4(SYS_PREAD, flags ? FD_SMAPS : FD_MAPS, (uint64_t)text, sizeof(text),
                              offset);
                const char *at = text;

                if (n < 0)
                        trouble(TROUBLE_PROC, n);
                if (n == 0)
                        return;
                offset += (uint64_t)n;
                while (at < text + n) {
                        uint64_t start;

                        if (*at >= 'A' && *at <= 'Z') {
                                at = read_attribute(at, note);
                                continue;
                        }
                        hex(at, &start);
                        note = start == OWN_BASE || start >= WORLD_END ? NULL : snapshot_vma(s);
                        if (!note)
                                note = &ignored;
                        at = read_mapping(at, note);
                }
        }
}

/* ------------------------------------------------------------------ status */

/* Add what it says. */
static const char *number(const char *at, uint64_t *value)
{
        uint64_t n;

        while (*at == ' ' || *at == '\t')
                at++;
        for (n = 0; *at >= '0' && *at <= '9'; at++)
                n = n * 10 + (uint64_t)(*at - '0');
        *value += n;
        return at;
}

static bool starts(const char *at, const char *word)
{
        while (*word)
                if (*at++ != *word++)
                        return false;
        return true;
}

static void look_at_counters(struct snapshot *s)
{
        static const struct {
                char name[12];
                uint8_t counter;
        } lines[] = {
                { "VmPeak:", COUNT_PEAK },  { "VmSize:", COUNT_SIZE },
                { "VmLck:", COUNT_LOCKED }, { "RssAnon:", COUNT_ANON },
                { "RssFile:", COUNT_FILE }, { "RssShmem:", COUNT_SHMEM },
                { "VmData:", COUNT_DATA },  { "VmStk:", COUNT_STACK },
                { "VmExe:", COUNT_EXEC },   { "VmLib:", COUNT_EXEC },
                { "VmPTE:", COUNT_TABLES },
        };
        const unsigned nr = sizeof(lines) / sizeof(lines[0]);
        long n = sys4(SYS_PREAD, FD_STATUS, (uint64_t)text, sizeof(text) - 1, 0);
        unsigned next = 0;

        if (n <= 0)
                trouble(TROUBLE_PROC, n);
        for (const char *at = text; at < text + n && next < nr; at = line_end(at) + 1) {
                if ((*at != 'V' && *at != 'R') || !starts(at, lines[next].name))
                        continue;
                while (*at != '\t')
                        at++;
                at = number(at, &s->count[lines[next++].counter]);
        }
        if (next != nr)
                trouble(TROUBLE_PROC, next);
}

/* ------------------------------------------------------------------ pages */

#define REGIONS 256
#define WORDS   512

struct place {
        struct snapshot *s;
        unsigned vma; /* that ends above what has been looked at */
};

static bool is_readable(struct place *place, uint64_t addr)
{
        const struct vma_note *notes = snapshot_vmas(place->s);

        while (place->vma < place->s->nr_vmas && notes[place->vma].end <= addr)
                place->vma++;
        return place->vma < place->s->nr_vmas && notes[place->vma].start <= addr &&
               (notes[place->vma].rights & (NOTE_READ | NOTE_WRITE));
}

/* `huge`: HUGE_BIT or 0. */
static void look_at_pages(struct place *place, uint64_t start, uint64_t end, uint32_t huge)
{
        static uint64_t words[WORDS];

        for (uint64_t addr = start; addr < end; addr += WORDS * OP_PAGE) {
                uint64_t nr = (end - addr) / OP_PAGE < WORDS ? (end - addr) / OP_PAGE : WORDS;
                long n = sys4(SYS_PREAD, FD_PAGEMAP, (uint64_t)words, nr * 8, addr / OP_PAGE * 8);

                if (n != (long)(nr * 8))
                        trouble(TROUBLE_PROC, n);
                for (uint64_t i = 0; i < nr; i++) {
                        uint64_t page = addr + i * OP_PAGE;
                        bool there = words[i] >> 63 && is_readable(place, page);

                        snapshot_page(place->s, page, (uint32_t)(words[i] >> 55) | huge, there,
                                      (const void *)page);
                }
        }
}

static void look_in(struct place *place, uint64_t start, uint64_t end)
{
        static struct page_region regions[REGIONS];
        struct pm_scan_arg scan = { .size = sizeof(scan),
                                    .start = start,
                                    .end = end,
                                    .vec = (uint64_t)regions,
                                    .vec_len = REGIONS,
                                    .category_anyof_mask = PAGE_IS_PRESENT | PAGE_IS_SWAPPED,
                                    .return_mask = PAGE_IS_PRESENT | PAGE_IS_HUGE };

        while (scan.start < end) {
                long n = sys3(SYS_IOCTL, FD_PAGEMAP, PAGEMAP_SCAN, (uint64_t)&scan);

                if (n < 0)
                        trouble(TROUBLE_PROC, n);
                for (long i = 0; i < n; i++)
                        look_at_pages(place, regions[i].start, regions[i].end,
                                      regions[i].categories & PAGE_IS_HUGE ? HUGE_BIT : 0);
                scan.start = scan.walk_end;
        }
}

void look(struct snapshot *s, bool flags)
{
        struct place place = { .s = s };

        look_at_vmas(s, flags);
        look_at_counters(s);
        look_in(&place, 0, OWN_BASE);
        look_in(&place, OWN_END, WORLD_END);
}
