/* SPDX-License-Identifier: MIT */
/*
 * What the runner's tests run in a guest, and natively to know what is right:
 *
 *   probe exit N          ends with status N
 *   probe signal N        sends itself signal N
 *   probe args ...        prints argc and every argument, with its length
 *   probe environment     prints every variable
 *   probe start           prints what else a program starts with
 *   probe bytes           every byte value to stdout, and in reverse to stderr
 *   probe big N           N bytes of noise to stdout
 *   probe file PATH       the file to stdout
 *   probe loop            says so, and loops
 *   probe sleep N         says so, and sleeps
 *   probe fork-bomb       forks as fast as it can, in every child too
 *   probe eat             takes memory, touching it, until it is stopped or there is none: status 3
 *   probe linger          leaves a child behind that holds stdout open, silently
 *   probe chatter         leaves a child behind that writes without end
 *   probe ticks           the time-stamp counter over a loop
 */
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

extern char **environ;

static int probe_args(int argc, char **argv)
{
        printf("%d\n", argc);
        for (int i = 0; i < argc; i++)
                printf("%d: %zu [%s]\n", i, strlen(argv[i]), argv[i]);
        return 0;
}

static int probe_environment(void)
{
        for (char **entry = environ; *entry; entry++)
                printf("[%s]\n", *entry);
        return 0;
}

static void print_descriptors(void)
{
        struct stat st;

        for (int fd = 0; fd < 1024; fd++)
                if (fstat(fd, &st) == 0)
                        printf("fd %d: type %o\n", fd, st.st_mode & S_IFMT);
}

static void print_signals(void)
{
        struct sigaction action;
        sigset_t mask;

        sigprocmask(SIG_SETMASK, NULL, &mask);
        for (int sig = 1; sig <= 31; sig++) {
                sigaction(sig, NULL, &action);
                if (action.sa_handler != SIG_DFL || sigismember(&mask, sig))
                        printf("signal %d is ignored or blocked\n", sig);
        }
}

static int probe_start(char **argv)
{
        struct {
                uint32_t version;
                int pid;
        } header = { 0x20080522, 0 };
        uint32_t caps[6] = { 0 };
        char cwd[256];
        mode_t mask = umask(0);
        struct stat st;

        syscall(SYS_capget, &header, caps);
        printf("%s: uid %d %d gid %d %d, groups %d\n", argv[0], (int)getuid(), (int)geteuid(),
               (int)getgid(), (int)getegid(), (int)syscall(SYS_getgroups, 0, NULL));
        printf("cwd %s, umask %03o\n", getcwd(cwd, sizeof(cwd)), (unsigned)mask);
        printf("capabilities %x %x, %x %x, %x %x\n", caps[0], caps[1], caps[2], caps[3], caps[4],
               caps[5]);
        printf("personality %lx\n", (unsigned long)syscall(SYS_personality, 0xffffffff));
        printf("leads its session: %d\n", (int)syscall(SYS_getsid, 0) == (int)getpid());
        for (int i = 0; i < 16; i++) {
                uint64_t limit[2];

                syscall(SYS_prlimit64, 0, i, NULL, limit);
                printf("limit %d: %llx %llx\n", i, (unsigned long long)limit[0],
                       (unsigned long long)limit[1]);
        }
        print_descriptors();
        print_signals();
        printf("/tmp: %d\n", stat("/tmp", &st) == 0 ? (int)(st.st_mode & 07777) : -1);
        printf("mmap at 4096: %d\n",
               mmap((void *)4096, 4096, PROT_READ, 0x32, -1, 0) == (void *)4096);
        return 0;
}

static int write_all(int fd, const unsigned char *data, size_t len)
{
        while (len) {
                ssize_t put = write(fd, data, len);

                if (put < 0)
                        return 1;
                data += put;
                len -= (size_t)put;
        }
        return 0;
}

static int probe_bytes(void)
{
        unsigned char up[256], down[256];

        for (int i = 0; i < 256; i++) {
                up[i] = (unsigned char)i;
                down[i] = (unsigned char)(255 - i);
        }
        return write_all(1, up, 256) || write_all(2, down, 256);
}

static int probe_big(size_t len)
{
        static unsigned char noise[10007];
        uint32_t state = 1;

        for (size_t i = 0; i < sizeof(noise); i++) {
                state = state * 1103515245 + 12345;
                noise[i] = (unsigned char)(state >> 16);
        }
        while (len) {
                size_t part = len < sizeof(noise) ? len : sizeof(noise);

                if (write_all(1, noise, part))
                        return 1;
                len -= part;
        }
        return 0;
}

static int probe_file(const char *path)
{
        unsigned char buffer[4096];
        int fd = open(path, O_RDONLY);
        ssize_t got;

        if (fd < 0)
                return 1;
        while ((got = read(fd, buffer, sizeof(buffer))) > 0)
                write_all(1, buffer, (size_t)got);
        return got < 0;
}

static int probe_eat(void)
{
        size_t len = 16 << 20;

        for (;;) {
                char *memory = mmap(NULL, len, PROT_READ | PROT_WRITE, 0x22, -1, 0);

                if (memory == MAP_FAILED)
                        return 3;
                for (size_t i = 0; i < len; i += 4096)
                        memory[i] = 1;
        }
}

static int leave_child(int talk)
{
        if (fork() == 0) {
                while (talk)
                        write_all(1, (const unsigned char *)"chatter\n", 8);
                sleep(1000);
                _exit(0);
        }
        puts("parent");
        return 5;
}

static uint64_t ticks(void)
{
        uint32_t low, high;

        __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
        return (uint64_t)high << 32 | low;
}

static int probe_ticks(void)
{
        uint64_t best = ~(uint64_t)0;

        for (int round = 0; round < 5; round++) {
                uint64_t began = ticks(), took;

                for (volatile int i = 0; i < 1000; i++)
                        ;
                took = ticks() - began;
                best = took < best ? took : best;
        }
        printf("%llu\n", (unsigned long long)best);
        return 0;
}

static _Noreturn void endless(const char *word)
{
        puts(word);
        fflush(stdout);
        for (;;)
                if (strcmp(word, "fork-bomb") == 0)
                        fork();
}

int main(int argc, char **argv)
{
        const char *what = argc > 1 ? argv[1] : "";
        const char *value = argc > 2 ? argv[2] : "0";

        if (strcmp(what, "exit") == 0)
                return atoi(value);
        if (strcmp(what, "signal") == 0)
                return kill(getpid(), atoi(value));
        if (strcmp(what, "args") == 0)
                return probe_args(argc, argv);
        if (strcmp(what, "environment") == 0)
                return probe_environment();
        if (strcmp(what, "start") == 0)
                return probe_start(argv);
        if (strcmp(what, "bytes") == 0)
                return probe_bytes();
        if (strcmp(what, "big") == 0)
                return probe_big((size_t)atol(value));
        if (strcmp(what, "file") == 0)
                return probe_file(value);
        if (strcmp(what, "loop") == 0 || strcmp(what, "fork-bomb") == 0)
                endless(what);
        if (strcmp(what, "sleep") == 0) {
                puts("sleep");
                fflush(stdout);
                sleep((unsigned)atoi(value));
                return 0;
        }
        if (strcmp(what, "eat") == 0)
                return probe_eat();
        if (strcmp(what, "linger") == 0 || strcmp(what, "chatter") == 0)
                return leave_child(*what == 'c');
        if (strcmp(what, "ticks") == 0)
                return probe_ticks();
        puts("hello");
        return 0;
}
