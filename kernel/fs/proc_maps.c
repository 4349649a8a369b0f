/* SPDX-License-Identifier: MIT */
/*
 * /proc/PID/maps, smaps, smaps_rollup: one record a region. The cookie is the address at which the
 * next region is looked for, so a reader goes on correctly while the address space changes.
 */
#include "arch/mmu.h"
#include "kernel/base/digits.h"
#include "kernel/base/string.h"
#include "kernel/fs/proc.h"
#include "kernel/sched/process.h"
#include "mm/mm.h"
#include "mm/slab.h"
#include "mm/vma_flags.h"

#define NAME_COLUMN 73

/* Blanks up to the column of names, `width` characters having been written; at least one. */
static void pad_to_name(struct seq *seq, size_t width)
{
        static const char blanks[NAME_COLUMN] = { [0 ... NAME_COLUMN - 1] = ' ' };

        seq_put(seq, blanks, width < NAME_COLUMN ? NAME_COLUMN - width : 1);
}

static inline char *put_text(char *at, const char *text, size_t len)
{
        __builtin_memcpy(at, text, len);
        return at + len;
}

/* Addresses side by side have their upper 32 bits in common: the digits of those are made once. */
struct upper_half {
        u64 bits;
        size_t len;
        char digits[8];
};

static void upper_change(struct upper_half *upper, u64 bits)
{
        upper->bits = bits;
        upper->len = bits ? (size_t)(digits_hex(upper->digits, bits, 1) - upper->digits) : 0;
}

/* Of at least eight digits, the last three of which are a page's and come with what follows. */
static inline char *put_address(char *at, struct upper_half *upper, u64 addr, const char zeroes[4])
{
        u64 page = addr >> PAGE_SHIFT;

        if (addr >> 32 != upper->bits)
                upper_change(upper, addr >> 32);
        __builtin_memcpy(at, upper->digits, sizeof(upper->digits));
        at += upper->len;
        *at = hex_pairs[page >> 16 & 0xf][1];
        digits_pair(at + 1, page >> 8);
        digits_pair(at + 3, page);
        return put_text(at + 5, zeroes, 4);
}

#define NO_FILE " 00000000 00:00 0 "

static char *put_file(char *at, u64 offset, u32 dev, u64 ino)
{
        *at++ = ' ';
        at = digits_hex(at, offset, 8);
        *at++ = ' ';
        at = digits_hex(at, dev >> 8, 2);
        *at++ = ':';
        at = digits_hex(at, dev & 0xff, 2);
        *at++ = ' ';
        at = digits_decimal(at, ino, 1);
        *at++ = ' ';
        return at;
}

/* Only files have a path; whatever else has a name brings it along. */
size_t proc_region_name(const struct mm_region *r, char buf[PROC_NAME_SIZE])
{
        const char *name = *r->label ? r->label : r->special ? r->special : "";
        size_t len = strlen(name);

        if (!*r->label && !r->special && r->backing)
                return file_path(backing_file(r->backing), buf, PROC_NAME_SIZE);
        memcpy(buf, name, len + 1);
        return len;
}

void proc_region_drop(const struct mm_region *r)
{
        if (r->backing)
                backing_put(r->backing);
}

static bool has_path(const struct mm_region *r)
{
        return r->backing && !r->special && !*r->label;
}

/* `path`: of its file, if it has a name by that. */
static void show_name(struct seq *seq, const struct mm_region *r, const char *path, size_t width)
{
        pad_to_name(seq, width);
        seq_escape(seq, *r->label ? r->label : r->special ? r->special : path, "\n");
        seq_put(seq, "\n", 1);
}

/* `path` as above. */
static void show_region(struct seq *seq, const struct mm_region *r, const char *path,
                        struct upper_half *upper)
{
        static const char perms[16][4] = { "---p", "r--p", "-w-p", "rw-p", "--xp", "r-xp",
                                           "-wxp", "rwxp", "---s", "r--s", "-w-s", "rw-s",
                                           "--xs", "r-xs", "-wxs", "rwxs" };
        unsigned kind =
                (r->flags & (VM_READ | VM_WRITE | VM_EXEC)) | (r->flags & VM_MAYSHARE ? 8 : 0);
        bool named = r->backing || r->special || *r->label;
        char *begin = seq_begin(seq), *at;

