/* SPDX-License-Identifier: MIT */
/* This machine's Linux, as a side of the comparison: linux.h. */
#define _GNU_SOURCE
#include "tests/diff/linux.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

/* The program that makes the calls (native/), as bytes: image.S. */
extern const char native_image[], native_image_end[];

static char *own_memory;
static int memfd = -1, command = -1, reply = -1;
static pid_t maker;

struct own *linux_own(void)
{
        return (struct own *)(own_memory + OWN_DATA);
}

/* ------------------------------------------------------------------ what there must be */

static const char *missing_in_proc(void)
{
        static char line[128];
        static const char *const files[] = { "/proc/self/maps", "/proc/self/smaps",
                                             "/proc/self/status", "/proc/self/pagemap" };

        for (unsigned i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
                int fd = open(files[i], O_RDONLY | O_CLOEXEC);

                if (fd < 0) {
                        snprintf(line, sizeof(line), "%s: %s", files[i], strerror(errno));
                        return line;
                }
                close(fd);
        }
        return NULL;
}

const char *linux_missing(void)
{
        static char line[256];
        struct utsname uts;
        unsigned major, minor, size;

        uname(&uts);
        if (sscanf(uts.release, "%u.%u", &major, &minor) != 2 || major != 6 || minor != 18) {
                snprintf(line, sizeof(line), "Linux 6.18 is the reference, this is %s",
                         uts.release);
                return line;
        }
        if (geteuid() != 0)
                return "root is needed: limits, capabilities, addresses below 64 KiB";
        if (prctl(PR_SET_MM, PR_SET_MM_MAP_SIZE, &size, 0, 0))
                return "prctl(PR_SET_MM_MAP) is missing: CONFIG_CHECKPOINT_RESTORE";
        return missing_in_proc();
}

/* ------------------------------------------------------------------ processes */

/* The last thing that C does in the new process. */
_Noreturn static void enter(void)
{
        __asm__ volatile("mov %0, %%rsp\n\tjmp *%1" : : "r"(OWN_MAKER_STACK), "r"(OWN_BASE));
        __builtin_unreachable();
}

_Noreturn static void become_maker(int in, int out, pid_t parent)
{
        int kept_in = fcntl(in, F_DUPFD, 100), kept_out = fcntl(out, F_DUPFD, 100);
        int kept_memory = fcntl(memfd, F_DUPFD, 100);

        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent)
                _exit(0);
        for (int signo = 1; signo < 32; signo++)
                signal(signo, SIG_DFL);
        signal(SIGINT, SIG_IGN);
        dup2(kept_in, FD_COMMAND);
        dup2(kept_out, FD_REPLY);
        if (mmap((void *)OWN_BASE, OWN_SIZE, PROT_READ | PROT_WRITE | PROT_EXEC,
                 MAP_SHARED | MAP_FIXED_NOREPLACE, kept_memory, 0) != (void *)OWN_BASE)
                err(1, "the comparison's own memory at %#lx", OWN_BASE);
        syscall(SYS_close_range, 2, ~0U, 0);
        enter();
}

static void own_create(void)
{
        memfd = memfd_create("own", MFD_CLOEXEC);
        if (memfd < 0 || ftruncate(memfd, OWN_SIZE))
                err(1, "memfd_create");
        own_memory = mmap(NULL, OWN_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, memfd, 0);
        if (own_memory == MAP_FAILED)
                err(1, "the comparison's own memory");
}

void linux_start(void)
{
        int to[2], from[2];
        pid_t parent = getpid();

        if (!own_memory)
                own_create();
        memset(own_memory, 0, OWN_SIZE);
        memcpy(own_memory, native_image, (size_t)(native_image_end - native_image));
        if (pipe2(to, O_CLOEXEC) || pipe2(from, O_CLOEXEC))
                err(1, "pipe");
        maker = fork();
        if (maker < 0)
                err(1, "fork");
        if (maker == 0)
                become_maker(to[0], from[1], parent);
        close(to[0]);
        close(from[1]);
        command = to[1];
        reply = from[0];
}

void linux_stop(void)
{
        close(command);
        close(reply);
        waitpid(maker, NULL, 0);
}

static const char *trouble_name(uint32_t trouble)
{
        static const char *const names[] = { "no answer", "a crash", "setting up", "reading /proc",
                                             "its address space" };

        return trouble < sizeof(names) / sizeof(names[0]) ? names[trouble] : "?";
}

bool linux_run(const struct op *ops, unsigned nr, bool root, unsigned seconds)
{
        struct own *own = linux_own();
        uint32_t status;

        own->nr_ops = nr < OWN_OPS ? nr : OWN_OPS;
        memcpy(own->ops, ops, own->nr_ops * sizeof(*ops));
        own->root = root;
        own->seconds = seconds;
        own->done = own->used = own->trouble = own->waiting = 0;
        if (write(command, "", 1) != 1 || read(reply, &status, 4) != 4)
                errx(3, "the process that makes calls on Linux is gone: %s (%#lx)",
                     trouble_name(own->trouble), (long)own->detail);
        if (own->trouble)
                errx(3,
                     "the process that makes calls on Linux had trouble with %s (%#lx) at call %u",
                     trouble_name(own->trouble), (long)own->detail, own->done);
        return status == 0;
}
