/* SPDX-License-Identifier: MIT */
/* /proc/self/pagemap: its words, and what PAGEMAP_SCAN finds and refuses. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kernel/base/abi/procfs.h"
#include "userland/tests/lib/arena.h"
#include "userland/tests/lib/transcript.h"

#define ALL   (PM_SCAN_CATEGORIES & ~PAGE_IS_SOFT_DIRTY)
#define ROOM  64
#define GUARD 102 /* MADV_GUARD_INSTALL */

static int pagemap;
static struct page_region found[ROOM];

/* ------------------------------------------------------------------ words */

/* The words of pages, shifted so that flags alone are left: "102 100 -". */
static void show_words(long page, long pages, const char *what)
{
        static unsigned long words[512];
        char text[900];
        long n = raw_call(NR_pread64, pagemap, words, pages * 8, at(page) / PAGE * 8);
        int at = 0;

        if (n != pages * 8) {
                step(n, "words of %s", what);
                return;
        }
        for (long i = 0; i < pages && at < 880; i++)
                at += snprintf(text + at, sizeof(text) - at, "%s%lx", i ? " " : "", words[i] >> 55);
        step_text(text, "words of %s", what);
}

static void child_words(void)
{
        show_words(0, 4, "the child before it writes");
        *(volatile char *)at(0) = 1;
        show_words(0, 4, "the child after it wrote to the first");
}

static void words(void)
{
        int fd = raw_call(NR_memfd_create, "words", 0);

        scene_in_arena("words");
        ftruncate(fd, 8 * PAGE);
        map(0, 4, "rw-");
        show_words(0, 4, "memory not touched");
        stamp(0, 2, 'A');
        (void)*(volatile char *)at(2);
        show_words(0, 6, "two written, one read, one not touched, two not mapped");
        raw_call(NR_madvise, at(1), PAGE, GUARD);
        show_words(0, 4, "a guard in the second");
        raw_call(NR_mremap, at(0), 4 * PAGE, 4 * PAGE, 3, at(100));
        show_words(100, 4, "the same after a move");
        show_words(0, 4, "where they were");
        raw_call(NR_mremap, at(100), 4 * PAGE, 4 * PAGE, 3, at(0));
        raw_call(NR_mprotect, at(0), 4 * PAGE, PROT_NONE);
        show_words(0, 4, "without rights");
        raw_call(NR_mprotect, at(0), 4 * PAGE, 3);
        in_child(child_words, "a child");
        show_words(0, 4, "the parent when the child is gone");
        raw_call(NR_madvise, at(0), 4 * PAGE, MADV_DONTNEED);
        show_words(0, 4, "after MADV_DONTNEED");
        raw_call(NR_mmap, at(8), 4 * PAGE, 3, MAP_SHARED | MAP_FIXED, fd, 0);
        raw_call(NR_mmap, at(16), 4 * PAGE, 3, MAP_PRIVATE | MAP_FIXED, fd, 0);
        *(volatile char *)at(8) = 1;
        show_words(8, 4, "shared memory, one written");
        *(volatile char *)at(16) = 1;
        show_words(16, 4, "a private mapping of it, one written");
        show_words(8, 4, "shared memory again");
        raw_call(NR_mremap, at(8), 0, 4 * PAGE, 3, at(24));
        (void)*(volatile char *)at(24);
        show_words(24, 4, "a duplicate of it, one read");
        show_words(8, 4, "shared memory once more");
        close(fd);
}

