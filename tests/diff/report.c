/* SPDX-License-Identifier: MIT */
/* Calls and snapshots as text: report.h. */
#define _GNU_SOURCE
#include "tests/diff/report.h"

#include <stdlib.h>
#include <string.h>

#include "mm/vma_flags.h"

/* ------------------------------------------------------------------ calls */

struct flag_name {
        uint64_t bit;
        const char *name;
};

static void put_flags(FILE *out, uint64_t flags, const struct flag_name *names)
{
        const char *between = "";

        if (!flags)
                fputs("0", out);
        for (; names->name; names++) {
                if (!(flags & names->bit))
                        continue;
                fprintf(out, "%s%s", between, names->name);
                between = "|";
                flags &= ~names->bit;
        }
        if (flags)
                fprintf(out, "%s%#lx", between, (long)flags);
}

static const struct flag_name prot_names[] = {
        { 1, "READ" }, { 2, "WRITE" }, { 4, "EXEC" }, { 0, NULL }
};

static const struct flag_name map_names[] = { { 0x01, "SHARED" },
                                              { 0x02, "PRIVATE" },
                                              { 0x10, "FIXED" },
                                              { 0x20, "ANONYMOUS" },
                                              { 0x40, "32BIT" },
                                              { 0x100, "GROWSDOWN" },
                                              { 0x2000, "LOCKED" },
                                              { 0x4000, "NORESERVE" },
                                              { 0x8000, "POPULATE" },
                                              { 0x10000, "NONBLOCK" },
                                              { 0x20000, "STACK" },
                                              { 0x100000, "FIXED_NOREPLACE" },
                                              { 0, NULL } };

static const struct flag_name mremap_names[] = {
        { 1, "MAYMOVE" }, { 2, "FIXED" }, { 4, "DONTUNMAP" }, { 0, NULL }
};

static const struct flag_name mlockall_names[] = {
        { 1, "CURRENT" }, { 2, "FUTURE" }, { 4, "ONFAULT" }, { 0, NULL }
};

static const char *advice_name(uint64_t advice)
{
        static const char *const names[104] = { [0] = "NORMAL",          [1] = "RANDOM",
                                                [2] = "SEQUENTIAL",      [3] = "WILLNEED",
                                                [4] = "DONTNEED",        [8] = "FREE",
                                                [9] = "REMOVE",          [10] = "DONTFORK",
                                                [11] = "DOFORK",         [14] = "HUGEPAGE",
                                                [15] = "NOHUGEPAGE",     [25] = "COLLAPSE",
                                                [16] = "DONTDUMP",       [17] = "DODUMP",
                                                [18] = "WIPEONFORK",     [19] = "KEEPONFORK",
                                                [20] = "COLD",           [22] = "POPULATE_READ",
                                                [23] = "POPULATE_WRITE", [24] = "DONTNEED_LOCKED",
                                                [102] = "GUARD_INSTALL", [103] = "GUARD_REMOVE" };

        return advice < 104 && names[advice] ? names[advice] : "7";
}

static void put_argument(FILE *out, const struct op *op, unsigned i)
{
        static const char *const forks[] = { "SIBLING", "CHILD", "INHERITOR" };
        static const char *const limits[] = { "AS", "DATA", "STACK", "MEMLOCK" };
        static const char *const files[] = { "SMALL", "LARGE", "EMPTY", "READONLY", "ZERO" };
        uint64_t value = op->a[i];
        bool of_file = op->kind == OP_TRUNCATE || op->kind == OP_PUNCH || op->kind == OP_FWRITE;

        if ((op->kind == OP_MMAP || op->kind == OP_MPROTECT) && i == 2)
                put_flags(out, value, prot_names);
        else if (op->kind == OP_MMAP && i == 3)
                put_flags(out, value, map_names);
        else if (op->kind == OP_MREMAP && i == 3)
                put_flags(out, value, mremap_names);
        else if (op->kind == OP_MLOCKALL)
                put_flags(out, value, mlockall_names);
        else if (op->kind == OP_MADVISE && i == 2)
                fputs(advice_name(value), out);
        else if (op->kind == OP_FORK && value < 3)
                fputs(forks[value], out);
        else if (op->kind == OP_RLIMIT && i == 0 && value < LIMITS)
                fputs(limits[value], out);
        else if (((op->kind == OP_MMAP && i == 4) || (of_file && i == 0)) && value < FILES)
                fputs(files[value], out);
        else if (value == ~0UL)
                fputs("-1", out);
        else
                fprintf(out, value < 10 ? "%lu" : "%#lx", (long)value);
}

void report_op(FILE *out, const struct op *op)
{
        fprintf(out, "%s(", op_name(op->kind));
        for (unsigned i = 0; i < op_args(op->kind); i++) {
                fputs(i ? ", " : "", out);
                put_argument(out, op, i);
        }
        fputs(")", out);
}

