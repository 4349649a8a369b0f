/* SPDX-License-Identifier: MIT */
/*
 * Files of /proc/sys/vm: what is taken as a number. Every value written is the one that was read,
 * or one that is refused.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "userland/tests/lib/transcript.h"

static char value[64];

static void formats(const char *name)
{
        static const char *const same[] = { "%s",      "%s\n", " %s",     "\t%s \n",
                                            "%s junk", "%s 7", "%s\n\n\n" };
        static const char *const refused[] = { "%sx",
                                               "+%s",
                                               "\n",
                                               " ",
                                               "x",
                                               "-0x",
                                               "1e",
                                               "%s,",
                                               "%s:1",
                                               "99999999999999999999999",
                                               "18446744073709551616" };
        char path[100];
        long fd, n;

        scene(name);
        snprintf(path, sizeof(path), "/proc/sys/vm/%s", name);
        fd = raw_call(NR_open, path, O_RDWR, 0);
        memset(value, 0, sizeof(value));
        n = raw_call(NR_read, fd, value, sizeof(value) - 1);
        check(n > 1 && value[n - 1] == '\n', "a line");
        value[n - 1] = 0;
        step(raw_call(NR_read, fd, path, 10), "read on");
        step(raw_call(NR_pread64, fd, path, 10, 1), "read at 1");
        step(raw_call(NR_pread64, fd, path, 1, 0), "read a byte");
        for (unsigned i = 0; i < sizeof(same) / sizeof(*same); i++) {
                char text[100];
                int length = snprintf(text, sizeof(text), same[i], value);
                long taken = raw_call(NR_pwrite64, fd, text, length, 0);

                step(taken < 0 ? taken : taken - (long)strlen(value),
                     "what was read, as form %u: bytes taken besides it", i);
        }
        for (unsigned i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
                char text[100];
                int length = snprintf(text, sizeof(text), refused[i], value);

                step(raw_call(NR_pwrite64, fd, text, length, 0), "what is no number, %u", i);
        }
        step(raw_call(NR_pwrite64, fd, "", 0, 0), "nothing");
        step(raw_call(NR_pwrite64, fd, "12345", 5, 1), "anything, at 1");
        raw_call(NR_close, fd);
}

static void refused(const char *name, const char *text)
{
        char path[100];
        long fd;

        snprintf(path, sizeof(path), "/proc/sys/vm/%s", name);
        fd = raw_call(NR_open, path, O_RDWR, 0);
        step(raw_call(NR_write, fd, text, strlen(text)), "%s <- %s", name, text);
        raw_call(NR_close, fd);
}

static void as_another_user(void)
{
        raw_call(NR_setresuid, 1000, 1000, 1000);
        step(raw_call(NR_open, "/proc/sys/vm/max_map_count", O_WRONLY, 0), "open for writing");
        step(raw_call(NR_open, "/proc/sys/vm/mmap_rnd_bits", O_RDONLY, 0), "open a secret");
        step(raw_call(NR_open, "/proc/sys/vm/max_map_count", O_RDONLY, 0) >= 0, "open for reading");
}

int main(void)
{
        formats("max_map_count");
        formats("mmap_min_addr");
        formats("overcommit_memory");
        formats("admin_reserve_kbytes");
        formats("user_reserve_kbytes");
        formats("legacy_va_layout");
        formats("mmap_rnd_bits");
        formats("swappiness");
        scene("out of bounds");
        refused("max_map_count", "-1");
        refused("max_map_count", "2147483648");
        refused("mmap_min_addr", "-1");
        refused("overcommit_memory", "3");
        refused("overcommit_memory", "-1");
        refused("overcommit_ratio", "2147483648");
        refused("overcommit_ratio", "-2147483649");
        refused("overcommit_kbytes", "-1");
        refused("legacy_va_layout", "-1");
        refused("legacy_va_layout", "2147483648");
        refused("mmap_rnd_bits", "27");
        refused("mmap_rnd_bits", "33");
        refused("swappiness", "201");
        refused("swappiness", "-1");
        refused("nr_hugepages", "-1");
        in_child(as_another_user, "another user");
        return 0;
}
