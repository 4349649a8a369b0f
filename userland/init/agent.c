/* SPDX-License-Identifier: MIT */
/*
 * The agent: runs one job and reports to the runner outside (tests/boot/run).
 *
 * The record goes through a port of its own, as text, one item a line:
 *
 *      start                  the agent is about to execute the program
 *      noexec ERRNO           it could not be executed; no `exit` or `signal` follows
 *      exit N | signal N      how the program ended (N is the whole exit status, 0 to 255)
 *      time USER SYS          microseconds
 *      memory BEFORE AFTER    bytes free before the program started and once all is gone again
 *      end                    the record is complete
 *
 * A record without its last line means that the guest did not live to write it.
 */
#include "userland/init/guest.h"
#include "userland/init/job.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void report(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void report(const char *format, ...)
{
        char line[128];
        va_list args;
        int len;

        va_start(args, format);
        len = vsnprintf(line, sizeof(line), format, args);
        va_end(args);
        guest_port_write(PORT_RECORD, line, (size_t)len);
}

static void to_port(int channel, const char *data, size_t len)
{
        guest_port_write(channel == 1 ? PORT_STDOUT : PORT_STDERR, data, len);
}

/* Linux's struct sysinfo, as the kernel fills it in. */
struct kernel_sysinfo {
        long uptime;
        unsigned long loads[3], totalram, freeram, sharedram, bufferram, totalswap, freeswap;
        unsigned short procs, pad;
        unsigned long totalhigh, freehigh;
        unsigned int mem_unit;
        char rest[64];
};

static unsigned long free_memory(void)
{
        struct kernel_sysinfo info;

        memset(&info, 0, sizeof(info));
        syscall(SYS_sysinfo, &info);
        return info.freeram * (info.mem_unit ? info.mem_unit : 1);
}

/* PATH VALUE: what a guest's kernel does not have is skipped. */
static void put(char *entry)
{
        char *value = strchr(entry, ' ');
        int fd;

        if (!value)
                return;
        *value++ = '\0';
        fd = open(entry, O_WRONLY);
        if (fd < 0)
                return;
        if (write(fd, value, strlen(value)) < 0)
                say_error(entry, errno);
        close(fd);
}

/* Nothing of the program may be left when memory is measured. */
static void end_leftovers(void)
{
        int status;

        kill(-1, SIGKILL);
        while (wait4(-1, &status, 0, NULL) > 0)
                ;
}

static void report_result(const struct job_result *result)
{
        if (result->exec_errno)
                report("noexec %d\n", result->exec_errno);
        else if (WIFSIGNALED(result->status))
                report("signal %d\n", WTERMSIG(result->status));
        else
                report("exit %d\n", WEXITSTATUS(result->status));
        report("time %lu %lu\n", (unsigned long)result->user, (unsigned long)result->sys);
}

_Noreturn void agent(char *description, size_t len)
{
        struct job_result result;
        struct job job;
        const char *wrong = job_parse(&job, description, len);
        unsigned long before;
        int error = guest_ports_open();

        if (error) {
                say_error("no access to ports", error);
                guest_end(1);
        }
        if (wrong) {
                say("init: /etc/run: ");
                say(wrong);
                say("\n");
                guest_end(1);
        }
        for (char **entry = job.puts; *entry; entry++)
                put(*entry);
        before = free_memory();
        report("start\n");
        error = job_run(&job, to_port, &result);
        if (error) {
                say_error("cannot start a process", -error);
                guest_end(1);
        }
        report_result(&result);
        end_leftovers();
        report("memory %lu %lu\nend\n", before, free_memory());
        guest_end(0);
}
