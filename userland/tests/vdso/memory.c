/* SPDX-License-Identifier: MIT */
/* The three mappings, and what the memory calls make of them. Most scenes are children's. */
#include "userland/tests/vdso/vdso.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "userland/tests/lib/fault.h"

struct part parts[PARTS] = {
        [VVAR] = { "vvar", 0, 4 },
        [VCLOCK] = { "vvar_vclock", 0, 2 },
        [VDSO] = { "vdso", 0, 2 },
};

static char text[1 << 18];
static struct part *p; /* the part that the scene is about */

/* Whole lines of smaps: the mapping and its flags. Nothing else is mapped up there. */
static void show_parts(void)
{
        char *line = text;
        int on = 0;

        read_file("/proc/self/smaps", text, sizeof(text));
        for (char *end; (end = strchr(line, '\n')); line = end + 1) {
                *end = 0;
                if (strchr("0123456789abcdef", line[0]) && strchr(line, '-')) {
                        on = strstr(line, "[vvar]") || strstr(line, "[vvar_vclock]") ||
                             strstr(line, "[vdso]");
                        if (on)
                                say("     %s", line);
                }
                if (on && (strncmp(line, "Size:", 5) == 0 || strncmp(line, "VmFlags:", 8) == 0 ||
                           strncmp(line, "Anonymous:", 10) == 0))
                        say("       %s", line);
        }
}

/* pagemap's bits above the frame number, a page each. */
static void show_pagemap(unsigned long start, unsigned long pages)
{
        long fd = raw_call(NR_open, "/proc/self/pagemap", O_RDONLY, 0);
        uint64_t words[8];
        char line[128];
        int length = 0;

        raw_call(NR_pread64, fd, words, pages * 8, start / PAGE * 8);
        raw_call(NR_close, fd);
        for (unsigned long i = 0; i < pages; i++)
                length += snprintf(line + length, sizeof(line) - length, " %lx",
                                   (unsigned long)(words[i] >> 55 & ~2UL));
        say("     pagemap%s", line);
}

static void show_residency(unsigned long start, unsigned long pages)
{
        unsigned char vec[8];
        char line[16] = "";

        if (raw_call(NR_mincore, start, pages * PAGE, vec) == 0)
                for (unsigned long i = 0; i < pages; i++)
                        line[i] = (char)('0' + (vec[i] & 1));
        say("     mincore %s", line);
}

/* Whether a page can be read: the address is not printed, for it is the kernel's choice. */
static void read_step(unsigned long addr, const char *what)
{
        struct touch t = touch(addr, ACCESS_READ);

        if (t.signo)
                step_text(signal_name(t.signo), "%s: %s", what, code_name(t.signo, t.code));
        else
                step_text("ok", "%s", what);
}

static void looking(void)
{
        scene("where they are");
        show_parts();
        show_residency(parts[VVAR].start, 8);
        read_step(parts[VVAR].start, "vvar, page 0");
        read_step(parts[VVAR].start + PAGE, "vvar, page 1");
        read_step(parts[VVAR].start + 3 * PAGE, "vvar, page 3");
        read_step(parts[VCLOCK].start + PAGE, "vvar_vclock, page 1");
        read_step(parts[VDSO].start, "vdso, page 0");
        read_step(parts[VDSO].start + PAGE, "vdso, page 1");
        show_pagemap(parts[VVAR].start, 6);
        show_pagemap(parts[VDSO].start, 2);
}

/* ------------------------------------------------------------------ one part */

/* The page to touch: the first one of vvar_vclock is there on some machines and not on others. */
static unsigned long probe(void)
{
        return p->start + (p == &parts[VCLOCK] ? PAGE : 0);
}

static void advising(void)
{
        static const int advices[] = { 0,  1,  2,  3,  4,  8,  9,  10, 11, 12, 13,  14,
                                       15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 102, 103 };

        for (unsigned i = 0; i < sizeof(advices) / sizeof(advices[0]); i++) {
                int advice = advices[i];

                step(raw_call(NR_madvise, p->start + PAGE, PAGE, advice), "madvise %d of a page",
                     advice);
                step(raw_call(NR_madvise, p->start, p->pages * PAGE, advice), "madvise %d of all",
                     advice);
        }
        show_parts();
}

static long protect_all(int prot)
{
        return raw_call(NR_mprotect, p->start, p->pages * PAGE, prot);
}