        at = put_address(begin, upper, r->start, "000-");
        at = put_address(at, upper, r->end, "000 ");
        at = put_text(at, perms[kind], 4);
        at = r->backing ? put_file(at, r->offset, r->backing->dev, r->backing->ino)
                        : put_text(at, NO_FILE, sizeof(NO_FILE) - 1);
        if (!named)
                *at++ = '\n';
        seq_end(seq, begin, at);
        if (named)
                show_name(seq, r, path, (size_t)(at - begin));
}

/*
 * The page of the vsyscall lies in the kernel's half: no VMA, yet Linux shows it behind the last.
 * Nothing is there to be executed here.
 */
#define VSYSCALL 0xffffffffff600000ULL

static const struct mm_region vsyscall_region = {
        .start = VSYSCALL,
        .end = VSYSCALL + PAGE_SIZE,
        .flags = VM_EXEC,
        .special = "[vsyscall]",
};

/*
 * A record for each region, as many as fit. They are written under the lock of the address space,
 * but a path needs other locks: so at a file whose path is not known the walk ends, to go on there
 * when it is. Most files have several regions side by side.
 */
struct listing {
        struct seq *seq;
        struct upper_half upper;
        struct backing *unknown; /* the file at which the walk ended, referenced; or NULL */
        struct backing *file;    /* one whose path is known, referenced; or NULL */
        char *path;              /* PROC_NAME_SIZE bytes; NULL: not needed yet */
};

static bool list_region(void *arg, const struct mm_region *r)
{
        struct listing *l = arg;

        if (has_path(r) && r->backing != l->file) {
                backing_get(r->backing);
                l->unknown = r->backing;
                return false;
        }
        show_region(l->seq, r, l->path, &l->upper);
        return seq_end_record(l->seq, r->end);
}

static int learn_path(struct listing *l)
{
        if (!l->path)
                l->path = kmalloc(PROC_NAME_SIZE);
        if (l->file)
                backing_put(l->file);
        l->file = l->unknown;
        l->unknown = NULL;
        if (!l->path)
                return -ENOMEM;
        file_path(backing_file(l->file), l->path, PROC_NAME_SIZE);
        return 0;
}

/* Was there a record at or behind `cookie`, be it one that did not fit? */
static bool has_more(const struct seq *seq, u64 cookie)
{
        return seq->cookie != cookie || seq->overflow;
}

int proc_show_maps(struct seq *seq, const struct proc_node *node, u64 *cookie)
{
        struct listing l = { .seq = seq };
        struct mm *mm = proc_mm(node);
        struct process_info info;
        int n = 0;

        if (!mm)
                return proc_info(node, &info); /* a zombie has none; who is gone is an error */
        do
                mm_walk_regions(mm, seq->cookie, list_region, &l);
        while (l.unknown && (n = learn_path(&l)) == 0);
        mm_put(mm);
        if (n == 0 && !has_more(seq, *cookie) && *cookie <= VSYSCALL)
                list_region(&l, &vsyscall_region);
        if (l.file)
                backing_put(l.file);
        kfree(l.path);
        if (n == 0)
                n = has_more(seq, *cookie);
        *cookie = seq->cookie;
        return n;
}

/* ---------------------------------------------------------------- smaps */

/* 1 with a region, its backing referenced; 0 behind the last; or an errno. */
static int next_region(const struct proc_node *node, u64 *cookie, struct mm_region *r,
                       struct mm_region_stats *stats)
{
        struct mm *mm = proc_mm(node);
        struct process_info info;
        bool found;

        if (!mm)
                return proc_info(node, &info);
        found = mm_next_region_stats(mm, *cookie, r, stats);
        mm_put(mm);
        if (!found && *cookie <= VSYSCALL) {
                *r = vsyscall_region;
                *stats = (struct mm_region_stats){ 0 };
                found = true;
        }
        if (found)
                *cookie = r->end;
        return found;
}

