/* SPDX-License-Identifier: MIT */
/*
 * Scripts (script.h) with userfaultfd. One-letter names stand for descriptors; L is page letters as
 * of `write`, or @P: the source of the bytes is that place.
 *
 *   uopen U [WORD...]      userfaultfd: nonblock unless "blocks" is said; user, exec (stays open
 *                          over exec), a number
 *   uapi U FEATURE...      UFFDIO_API: names as in calls.c or numbers; show: the answer;
 *                          version=N
 *   ureg U P N MODE        UFFDIO_REGISTER: of the letters m (missing), w (write), i (minor), or
 *                          a number; the ioctls that the kernel names are the result
 *   uunreg U P N, uwake U P N
 *   ucopy U P N L [MODE]   UFFDIO_COPY; modes of all: wp, dontwake, holes, a number
 *   uzero U P N [MODE], ucont, upoison
 *   umove U P P N [MODE]   UFFDIO_MOVE: to, from
 *   uwp U P N [MODE]       UFFDIO_WRITEPROTECT: protects; off: removes the protection
 *   uraw U NAME P          the ioctl NAME (or number) with this address of its structure
 *   uread U [X]            waits for a message and reads it; a fork's descriptor is called X
 *   umany U N              one read of room for N messages; N.1: and a byte
 *   uinto U P, ufrom U P   read(2) of one message to this place, write(2) from it
 *   uother U P             mmap at the place, lseek, pread, ftruncate of it, and its name
 *   upoll U [wait]         poll, at once or waiting
 *   uinfo U                its line of fdinfo
 *   uclose U
 *
 * The result of an ioctl that fills is the ioctl's, then in parentheses the field for it: pages, an
 * errno, or "as it was".
 *
 *   go T COMMAND...        the thread T does the command
 *   blocked T              whether it still does, after a while
 *   join T                 what came of it
 *   leave P [robust]       for threads: exits without a farewell, and P is where the kernel says so
 *                          (set_tid_address), or the head of its robust list
 *   left T                 whether it has gone, which may take a while
 *   stop T                 a signal to the thread, without a restart
 *   forked COMMAND...      a child does it; what came of it there
 *   exec U SCRIPT          the program executes itself, with this descriptor, and does the script
 *                          (, for blanks and + for semicolons); see uffd_executed()
 *   get P N, give P N      read(2) to that memory and write(2) from there
 *   nofile N               at most so many descriptors
 *   nowrite WORD N         makes an object of N pages that is sealed against writing
 *   bits P N [shared]      bits 55 to 63 of pagemap, in hexadecimal, a page each; shared: without
 *                          the bit of pages that are mapped only here
 *   huge P                 pages of the mapping that are parts of huge pages mapped whole
 *   scan P N MASK [wp] [check]
 *                          PAGEMAP_SCAN: the ranges with these categories
 */
#ifndef TESTS_LIB_UFFD_CASES_H
#define TESTS_LIB_UFFD_CASES_H

#include "userland/tests/lib/script.h"

/* Runs the cases, with the commands above besides those of every script. */
void run_uffd_cases(const struct script_case *cases, unsigned count);

/* What main() returns when it has arguments: those of a program that `exec` has started. */
int uffd_executed(int argc, char **argv);

#define RUN_UFFD_CASES(table) run_uffd_cases((table), sizeof(table) / sizeof((table)[0]))

#endif
