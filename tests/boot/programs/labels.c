/* SPDX-License-Identifier: MIT */
/*
 * Names anonymous memory (PR_SET_VMA_ANON_NAME) and compares what /proc/self/maps shows. For a
 * kernel booted with `anonnames`; no Linux at hand is built so, hence the results are here.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define PR_SET_VMA           0x53564d41
#define PR_SET_VMA_ANON_NAME 0

#define PAGE  4096UL
#define ARENA ((char *)0x4000000000UL)

static int wrong;

static void check(int holds, const char *what)
{
        if (holds)
                return;
        wrong++;
        printf("wrong: %s (errno %d)\n", what, errno);
}

static char *map(unsigned long page, unsigned long pages, int flags, int fd)
{
        return mmap(ARENA + page * PAGE, pages * PAGE, PROT_READ | PROT_WRITE, flags | MAP_FIXED,
                    fd, 0);
}

static int name(unsigned long page, unsigned long pages, const char *text)
{
        return prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, ARENA + page * PAGE, pages * PAGE, text);
}

/* The line of maps that begins with the page: what stands behind its inode, from column 73 on. */
static const char *label(unsigned long page)
{
        static char line[512];
        FILE *maps = fopen("/proc/self/maps", "r");
        unsigned long start;

        while (fgets(line, sizeof(line), maps)) {
                line[strcspn(line, "\n")] = 0;
                if (sscanf(line, "%lx-", &start) != 1 ||
                    start != (unsigned long)ARENA + page * PAGE)
                        continue;
                fclose(maps);
                return strlen(line) > 73 ? line + 73 : "";
        }
        fclose(maps);
        return "nothing";
}

static void labels(unsigned long page, const char *text)
{
        if (strcmp(label(page), text) == 0)
                return;
        wrong++;
        printf("wrong: page %lu is \"%s\", not \"%s\"\n", page, label(page), text);
}

static void private_memory(void)
{
        map(0, 6, MAP_PRIVATE | MAP_ANONYMOUS, -1);
        check(name(1, 2, "some name/1") == 0, "a name");
        labels(0, "");
        labels(1, "[anon:some name/1]");
        labels(3, "");
        check(name(0, 1, "a$b") == -1 && errno == EINVAL, "a dollar");
        check(name(0, 1, (char *)8) == -1 && errno == EFAULT, "a bad pointer");
        check(name(5, 3, "x") == -1 && errno == ENOMEM, "a hole");
        labels(5, "[anon:x]");
        check(name(0, 6, NULL) == 0, "no name");
        labels(0, "");
        check(prctl(PR_SET_VMA, 1, ARENA, PAGE, "a") == -1 && errno == EINVAL, "another option");
}

static void shared_memory(void)
{
        int memfd = memfd_create("shared", 0), file = open("/tmp/file", O_RDWR | O_CREAT, 0600);

        check(ftruncate(memfd, 8 * PAGE) == 0 && ftruncate(file, 8 * PAGE) == 0, "files");
        map(10, 2, MAP_SHARED | MAP_ANONYMOUS, -1);
        map(12, 2, MAP_SHARED, memfd);
        map(14, 2, MAP_PRIVATE, memfd);
        map(16, 2, MAP_SHARED, file);
        check(name(10, 6, "s") == 0, "shared memory");
        labels(10, "[anon_shmem:s]");
        labels(12, "[anon_shmem:s]");
        labels(14, "[anon_shmem:s]");
        check(name(15, 3, "t") == -1 && errno == EBADF, "a file");
        labels(15, "[anon_shmem:t]");
        labels(16, "/tmp/file");
}

static void inheritance(void)
{
        int status;

        map(20, 4, MAP_PRIVATE | MAP_ANONYMOUS, -1);
        name(20, 4, "moves");
        check(mremap(ARENA + 21 * PAGE, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
                     ARENA + 30 * PAGE) == ARENA + 30 * PAGE,
              "mremap");
        labels(30, "[anon:moves]");
        labels(22, "[anon:moves]");
        map(23, 1, MAP_PRIVATE | MAP_ANONYMOUS, -1);
        labels(23, "");
        fflush(stdout);
        if (fork() == 0) {
                labels(30, "[anon:moves]");
                name(30, 1, "child");
                _exit(wrong);
        }
        check(wait(&status) > 0 && status == 0, "the child");
        labels(30, "[anon:moves]");
}

int main(void)
{
        private_memory();
        shared_memory();
        inheritance();
        printf("%d wrong\n", wrong);
        return wrong != 0;
}
