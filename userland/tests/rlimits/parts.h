/* SPDX-License-Identifier: MIT */
/* The program's parts, and what they share: limits by number, a child that is somebody else. */
#ifndef TESTS_RLIMITS_PARTS_H
#define TESTS_RLIMITS_PARTS_H

/* Linux's numbers. */
enum {
        LIMIT_CPU,
        LIMIT_FSIZE,
        LIMIT_DATA,
        LIMIT_STACK,
        LIMIT_CORE,
        LIMIT_RSS,
        LIMIT_NPROC,
        LIMIT_NOFILE,
        LIMIT_MEMLOCK,
        LIMIT_AS,
        LIMIT_LOCKS,
        LIMIT_SIGPENDING,
        LIMIT_MSGQUEUE,
        LIMIT_NICE,
        LIMIT_RTPRIO,
        LIMIT_RTTIME,
        LIMITS
};

#define NO_LIMIT (~0UL)

struct limit {
        unsigned long soft, hard;
};

/* Users of whom this machine has no process. */
#define USER       54321
#define OTHER_USER 54322

void rlimits_rules(void);
void rlimits_descriptors(void);
void rlimits_table(void);
void rlimits_sizes(void);
void rlimits_processes(void);
void rlimits_signals(void);
void rlimits_time(void);
void rlimits_arguments(void);

/* What execve() of this program starts: "exec WHAT" with its own number of steps. */
int rlimits_after_exec(const char *what);

/* Both limits, without a step. */
long limit_set(int resource, unsigned long soft, unsigned long hard);
struct limit limit_get(int resource);

/* From here on an ordinary user: uid and gid. */
void become(unsigned id);

/* This program, with one argument. */
long exec_self(const char *what);

/* Ends this child of ours, and waits for it. */
void end_child(long pid);

#endif
