/* SPDX-License-Identifier: MIT */
/*
 * native JOB RECORD [-f GUESTPATH HOSTFILE]...
 *
 * The host's side of a comparison: run the job described in JOB (userland/init/job.h) on this
 * machine as init would in a guest, pass its output on, and write how it ended to RECORD.
 *
 * Where the caller may mount, the program gets a /tmp and a /run of its own with the files in them,
 * at the paths they would have in a guest. Otherwise files for /tmp and /run stay where they are,
 * and the program is executed from its own place, with the caller's /tmp.
 */
#define _GNU_SOURCE
#include "userland/init/job.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void die(const char *what)
{
        fprintf(stderr, "native: %s: %s\n", what, strerror(errno));
        exit(125);
}

static char *read_file(const char *path, size_t *len)
{
        FILE *file = fopen(path, "rb");
        struct stat st;
        char *text;

        if (!file || fstat(fileno(file), &st) < 0)
                die(path);
        text = malloc((size_t)st.st_size + 1);
        if (!text || fread(text, 1, (size_t)st.st_size, file) != (size_t)st.st_size)
                die(path);
        fclose(file);
        *len = (size_t)st.st_size;
        return text;
}

static void write_all(int fd, const char *data, size_t len)
{
        while (len) {
                ssize_t put = write(fd, data, len);

                if (put < 0 && errno != EINTR)
                        die("output");
                if (put > 0) {
                        data += put;
                        len -= (size_t)put;
                }
        }
}

static void output(int channel, const char *data, size_t len)
{
        write_all(channel, data, len);
}

/* `path` without its last name is made, each folder of it. */
static void make_folders(const char *path)
{
        char folder[4096];

        for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
                snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path), path);
                mkdir(folder, 0755);
        }
}

static void copy(int from, const char *to)
{
        static char buffer[1 << 16];
        struct stat st;
        ssize_t got;
        int fd;

        make_folders(to);
        fd = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        if (fd < 0 || fstat(from, &st) < 0)
                die(to);
        while ((got = read(from, buffer, sizeof(buffer))) > 0)
                write_all(fd, buffer, (size_t)got);
        fchmod(fd, st.st_mode & 0777);
        close(fd);
        close(from);
}

/* A mount namespace with an empty /tmp and /run; 0 where the caller may not have one. */
static int private_folders(void)
{
        return unshare(CLONE_NEWNS) == 0 &&
               mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
               mount("tmpfs", "/tmp", "tmpfs", 0, "mode=1777") == 0 &&
               mount("tmpfs", "/run", "tmpfs", 0, "mode=755") == 0;
}

/* Put the files at their places. Returns what to execute for `program`. */
static const char *place_files(const char *program, int argc, char **argv)
{
        int *fds = calloc((size_t)argc + 1, sizeof(*fds));
        int own;

        if (!fds)
                die("memory");
        /* Opened first: what lies in /tmp or /run is out of sight once they are private. */
        for (int i = 0; i + 2 < argc; i += 3)
                if ((fds[i] = open(argv[i + 2], O_RDONLY)) < 0)
                        die(argv[i + 2]);
        own = private_folders();
        for (int i = 0; i + 2 < argc; i += 3) {
                const char *guest = argv[i + 1];

                if (own && (strncmp(guest, "/tmp/", 5) == 0 || strncmp(guest, "/run/", 5) == 0))
                        copy(fds[i], guest);
                else if (!own && strcmp(guest, program) == 0)
                        program = argv[i + 2];
                else
                        fprintf(stderr, "native: %s is not placed at %s\n", argv[i + 2], guest);
        }
        free(fds);
        return program;
}

/* A guest has one processor. */
static void use_one_cpu(void)
{
        cpu_set_t allowed, one;
        int cpu = 0;

        if (sched_getaffinity(0, sizeof(allowed), &allowed) < 0)
                return;
        while (cpu < CPU_SETSIZE - 1 && !CPU_ISSET(cpu, &allowed))
                cpu++;
        CPU_ZERO(&one);
        CPU_SET(cpu, &one);
        sched_setaffinity(0, sizeof(one), &one);
}

static void stop(int sig)
{
        job_kill();
        _exit(128 + sig);
}

static void write_record(FILE *record, const struct job_result *result)
{
        if (result->exec_errno)
                fprintf(record, "noexec %d\n", result->exec_errno);
        else if (WIFSIGNALED(result->status))
                fprintf(record, "signal %d\n", WTERMSIG(result->status));
        else
                fprintf(record, "exit %d\n", WEXITSTATUS(result->status));
        fprintf(record, "time %lu %lu\nend\n", (unsigned long)result->user,
                (unsigned long)result->sys);
}

int main(int argc, char **argv)
{
        struct job_result result;
        const char *wrong;
        struct job job;
        FILE *record;
        size_t len;
        char *text;
        int error;

        if (argc < 3) {
                fputs("usage: native JOB RECORD [-f GUESTPATH HOSTFILE]...\n", stderr);
                return 2;
        }
        text = read_file(argv[1], &len);
        wrong = job_parse(&job, text, len);
        if (wrong) {
                fprintf(stderr, "native: %s: %s\n", argv[1], wrong);
                return 2;
        }
        record = fopen(argv[2], "we");
        if (!record)
                die(argv[2]);
        signal(SIGTERM, stop);
        signal(SIGINT, stop);
        signal(SIGHUP, stop);
        use_one_cpu();
        job.path = place_files(job.path, argc - 3, argv + 3);
        error = job_run(&job, output, &result);
        if (error) {
                errno = -error;
                die("cannot start a process");
        }
        /* What the program left behind in its own process group ends with it, as in a guest. */
        job_kill();
        write_record(record, &result);
        return fclose(record) == 0 ? 0 : 125;
}
