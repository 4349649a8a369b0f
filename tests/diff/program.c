/* SPDX-License-Identifier: MIT */
/*
 * A sequence of memory calls that Linux and Terrane have answered differently, or did once. Run it
 * on both and compare what is printed:
 *
 *      cc -static -o calls THIS.c && setarch -R ./calls           on Linux
 *      terrane-cc -o calls THIS.c && make exec ELF=calls          on Terrane
 *
 * The calls use fixed addresses from 0x10000000 on. What the program itself needs lies elsewhere,
 * but for what mmap() and mremap() place by themselves, which it shares with them.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096UL

struct call {
        const char *name;
        unsigned long a[6];
};

static const struct call calls[] = {
        /* The calls. */
        { NULL, { 0 } },
};

/* Three memfds of 12 pages, 513 pages and none, the first for reading only, /dev/zero. */
static int files[5];
static sigjmp_buf escape;
static int caught, code;

static void on_fault(int signo, siginfo_t *info, void *context)
{
        (void)context;
        caught = signo;
        code = info->si_code;
        siglongjmp(escape, 1);
}

static void make_files(void)
{
        const unsigned long sizes[3] = { 12 * PAGE, (2UL << 20) + 3 * PAGE, 0 };
        char name[64];

        for (int i = 0; i < 3; i++) {
                snprintf(name, sizeof(name), "%d", i);
                files[i] = (int)syscall(SYS_memfd_create, name, 0);
                if (ftruncate(files[i], (off_t)sizes[i]))
                        perror("ftruncate");
                for (unsigned long page = 0; page < 12 && sizes[i]; page++) {
                        unsigned char byte = (unsigned char)(0x80 + 16 * i + (int)page);

                        if (page % 3 != 2 && pwrite(files[i], &byte, 1, (off_t)(page * PAGE)) != 1)
                                perror("pwrite");
                }
        }
        snprintf(name, sizeof(name), "/proc/self/fd/%d", files[0]);
        files[3] = open(name, O_RDONLY);
        files[4] = open("/dev/zero", O_RDWR);
}

static long do_fork(unsigned long kind)
{
        int status;
        pid_t pid;

        fflush(stdout);
        pid = fork();
        if (kind == 0 && pid == 0) { /* there until its parent has ended */
                while (getppid() != 1)
                        usleep(1000);
                _exit(0);
        }
        if (kind == 0 || pid <= 0)
                return pid < 0 ? -1 : 0;
        if (kind == 2)
                munmap((void *)0x10000000, 0x70000000UL);
        waitpid(pid, &status, 0);
        _exit(WEXITSTATUS(status));
}

static long do_limit(const unsigned long *a)
{
        static const int which[4] = { RLIMIT_AS, RLIMIT_DATA, RLIMIT_STACK, RLIMIT_MEMLOCK };
        struct rlimit limit;

        getrlimit(which[a[0] & 3], &limit);
        limit.rlim_cur = a[1];
        return setrlimit(which[a[0] & 3], &limit);
}

static long do_access(const struct call *c)
{
        volatile unsigned char *byte = (volatile unsigned char *)c->a[0];

        caught = 0;
        if (sigsetjmp(escape, 1))
                return 0;
        if (!strcmp(c->name, "read"))
                return *byte;
        *byte = (unsigned char)c->a[1];
        return 0;
}

static long do_system_call(const struct call *c)
{
        static unsigned char vec[64];
        static const struct {
                const char *name;
                long nr;
        } numbers[] = {
                { "munmap", 11 },
                { "mprotect", 10 },
                { "mremap", 25 },
                { "madvise", 28 },
                { "mlock", 149 },
                { "mlock2", 325 },
                { "munlock", 150 },
                { "mlockall", 151 },
                { "munlockall", 152 },
                { "mseal", 462 },
                { "msync", 26 },
                { "brk", 12 },
                { "remap_file_pages", 216 },
        };
        const unsigned long *a = c->a;

        if (!strcmp(c->name, "mmap"))
                return syscall(9, a[0], a[1], a[2], a[3], a[4] < 5 ? (long)files[a[4]] : -1L, a[5]);
        if (!strcmp(c->name, "mincore"))
                return syscall(27, a[0], a[1], vec);
        for (unsigned i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
                if (!strcmp(c->name, numbers[i].name))
                        return syscall(numbers[i].nr, a[0], a[1], a[2], a[3], a[4], a[5]);
        return -1;
}

static long do_call(const struct call *c)
{
        unsigned char byte = (unsigned char)c->a[2];

        if (!strcmp(c->name, "read") || !strcmp(c->name, "write"))
                return do_access(c);
        if (!strcmp(c->name, "fork"))
                return do_fork(c->a[0]);
        if (!strcmp(c->name, "rlimit"))
                return do_limit(c->a);
        if (!strcmp(c->name, "truncate"))
                return ftruncate(files[c->a[0]], (off_t)c->a[1]);
        if (!strcmp(c->name, "punch"))
                return syscall(285, files[c->a[0]], 3, c->a[1], c->a[2]);
        if (!strcmp(c->name, "fwrite"))
                return pwrite(files[c->a[0]], &byte, 1, (off_t)c->a[1]);
        return do_system_call(c);
}

/* The mappings from 0x10000000 to 2 GiB and a little, and those that mmap() places. */
static void show_maps(void)
{
        FILE *maps = fopen("/proc/self/maps", "r");
        char line[256];

        while (maps && fgets(line, sizeof(line), maps)) {
                unsigned long start, end, offset;
                char rights[8], name[64] = "";

                if (sscanf(line, "%lx-%lx %7s %lx %*s %*s %63s", &start, &end, rights, &offset,
                           name) < 4)
                        continue;
                if (start >= 0x10000000UL && start < 0xc0000000UL)
                        printf("     %lx-%lx %s %lx %s\n", start, end, rights, offset, name);
        }
        if (maps)
                fclose(maps);
}

int main(void)
{
        struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };
        static char buffer[65536];

        setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
        sigaction(SIGSEGV, &action, NULL);
        sigaction(SIGBUS, &action, NULL);
        make_files();
        for (const struct call *c = calls; c->name; c++) {
                long result;

                errno = 0;
                caught = 0;
                result = do_call(c);
                printf("%s(%#lx, %#lx, %#lx, %#lx, %#lx) = ", c->name, c->a[0], c->a[1], c->a[2],
                       c->a[3], c->a[4]);
                if (caught)
                        printf("signal %d code %d\n", caught, code);
                else if (result == -1)
                        printf("%s\n", strerror(errno));
                else
                        printf("%#lx\n", (unsigned long)result);
                show_maps();
        }
        return 0;
}