static void protecting(void)
{
        unsigned long readable = probe();

        step(raw_call(NR_mprotect, p->start, PAGE, PROT_NONE), "mprotect of the first page");
        step(raw_call(NR_mprotect, p->start + PAGE, PAGE, PROT_NONE), "of the second page");
        step(raw_call(NR_mprotect, p->start, PAGE, PROT_READ), "of the first, for reading");
        step(protect_all(PROT_READ), "of all, for reading");
        step(protect_all(PROT_READ | PROT_EXEC), "for executing");
        step(protect_all(PROT_READ | PROT_WRITE), "for writing");
        step(protect_all(PROT_NONE), "for nothing");
        show_parts();
        read_step(readable, "read");
        step(protect_all(PROT_READ), "for reading again");
        read_step(readable, "read");
}

static void cutting(void)
{
        unsigned long len = p->pages * PAGE;

        step(raw_call(NR_munmap, p->start, PAGE), "munmap of the first page");
        step(raw_call(NR_munmap, p->start + len - PAGE, PAGE), "of the last page");
        step(raw_call(NR_munmap, p->start - PAGE, 2 * PAGE), "of the first and what is before");
        step(raw_call(NR_mmap, p->start + PAGE, PAGE, 3, 0x32, -1, 0), "mmap over the second page");
        step(raw_call(NR_mlock, p->start, PAGE), "mlock");
        step(raw_call(NR_mlock2, p->start, len, 1), "mlock2, on fault");
        step(raw_call(NR_munlock, p->start + PAGE, PAGE), "munlock");
        step(raw_call(NR_msync, p->start, len, 4), "msync");
        step(raw_call(NR_mseal, p->start + PAGE, PAGE, 0), "mseal of the second page");
        step(raw_call(NR_remap_file_pages, p->start, PAGE, 0, 1, 0), "remap_file_pages");
        step(remap_raw(p->start, len, PAGE, 0, 0), "mremap, smaller");
        step(remap_raw(p->start, len, len + PAGE, 0, 0), "larger");
        step(remap_raw(p->start, len, len + PAGE, 1, 0), "larger elsewhere");
        step(remap_raw(p->start, len, len + PAGE, 3, at(0)), "larger there");
        step(remap_raw(p->start, len, PAGE, 3, at(0)), "smaller there");
        step(remap_raw(p->start, 0, PAGE, 1, 0), "once more");
        step(remap_raw(p->start, PAGE, PAGE, 3, at(0)), "the first page there");
        step(remap_raw(p->start + PAGE, PAGE, PAGE, 3, at(0)), "the second page there");
        step(remap_raw(p->start, len, len, 5, 0), "DONTUNMAP");
        step(remap_raw(p->start, len, len, 7, at(0)), "DONTUNMAP there");
        show_parts();
        step(raw_call(NR_mseal, p->start, len, 0), "mseal of all");
        step(raw_call(NR_munmap, p->start, PAGE), "munmap of the first page");
        step(remap_raw(p->start, len, len, 3, at(0)), "moved");
        show_parts();
}

static void reading_by_others(void)
{
        struct iovec here = { text, 8 }, there = { (void *)probe(), 8 };
        long fd = raw_call(NR_open, "/proc/self/mem", O_RDWR, 0);
        int pipes[2];

        step(raw_call(NR_pread64, fd, text, 8, probe()), "/proc/self/mem, read");
        step(raw_call(NR_process_vm_readv, getpid(), &here, 1, &there, 1, 0), "process_vm_readv");
        step(raw_call(NR_process_vm_writev, getpid(), &here, 1, &there, 1, 0), "process_vm_writev");
        raw_call(NR_pipe, pipes);
        step(raw_call(NR_write, pipes[1], probe(), 8), "write to a pipe");
        raw_call(NR_write, pipes[1], text, 8);
        step(raw_call(NR_read, pipes[0], probe(), 8), "read from it");
}

static void removing(void)
{
        step(raw_call(NR_munmap, p->start, p->pages * PAGE), "munmap of all");
        show_parts();
        read_step(p->start, "read");
}

static void one_part(void)
{
        static char title[64];
        static const struct {
                const char *what;
                void (*fn)(void);
        } acts[] = {
                { "advice", advising },        { "protection", protecting },
                { "cuts and moves", cutting }, { "reading by others", reading_by_others },
                { "unmapped", removing },
        };

        for (unsigned i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
                snprintf(title, sizeof(title), "%s: %s", p->name, acts[i].what);
                scene_in_arena(title);
                in_child(acts[i].fn, "the child");
        }
}