void report_result(FILE *out, const struct op *op, const struct snapshot *s)
{
        if (s->signo)
                fprintf(out, "SIG%s code %d at %#lx", sigabbrev_np(s->signo), s->code,
                        (long)s->addr);
        else if (s->result < 0 && s->result > -4096)
                fprintf(out, "%s", strerrorname_np((int)-s->result));
        else
                fprintf(out, s->result < 10 ? "%ld" : "%#lx", (long)s->result);
        if (op->kind == OP_MINCORE || op->kind == OP_SCAN)
                fprintf(out, " vector %#lx", (long)s->vector);
}

/* ------------------------------------------------------------------ snapshots */

static const char *const counter_names[COUNTERS] = {
        [COUNT_PEAK] = "VmPeak",  [COUNT_SIZE] = "VmSize",  [COUNT_LOCKED] = "VmLck",
        [COUNT_ANON] = "RssAnon", [COUNT_FILE] = "RssFile", [COUNT_SHMEM] = "RssShmem",
        [COUNT_DATA] = "VmData",  [COUNT_STACK] = "VmStk",  [COUNT_EXEC] = "VmExe+VmLib",
        [COUNT_TABLES] = "VmPTE",
};

static void put_vma(FILE *out, const struct vma_note *note)
{
        static const char *const names[] = {
                "",   " [heap]",   " [stack]",  " /dev/zero", " /dev/zero (deleted)",
                " ?", " /memfd:0", " /memfd:1", " /memfd:2"
        };

        fprintf(out, "%012lx-%012lx %c%c%c%c %08lx%s", (long)note->start, (long)note->end,
                note->rights & NOTE_READ ? 'r' : '-', note->rights & NOTE_WRITE ? 'w' : '-',
                note->rights & NOTE_EXEC ? 'x' : '-', note->rights & NOTE_SHARED ? 's' : 'p',
                (long)note->offset, note->name < 9 ? names[note->name] : " ?");
        if (note->flags)
                fputs("  ", out);
        for (unsigned bit = 0; bit < 64; bit++)
                if (note->flags >> bit & 1)
                        fprintf(out, " %s", vm_flag_letters(bit));
        fputs("\n", out);
}

static void put_run(FILE *out, const struct page_run *run)
{
        fprintf(out, "%012lx %5u pages%s%s%s%s%s%s%s  contents %016lx\n", (long)run->start,
                run->pages, run->bits & 0x100 ? " present" : "", run->bits & 0x80 ? " swap" : "",
                run->bits & 0x40 ? " file" : "", run->bits & 0x8 ? " guard" : "",
                run->bits & 0x2 ? " exclusive" : "", run->bits & 0x4 ? " uffd-wp" : "",
                run->bits & HUGE_BIT ? " huge" : "", (long)run->contents);
}

static bool has_vma(struct snapshot *s, const struct vma_note *note)
{
        for (unsigned i = 0; i < s->nr_vmas; i++)
                if (!memcmp(&snapshot_vmas(s)[i], note, sizeof(*note)))
                        return true;
        return false;
}

static bool has_run(struct snapshot *s, const struct page_run *run)
{
        for (unsigned i = 0; i < s->nr_runs; i++)
                if (!memcmp(&snapshot_runs(s)[i], run, sizeof(*run)))
                        return true;
        return false;
}

/* What is in `s` and not in `other` (NULL: everything). */
static void put_lists(FILE *out, const char *sign, struct snapshot *s, struct snapshot *other)
{
        for (unsigned i = 0; i < s->nr_vmas; i++) {
                if (other && has_vma(other, &snapshot_vmas(s)[i]))
                        continue;
                fputs(sign, out);
                put_vma(out, &snapshot_vmas(s)[i]);
        }
        for (unsigned i = 0; i < s->nr_runs; i++) {
                if (other && has_run(other, &snapshot_runs(s)[i]))
                        continue;
                fputs(sign, out);
                put_run(out, &snapshot_runs(s)[i]);
        }
}

void report_difference(FILE *out, struct snapshot *linux_side, struct snapshot *mm_side)
{
        for (unsigned i = 0; i < COUNTERS; i++)
                if (linux_side->count[i] != mm_side->count[i])
                        fprintf(out, "  %s: Linux %lu kB, mm/ %lu kB\n", counter_names[i],
                                (long)linux_side->count[i], (long)mm_side->count[i]);
        put_lists(out, "  - ", linux_side, mm_side);
        put_lists(out, "  + ", mm_side, linux_side);
}

void report_snapshot(FILE *out, struct snapshot *s)
{
        fputs(" ", out);
        for (unsigned i = 0; i < COUNTERS; i++)
                fprintf(out, " %s %lu", counter_names[i], (long)s->count[i]);
        fputs("\n", out);
        put_lists(out, "    ", s, NULL);
}

const char *report_kind(struct snapshot *l, struct snapshot *m)
{
        if (l->signo != m->signo || l->code != m->code || l->addr != m->addr)
                return "signal";
        if (l->result != m->result)
                return "result";
        if (l->vector != m->vector)
                return "vector";
        if (l->nr_vmas != m->nr_vmas ||
            memcmp(snapshot_vmas(l), snapshot_vmas(m), l->nr_vmas * sizeof(struct vma_note)))
                return "mappings";
        for (unsigned i = 0; i < COUNTERS; i++)
                if (l->count[i] != m->count[i])
                        return counter_names[i];
        return "pages";
}