static void reading(void)
{
        unsigned long word = 1;
        char small[16];

        scene_in_arena("reading");
        map(0, 2, "rw-");
        stamp(0, 1, 'A');
        step(raw_call(NR_pread64, pagemap, small, 7, at(0) / PAGE * 8), "seven bytes");
        step(raw_call(NR_pread64, pagemap, small, 12, at(0) / PAGE * 8), "twelve bytes");
        step(raw_call(NR_pread64, pagemap, small, 8, at(0) / PAGE * 8 + 4), "at half a word");
        step(raw_call(NR_pread64, pagemap, small, 0, at(0) / PAGE * 8), "no bytes");
        step(raw_call(NR_pread64, pagemap, 8, 8, at(0) / PAGE * 8), "into nothing");
        step(raw_call(NR_pread64, pagemap, &word, 8, 0x7fffffffeUL * 8), "the last page");
        step(raw_call(NR_pread64, pagemap, small, 16, 0x7fffffffeUL * 8), "past the last page");
        step(raw_call(NR_pread64, pagemap, &word, 8, 0x7ffffffffUL * 8), "behind it");
        step(raw_call(NR_pread64, pagemap, &word, 8, 1UL << 60), "far behind it");
        step(raw_call(NR_pread64, pagemap, &word, 8, -8), "before the start");
        step(raw_call(NR_pwrite64, pagemap, &word, 8, 0), "write");
        step(raw_call(NR_lseek, pagemap, at(0) / PAGE * 8, 0) == (long)(at(0) / PAGE * 8), "seek");
        step(raw_call(NR_read, pagemap, &word, 8), "read there");
        step_text(word >> 63 ? "present" : "not", "what there is");
        step(raw_call(NR_lseek, pagemap, 8, 1) == (long)(at(2) / PAGE * 8), "seek on");
        step(raw_call(NR_lseek, pagemap, 0, 2), "seek to the end");
        step(raw_call(NR_lseek, pagemap, 0, 0), "seek to the start");
        step(raw_call(NR_ioctl, pagemap, 0xc0606611, &word), "an unknown order");
}

/* ------------------------------------------------------------------ scans */

static struct pm_scan_arg scan_of(long page, long pages)
{
        return (struct pm_scan_arg){
                .size = sizeof(struct pm_scan_arg),
                .start = at(page),
                .end = at(page + pages),
                .vec = (unsigned long)found,
                .vec_len = ROOM,
                .return_mask = ALL,
        };
}

static void scan(struct pm_scan_arg *arg, const char *what)
{
        long n = raw_call(NR_ioctl, pagemap, PAGEMAP_SCAN, arg);
        char text[900];
        int at = 0;

        if (n < 0) {
                step(n, "scan %s; walk_end %s", what, place_name(arg->walk_end));
                return;
        }
        for (long i = 0; i < n && arg->vec && at < 850; i++) {
                at += snprintf(text + at, sizeof(text) - at, "%s", place_name(found[i].start));
                at += snprintf(text + at, sizeof(text) - at, "..%s:%llx ", place_name(found[i].end),
                               (unsigned long long)found[i].categories);
        }
        snprintf(text + at, sizeof(text) - at, "(%ld) up to %s", n, place_name(arg->walk_end));
        step_text(text, "scan %s", what);
}

/* Pages of every kind, in a range whose page table is there, and one whose is not. */
static void set_up(const char *title)
{
        int fd = raw_call(NR_memfd_create, "scan", 0);

        scene_in_arena(title);
        ftruncate(fd, 8 * PAGE);
        map(0, 10, "rw-");
        stamp(0, 3, 'A');
        (void)*(volatile char *)at(4);
        (void)*(volatile char *)at(5);
        raw_call(NR_madvise, at(7), PAGE, GUARD);
        raw_call(NR_mmap, at(12), 4 * PAGE, 3, MAP_SHARED | MAP_FIXED, fd, 0);
        *(volatile char *)at(13) = 1;
        raw_call(NR_mmap, at(16), 2 * PAGE, 3, MAP_PRIVATE | MAP_FIXED, fd, 0);
        *(volatile char *)at(17) = 1;
        map(20, 4, "---");
        map(1024, 1024, "rw-");
        close(fd);
}

