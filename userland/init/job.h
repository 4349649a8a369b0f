/* SPDX-License-Identifier: MIT */
/*
 * A job: one program to run in an exactly prescribed environment, its output collected.
 *
 * The same code starts the program inside a guest (init) and natively on the host
 * (tests/boot/native), so both sides of a comparison begin alike: argv and envp as described and
 * nothing more, cwd /tmp, umask 022, limits and capabilities as described, ADDR_NO_RANDOMIZE, a
 * session of its own, default signals, fd 0 /dev/null, fds 1 and 2 pipes, no other descriptor.
 *
 * A description is a sequence of NUL-terminated KEY=VALUE strings:
 *
 *      exec=PATH           what to execute (absolute, as cwd changes)
 *      arg=TEXT            one an argument, argv[0] included, in order
 *      env=NAME=VALUE      one a variable, in order
 *      cap=HEX             the capabilities to keep, as CapEff in /proc/self/status
 *      limit=N SOFT HARD   resource limit number N in bytes or "unlimited"
 *      put=PATH VALUE      written to a file first (sysctls), by init alone
 */
#ifndef INIT_JOB_H
#define INIT_JOB_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define JOB_LIMITS 16

struct job_limit {
        int given;
        uint64_t soft, hard;
};

struct job {
        const char *path;
        char **argv, **envp, **puts; /* NULL-terminated */
        int has_caps;
        uint64_t caps;
        struct job_limit limits[JOB_LIMITS];
};

struct job_result {
        int exec_errno;     /* not 0: the program was not executed, and why */
        int status;         /* as wait4 gives it */
        uint64_t user, sys; /* microseconds, of the program and the children it waited for */
};

/* Where output goes: channel 1 or 2. */
typedef void job_output(int channel, const char *data, size_t len);

/*
 * Take `text` (kept by the job, changed in place) apart. 0, or a sentence that says what is wrong.
 */
const char *job_parse(struct job *job, char *text, size_t len);

/*
 * Run the job to its end. Returns 0, or a negative errno if not even a process could be made.
 *
 * The end is when the program itself has ended and both pipes have no writer left. Children that
 * outlive it and hold a pipe open are waited for as long as they write, at most DRAIN_TOTAL_MS, and
 * no longer than DRAIN_SILENT_MS of silence.
 */
int job_run(const struct job *job, job_output *output, struct job_result *result);

/*
 * Kill the program that job_run started last, and what is left in its process group. May be called
 * from a signal handler and after job_run.
 */
void job_kill(void);

#define DRAIN_SILENT_MS 100
#define DRAIN_TOTAL_MS  1000

#endif
