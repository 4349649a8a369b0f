/* SPDX-License-Identifier: MIT */
/* /proc/self/clear_refs: what it takes, and what Referenced and VmHWM are after. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "userland/tests/lib/arena.h"
#include "userland/tests/lib/transcript.h"

static char text[1 << 18];

static long order(const char *what)
{
        long fd = raw_call(NR_open, "/proc/self/clear_refs", O_WRONLY, 0);
        long n = raw_call(NR_write, fd, what, strlen(what));

        raw_call(NR_close, fd);
        return n;
}

/* Referenced of the mappings that begin at the pages, in kB. */
static void show_referenced(const char *what)
{
        unsigned long start = 0;
        char line[200];
        int at = 0;

        read_file("/proc/self/smaps", text, sizeof(text));
        line[0] = 0;
        for (char *p = text; *p; p = strchr(p, '\n') + 1) {
                if (p[strcspn(p, ": ")] == ' ' && strchr(p, '-'))
                        start = strtoul(p, NULL, 16);
                if (start >= ARENA && start < ARENA_END && strncmp(p, "Referenced:", 11) == 0)
                        at += snprintf(line + at, sizeof(line) - at, " %ld", atol(p + 11));
        }
        say("     %s:%s", what, line);
}

/* Makes every TLB forget the arena, so that what is used next is marked. */
static void forget(void)
{
        raw_call(NR_mprotect, at(0), 8 * PAGE, PROT_READ);
        raw_call(NR_mprotect, at(0), 8 * PAGE, PROT_READ | PROT_WRITE);
}

static void orders(void)
{
        static const char *const texts[] = {
                "1",
                "2\n",
                "3 ",
                "4",
                "5",
                "0",
                "6",
                " 1",
                "\t1",
                "+1",
                "01",
                "0x1",
                "1x",
                "-1",
                "1 1",
                "",
                "\n",
                "00000000001",
                "000000000001",
                "0000000000001",
                "1\n\n\n\n\n\n\n\n\n\n\n\n\n\n",
                "9999999999999",
        };

        scene("orders");
        for (unsigned i = 0; i < sizeof(texts) / sizeof(*texts); i++)
                step(order(texts[i]), "order %u", i);
        step(raw_call(NR_open, "/proc/self/clear_refs", O_RDONLY, 0) >= 0, "open for reading");
        step(raw_call(NR_read, raw_call(NR_open, "/proc/self/clear_refs", O_RDONLY, 0), text, 1),
             "read");
        step(raw_call(NR_open, "/proc/999999/clear_refs", O_WRONLY, 0), "of nobody");
}

static void references(void)
{
        int fd = raw_call(NR_memfd_create, "references", 0);

        scene_in_arena("references");
        ftruncate(fd, 8 * PAGE);
        map(0, 8, "rw-");
        stamp(0, 8, 'A');
        raw_call(NR_mmap, at(20), 8 * PAGE, 3, MAP_SHARED | MAP_FIXED, fd, 0);
        raw_call(NR_mmap, at(30), 8 * PAGE, 3, MAP_PRIVATE | MAP_FIXED, fd, 0);
        stamp(20, 8, 'A');
        stamp(30, 2, 'B');
        show_referenced("all used");
        order("2");
        show_referenced("anonymous ones forgotten");
        order("3");
        show_referenced("those of files, too");
        forget();
        (void)*(volatile char *)at(1);
        *(volatile char *)at(2) = 1;
        show_referenced("two used again");
        order("1");
        show_referenced("all forgotten");
        forget();
        (void)*(volatile char *)at(1);
        order("4");
        order("5");
        show_referenced("one used; other orders");
        raw_call(NR_mremap, at(0), 8 * PAGE, 8 * PAGE, 3, at(50));
        show_referenced("moved");
        close(fd);
}

static void high_water(void)
{
        long before, after;

        scene_in_arena("VmHWM");
        map(0, 2000, "rw-");
        stamp(0, 2000, 'A');
        unmap(0, 2000);
        before = status_value("VmHWM");
        step(order("5"), "reset");
        after = status_value("VmHWM");
        check(before - after > 7000 && after > 0, "it has come down");
        check(after >= status_value("VmRSS") - 64, "to what is resident");
}

int main(void)
{
        orders();
        references();
        high_water();
        return 0;
}