static void what_is_found(void)
{
        static const struct {
                unsigned long inverted, all, any, shown;
                const char *what;
        } wants[] = {
                { 0, 0, 0, ALL, "everything" },
                { 0, 0, 0, 0, "everything, categories not shown" },
                { 0, PAGE_IS_PRESENT, 0, ALL, "present" },
                { PAGE_IS_PRESENT, PAGE_IS_PRESENT, 0, ALL, "not present" },
                { 0, PAGE_IS_WRITTEN, 0, PAGE_IS_WRITTEN, "written alone" },
                { 0, PAGE_IS_WRITTEN, 0, ALL, "written" },
                { 0, PAGE_IS_FILE, 0, ALL, "of files" },
                { PAGE_IS_FILE, PAGE_IS_PRESENT | PAGE_IS_FILE, 0, ALL, "present, not of files" },
                { 0, PAGE_IS_PFNZERO, 0, ALL, "zero pages" },
                { 0, PAGE_IS_GUARD, 0, ALL, "guards" },
                { 0, PAGE_IS_SWAPPED, 0, PAGE_IS_SWAPPED, "swapped" },
                { 0, 0, PAGE_IS_GUARD | PAGE_IS_FILE, ALL, "guards or files" },
                { 0, PAGE_IS_PRESENT, PAGE_IS_PFNZERO | PAGE_IS_FILE, ALL,
                  "present, zero or file" },
                { PAGE_IS_PFNZERO, PAGE_IS_PFNZERO, PAGE_IS_PRESENT, ALL, "present, not zero" },
                { 0, PAGE_IS_WPALLOWED, 0, ALL, "that may be protected" },
                { PAGE_IS_WPALLOWED, PAGE_IS_WPALLOWED, 0, ALL, "that may not be protected" },
                { 0, PAGE_IS_HUGE, 0, ALL, "huge" },
                { 0, 0, PAGE_IS_HUGE | PAGE_IS_SOFT_DIRTY, ALL, "huge or soft-dirty" },
                { ALL, 0, 0, ALL, "everything, turned round" },
        };

        set_up("what scans find");
        for (unsigned i = 0; i < sizeof(wants) / sizeof(*wants); i++) {
                struct pm_scan_arg arg = scan_of(0, 30);

                arg.category_inverted = wants[i].inverted;
                arg.category_mask = wants[i].all;
                arg.category_anyof_mask = wants[i].any;
                arg.return_mask = wants[i].shown;
                scan(&arg, wants[i].what);
        }
        for (long end = 1024; end <= 2048; end += 512) {
                struct pm_scan_arg arg = scan_of(1000, end - 1000);

                scan(&arg, "where nothing was touched");
        }
        *(volatile char *)at(1030) = 1;
        for (long end = 1024; end <= 2048; end += 512) {
                struct pm_scan_arg arg = scan_of(1000, end - 1000);

                scan(&arg, "where one page was");
        }
}

static void limits(void)
{
        struct pm_scan_arg arg;

        set_up("how far scans go");
        for (int pages = 1; pages <= 13; pages += pages < 8 ? 1 : 2) {
                char what[40];

                arg = scan_of(0, 30);
                arg.category_mask = PAGE_IS_PRESENT;
                arg.max_pages = pages;
                snprintf(what, sizeof(what), "for %d pages", pages);
                scan(&arg, what);
        }
        for (int room = 1; room <= 5; room++) {
                char what[40];

                arg = scan_of(0, 30);
                arg.category_mask = PAGE_IS_PRESENT;
                arg.vec_len = room;
                snprintf(what, sizeof(what), "for %d regions", room);
                scan(&arg, what);
        }
        arg = scan_of(0, 3);
        arg.max_pages = 3;
        scan(&arg, "for exactly what there is");
        arg = scan_of(1024, 1024);
        arg.max_pages = 100;
        scan(&arg, "for part of a hole");
        arg = scan_of(0, 30);
        arg.vec = arg.vec_len = 0;
        scan(&arg, "without a vector");
        arg = scan_of(0, 30);
        arg.vec_len = 0;
        scan(&arg, "with a vector of no length");
        arg = scan_of(0, 30);
        arg.vec = arg.vec_len = 0;
        arg.max_pages = 2;
        scan(&arg, "without a vector, for two pages");
        arg = scan_of(0, 30);
        arg.end -= 29 * PAGE + 100;
        scan(&arg, "up to the middle of a page");
        arg = scan_of(0, 0);
        scan(&arg, "of nothing");
        arg = scan_of(50, 10);
        scan(&arg, "where nothing is mapped");
        arg = scan_of(9, 3);
        scan(&arg, "across the end of a mapping");
        arg = scan_of(0, 30);
        arg.flags = PM_SCAN_WP_MATCHING;
        scan(&arg, "that protects");
        arg = scan_of(0, 30);
        arg.flags = PM_SCAN_CHECK_WPASYNC;
        scan(&arg, "that insists on protection");
        arg = scan_of(0, 30);
        arg.flags = PM_SCAN_FLAGS;
        scan(&arg, "that protects and insists");
        arg = scan_of(50, 10);
        arg.flags = PM_SCAN_CHECK_WPASYNC;
        scan(&arg, "that insists where nothing is mapped");
}