/* The number ends in the column in which all of them do. */
static void show_kb(struct seq *seq, const char *label, u64 bytes)
{
        char *begin = seq_begin(seq), *at;
        size_t len = strlen(label);

        at = put_text(begin, label, len);
        at = digits_decimal(at, bytes >> 10, 24 - len);
        at = put_text(at, " kB\n", 4);
        seq_end(seq, begin, at);
}

/* The lines that smaps and smaps_rollup share. */
static void show_stats(struct seq *seq, const struct mm_region_stats *s, bool rollup)
{
        show_kb(seq, "Rss:", s->rss);
        show_kb(seq, "Pss:", s->pss);
        show_kb(seq, "Pss_Dirty:", s->pss_dirty);
        if (rollup) {
                show_kb(seq, "Pss_Anon:", s->pss_anon);
                show_kb(seq, "Pss_File:", s->pss_file);
                show_kb(seq, "Pss_Shmem:", s->pss_shmem);
        }
        show_kb(seq, "Shared_Clean:", s->shared_clean);
        show_kb(seq, "Shared_Dirty:", s->shared_dirty);
        show_kb(seq, "Private_Clean:", s->private_clean);
        show_kb(seq, "Private_Dirty:", s->private_dirty);
        show_kb(seq, "Referenced:", s->referenced);
        show_kb(seq, "Anonymous:", s->anonymous);
        show_kb(seq, "KSM:", 0);
        show_kb(seq, "LazyFree:", s->lazyfree);
        show_kb(seq, "AnonHugePages:", s->anon_huge);
        show_kb(seq, "ShmemPmdMapped:", 0);
        show_kb(seq, "FilePmdMapped:", 0);
        show_kb(seq, "Shared_Hugetlb:", s->shared_hugetlb);
        seq_printf(seq, "Private_Hugetlb: %7llu kB\n",
                   (unsigned long long)s->private_hugetlb >> 10);
        show_kb(seq, "Swap:", s->swap);
        show_kb(seq, "SwapPss:", 0);
        show_kb(seq, "Locked:", s->locked);
}

static void show_flags(struct seq *seq, u64 flags)
{
        if (mmu_has_keys())
                seq_printf(seq, "ProtectionKey:  %8u\n", vm_key(flags));
        seq_printf(seq, "VmFlags: ");
        for (unsigned bit = 0; bit < 64; bit++)
                if ((flags >> bit & 1) && vm_flag_letters(bit))
                        seq_printf(seq, "%s ", vm_flag_letters(bit));
        seq_put(seq, "\n", 1);
}

int proc_show_smaps(struct seq *seq, const struct proc_node *node, u64 *cookie)
{
        struct mm_region_stats stats;
        struct mm_region r;
        u64 page_size;
        struct upper_half upper = { 0 };
        char *path = NULL;
        int err = next_region(node, cookie, &r, &stats);

        if (err <= 0)
                return err;
        if (has_path(&r) && !(path = kmalloc(PROC_NAME_SIZE))) {
                proc_region_drop(&r);
                return -ENOMEM;
        }
        if (path)
                proc_region_name(&r, path);
        show_region(seq, &r, path, &upper);
        kfree(path);
        show_kb(seq, "Size:", r.end - r.start);
        page_size = r.flags & VM_HUGETLB ? 2UL << 20 : PAGE_SIZE;
        show_kb(seq, "KernelPageSize:", page_size);
        show_kb(seq, "MMUPageSize:", page_size);
        show_stats(seq, &stats, false);
        seq_printf(seq, "THPeligible:    %8u\n", stats.wants_huge);
        show_flags(seq, r.flags);
        proc_region_drop(&r);
        return 1;
}

int proc_show_smaps_rollup(struct seq *seq, const struct proc_node *node, u64 *cookie)
{
        struct upper_half upper = { 0 };
        struct mm_region all = { .special = "[rollup]" };
        struct mm_region_stats sum;
        struct mm *mm;

        if (!proc_first(cookie))
                return 0;
        mm = proc_mm(node);
        if (!mm)
                return -ESRCH;
        mm_all_regions(mm, &all.start, &all.end, &sum);
        mm_put(mm);
        show_region(seq, &all, NULL, &upper);
        show_stats(seq, &sum, true);
        return 1;
}