/* ------------------------------------------------------------------ all three */

static void call_at(unsigned long image)
{
        struct functions f = image_functions(image);
        struct timespec64 ts, after;
        long result;

        signal(SIGSEGV, SIG_DFL); /* no touch() is under way to go back to */
        result = f.clock_gettime(1, &ts);
        raw_call(NR_clock_gettime, 1, &after);
        check(result == 0 && ts.sec <= after.sec && ts.sec + 5 > after.sec, "it tells the time");
}

static void moved_together(void)
{
        unsigned long start = parts[VVAR].start;

        step_text(place_name(remap_raw(start, 8 * PAGE, 8 * PAGE, 3, at(0))), "all moved");
        show_parts();
        call_at(at(6));
        read_step(parts[VDSO].start, "where it was");
        remap(4, 2, 2, "MF", 20); /* nobody needs the clocks of virtual machines: not here */
        remap(20, 2, 2, "MF", 4);
        call_at(at(6));
        remap(0, 10, 10, "MF", 30); /* and a hole */
        call_at(at(36));
        show_parts();
}

static void moved_alone(void)
{
        unsigned long start = parts[VDSO].start;

        step_text(place_name(remap_raw(start, 2 * PAGE, 2 * PAGE, 3, at(10))), "the image moved");
        call_at(at(10));
}

static void data_gone(void)
{
        step(raw_call(NR_munmap, parts[VVAR].start, 4 * PAGE), "the data unmapped");
        call_at(parts[VDSO].start);
}

static void handler(int signo)
{
        say("     %s handled", signal_name(signo));
}

static void signals_without(void)
{
        signal(SIGUSR1, handler);
        step(raw_call(NR_munmap, parts[VVAR].start, 8 * PAGE), "all unmapped");
        show_parts();
        raise(SIGUSR1);
        step_text("ok", "back from the handler");
}

static void child_of_writer(void)
{
        unsigned char *byte = (unsigned char *)parts[VDSO].start + 9;

        show_pagemap(parts[VDSO].start, 2);
        step(*byte, "the parent's byte");
        *byte = 7;
        show_pagemap(parts[VDSO].start, 2);
}

/* A private copy of the image's first page. */
static void writing(void)
{
        unsigned char *byte = (unsigned char *)parts[VDSO].start + 9;

        p = &parts[VDSO];
        step(protect_all(PROT_READ | PROT_WRITE | PROT_EXEC), "mprotect for writing");
        *byte = 5;
        show_parts();
        show_pagemap(p->start, 2);
        call_at(p->start);
        in_child(child_of_writer, "a child that writes too");
        step(*byte, "the byte");
        step_text(place_name(remap_raw(p->start, 2 * PAGE, 2 * PAGE, 3, at(10))), "moved");
        step(*((unsigned char *)at(10) + 9), "the byte");
        step(raw_call(NR_madvise, at(10), 2 * PAGE, 4), "MADV_DONTNEED");
        step(*((unsigned char *)at(10) + 9), "the byte");
        show_parts();
}

static void without_fork(void)
{
        show_parts();
        call_at(parts[VDSO].start);
}

static void not_inherited(void)
{
        step(raw_call(NR_madvise, parts[VVAR].start, 6 * PAGE, 10), "MADV_DONTFORK of the data");
        in_child(without_fork, "a child without data");
}

static void locked(void)
{
        long before = status_value("VmLck");

        step(raw_call(NR_mlockall, 3), "mlockall");
        show_parts();
        check(status_value("VmLck") >= before, "VmLck");
}

void memory_scenes(void)
{
        unsigned long image = image_address();

        parts[VVAR].start = image - 6 * PAGE;
        parts[VCLOCK].start = image - 2 * PAGE;
        parts[VDSO].start = image;
        looking();
        for (int i = 0; i < PARTS; i++) {
                p = &parts[i];
                one_part();
        }
        scene_in_arena("all of them moved");
        in_child(moved_together, "the child");
        scene_in_arena("the image moved away from its data");
        in_child(moved_alone, "the child");
        scene_in_arena("the data unmapped");
        in_child(data_gone, "the child");
        scene_in_arena("signals need none of it");
        in_child(signals_without, "the child");
        scene_in_arena("written");
        in_child(writing, "the child");
        scene_in_arena("not inherited");
        in_child(not_inherited, "the child");
        scene_in_arena("locked");
        in_child(locked, "the child");
}