/* More regions than a kernel's buffer is likely to hold. */
static void many(void)
{
        static struct page_region regions[2000];
        struct pm_scan_arg arg = scan_of(0, 4000);
        long n, right = 1;

        scene_in_arena("many regions");
        map(0, 4000, "rw-");
        for (long page = 0; page < 3000; page += 2)
                *(volatile char *)at(page) = 1;
        arg.vec = (unsigned long)regions;
        arg.category_mask = PAGE_IS_PRESENT;
        for (unsigned room = 100; room <= 2000; room += room == 512 ? 1 : room < 500 ? 412 : 1487) {
                arg.vec_len = room;
                n = raw_call(NR_ioctl, pagemap, PAGEMAP_SCAN, &arg);
                for (long i = 0; i < n; i++)
                        right &= regions[i].start == at(2 * i) && regions[i].end == at(2 * i + 1);
                step(n, "room for %u; up to %s", room, place_name(arg.walk_end));
                check(right, "all of them right");
        }
        arg.vec_len = 2000;
        arg.max_pages = 700;
        n = raw_call(NR_ioctl, pagemap, PAGEMAP_SCAN, &arg);
        step(n, "700 pages; up to %s", place_name(arg.walk_end));
}

static void refusals(void)
{
        static const unsigned long sizes[] = { 0, 8, 95, 97, 104, ~0UL };
        struct pm_scan_arg arg;

        set_up("what scans refuse");
        for (unsigned i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
                arg = scan_of(0, 30);
                arg.size = sizes[i];
                step(raw_call(NR_ioctl, pagemap, PAGEMAP_SCAN, &arg), "size %ld", (long)sizes[i]);
        }
        for (int bit = 2; bit < 64; bit += 20) {
                arg = scan_of(0, 30);
                arg.flags = 1UL << bit;
                step(raw_call(NR_ioctl, pagemap, PAGEMAP_SCAN, &arg), "flag bit %d", bit);
        }
        for (int which = 0; which < 4; which++) {
                for (int bit = 9; bit < 64; bit += 54) {
                        arg = scan_of(0, 30);
                        (&arg.category_inverted)[which] |= 1UL << bit;
                        step(raw_call(NR_ioctl, pagemap, PAGEMAP_SCAN, &arg), "mask %d bit %d",
                             which, bit);
                }
        }
        arg = scan_of(0, 30);
        arg.start += 1;
        scan(&arg, "from the middle of a page");
        arg = scan_of(30, 0);
        arg.end = at(0);
        scan(&arg, "backwards");
        arg = scan_of(0, 30);
        arg.vec = 0;
        scan(&arg, "without a vector, with a length");
        arg = scan_of(0, 30);
        arg.vec = 1UL << 63;
        scan(&arg, "with a vector of the kernel");
        arg = scan_of(0, 30);
        arg.vec = at(60);
        scan(&arg, "with a vector that is not there");
        arg = scan_of(0, 30);
        arg.vec_len = ~0UL;
        scan(&arg, "with an endless vector");
        arg = scan_of(0, 30);
        arg.vec_len = 1UL << 60;
        scan(&arg, "with a vector that wraps");
        arg = scan_of(0, 30);
        arg.end = 0x7ffffffff000;
        arg.category_mask = PAGE_IS_GUARD;
        step(raw_call(NR_ioctl, pagemap, PAGEMAP_SCAN, &arg), "to the end of user space");
        arg.end = 0x7ffffffff001;
        step(raw_call(NR_ioctl, pagemap, PAGEMAP_SCAN, &arg), "and a byte");
        arg.start = 0x7ffffffff000;
        step(raw_call(NR_ioctl, pagemap, PAGEMAP_SCAN, &arg), "that byte alone");
        arg.end = arg.start;
        step(raw_call(NR_ioctl, pagemap, PAGEMAP_SCAN, &arg), "nothing at the end");
        arg.start = arg.end = 0x800000000000;
        step(raw_call(NR_ioctl, pagemap, PAGEMAP_SCAN, &arg), "nothing behind the end");
        arg.start = arg.end = 1UL << 63;
        step(raw_call(NR_ioctl, pagemap, PAGEMAP_SCAN, &arg), "nothing in the kernel");
        step(raw_call(NR_ioctl, pagemap, PAGEMAP_SCAN, 0), "no argument");
        step(raw_call(NR_ioctl, pagemap, PAGEMAP_SCAN, at(60)), "an argument that is not there");
}

int main(void)
{
        pagemap = open("/proc/self/pagemap", O_RDONLY);
        words();
        reading();
        what_is_found();
        limits();
        many();
        refusals();
        return 0;
}
