/* SPDX-License-Identifier: MIT */
/*
 * What strict overcommit refuses (/proc/sys/vm/overcommit_memory 2). The mode is the whole
 * system's, so it is set in a guest only. The limit is put 32 MiB above what is committed; then
 * each call asks for 64 MiB. One line a call; the exit status says whether all of them came out as
 * on Linux.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define MIB    (1024UL * 1024)
#define BIG    (64 * MIB)
#define ROOM   (32 * MIB)
#define AT     ((char *)0x100000000)
#define TARGET ((char *)0x200000000)

#define DONTUNMAP 4

static int wrong;

static void die(const char *what)
{
        printf("overcommit: %s: %s\n", what, strerror(errno));
        exit(1);
}

static void set(const char *name, unsigned long value)
{
        char path[64], text[32];
        int fd, len = snprintf(text, sizeof(text), "%lu", value);

        snprintf(path, sizeof(path), "/proc/sys/vm/%s", name);
        fd = open(path, O_WRONLY);
        if (fd < 0 || write(fd, text, (size_t)len) != len)
                die(path);
        close(fd);
}

static unsigned long get(const char *name)
{
        char path[64], text[32] = "";
        int fd;

        snprintf(path, sizeof(path), "/proc/sys/vm/%s", name);
        fd = open(path, O_RDONLY);
        if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
                die(path);
        close(fd);
        return strtoul(text, NULL, 10);
}

/* A line of /proc/meminfo, in bytes. */
static unsigned long meminfo(const char *name)
{
        static char text[4096];
        int fd = open("/proc/meminfo", O_RDONLY);
        ssize_t n = read(fd, text, sizeof(text) - 1);
        const char *line;

        close(fd);
        if (n <= 0)
                die("meminfo");
        text[n] = 0;
        line = strstr(text, name);
        if (!line)
                die(name);
        return strtoul(line + strlen(name) + 1, NULL, 10) * 1024;
}

static void expect(const char *what, int got, int want)
{
        printf("%-40s %s%s\n", what, got ? strerror(got) : "done", got == want ? "" : "   WRONG");
        wrong += got != want;
}

static int error_of(const void *result)
{
        return result == MAP_FAILED ? errno : 0;
}

static void *map(char *at, unsigned long len, int prot, int flags)
{
        return mmap(at, len, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | flags, -1, 0);
}

/* So much more may be committed from here on. */
static void limit(unsigned long room)
{
        set("overcommit_kbytes", (meminfo("Committed_AS:") + room) / 1024);
}

/* Memory to try calls on; there is room for it, and then for ROOM. */
static void prepare(void)
{
        limit(4 * BIG);
        if (map(AT, BIG, 3, 0) == MAP_FAILED)
                die("mmap");
        limit(ROOM);
}

static void try_mapping(void)
{
        limit(ROOM);
        expect("mmap, writable", error_of(map(AT, BIG, 3, 0)), ENOMEM);
        expect("mmap, writable, without reserve", error_of(map(AT, BIG, 3, MAP_NORESERVE)), ENOMEM);
        expect("mmap, read only", error_of(map(AT, BIG, 1, 0)), 0);
        expect("mprotect to writable", mprotect(AT, BIG, 3) ? errno : 0, ENOMEM);
        munmap(AT, BIG);
        expect("mmap, shared",
               error_of(mmap(AT, BIG, 3, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0)), ENOMEM);
        expect("mmap of half the room", error_of(map(AT, ROOM / 2, 3, 0)), 0);
        expect("the same in its place", error_of(map(AT, ROOM / 2, 3, 0)), 0);
        munmap(AT, BIG);
}

static void try_moving(void)
{
        prepare();
        expect("mremap: growth in place", error_of(mremap(AT, BIG, 2 * BIG, 0)), ENOMEM);
        expect("mremap: growth by moving", error_of(mremap(AT, BIG, 2 * BIG, MREMAP_MAYMOVE)),
               ENOMEM);
        expect("mremap: growth to a place",
               error_of(mremap(AT, BIG, 2 * BIG, MREMAP_MAYMOVE | MREMAP_FIXED, TARGET)), ENOMEM);
        expect("mremap: moved, mapped as well",
               error_of(mremap(AT, BIG, BIG, MREMAP_MAYMOVE | DONTUNMAP, NULL)), ENOMEM);
        expect("mremap: moved",
               error_of(mremap(AT, BIG, BIG, MREMAP_MAYMOVE | MREMAP_FIXED, TARGET)), 0);
        munmap(TARGET, BIG);
}

/* The limit is given as a size or as a share of memory: setting one clears the other. */
static void try_settings(void)
{
        set("overcommit_ratio", 50);
        expect("a ratio clears the size", get("overcommit_kbytes") != 0, 0);
        expect("and makes the limit", meminfo("CommitLimit:") > meminfo("MemTotal:") / 2, 0);
        set("overcommit_kbytes", 1024);
        expect("a size clears the ratio", get("overcommit_ratio") != 0, 0);
        expect("and is the limit", meminfo("CommitLimit:") != MIB, 0);
        set("overcommit_ratio", 50);
}

static void try_fork(void)
{
        pid_t pid;
        int status = 0;

        prepare();
        pid = fork();
        if (pid == 0)
                _exit(0);
        expect("fork", pid < 0 ? errno : 0, ENOMEM);
        madvise(AT, BIG, MADV_DONTFORK);
        pid = fork();
        if (pid == 0)
                _exit(0);
        expect("fork without that memory",
               pid < 0 || waitpid(pid, &status, 0) != pid ? errno : status, 0);
        munmap(AT, BIG);
}

int main(void)
{
        unsigned long before = meminfo("Committed_AS:");

        setvbuf(stdout, NULL, _IONBF, 0);
        set("admin_reserve_kbytes", 0);
        set("user_reserve_kbytes", 0);
        set("overcommit_memory", 2);
        try_mapping();
        try_moving();
        try_fork();
        set("overcommit_memory", 0);
        try_settings();
        expect("committed in the end", meminfo("Committed_AS:") != before, 0);
        printf("%d wrong\n", wrong);
        return wrong != 0;
}
