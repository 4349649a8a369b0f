/* SPDX-License-Identifier: MIT */
/*
 * Arguments of memory calls, at random: mostly what a program might ask, near what it has mapped,
 * and now and then nonsense.
 */
#include "kernel/base/abi/madvise.h"
#include "kernel/base/abi/mman.h"
#include "kernel/base/abi/procfs.h"
#include "kernel/base/abi/userfaultfd.h"
#include "tests/diff/stream_draw.h"

#define MIB 0x100000UL
#define GIB 0x40000000UL

/* As many pages may be filled at once. */
#define FILL_MAX (600 * OP_PAGE)

/* ------------------------------------------------------------------ addresses and lengths */

/* At the start of a huge page, or a little off. */
static uint64_t huge_address(struct stream *s)
{
        uint64_t addr = HUGE_WINDOW + stream_below(s, 6) * 2 * MIB;

        if (stream_below(s, 3) == 0)
                addr += stream_below(s, 512) * OP_PAGE;
        else if (stream_below(s, 3) == 0)
                addr += stream_below(s, 8) * OP_PAGE - 4 * OP_PAGE;
        return addr;
}

static uint64_t window_address(struct stream *s)
{
        uint64_t edge;

        if (s->huge && stream_below(s, 2))
                return huge_address(s);
        if (s->shape == SHAPE_SMALL || stream_below(s, 3) == 0)
                return MAIN_WINDOW + stream_below(s, s->options.spread) * OP_PAGE;
        edge = STREAM_PICK(s, EDGE_2M, EDGE_2M, EDGE_1G, EDGE_2G, TOP_WINDOW - 40 * OP_PAGE);
        return edge + stream_below(s, 24) * OP_PAGE - 12 * OP_PAGE;
}

static uint64_t recent_address(struct stream *s)
{
        unsigned i = (unsigned)stream_below(s, s->nr_recent);
        uint64_t pages = s->recent[i].len / OP_PAGE;

        switch (stream_below(s, 8)) {
        case 0:
        case 1:
        case 2: return s->recent[i].addr;
        case 3: return s->recent[i].addr + s->recent[i].len;
        case 4: return s->recent[i].addr - OP_PAGE;
        case 5: return s->recent[i].addr + s->recent[i].len - OP_PAGE;
        default:
                return s->recent[i].addr +
                       stream_below(s, pages + 1 < 512 ? pages + 1 : 512) * OP_PAGE;
        }
}

static uint64_t odd_address(struct stream *s)
{
        return STREAM_PICK(s, 0, OP_PAGE, 0x10000, WORLD_END - OP_PAGE, WORLD_END,
                           0xffff800000000000UL, ~0UL & ~(OP_PAGE - 1));
}

/* Of a page, but for one in sixty. */
static uint64_t page_address(struct stream *s)
{
        uint64_t addr;

        if (stream_one_in(s, 250))
                return odd_address(s);
        addr = s->nr_recent && stream_below(s, 2) ? recent_address(s) : window_address(s);
        return stream_one_in(s, 60) ? addr + 1 + stream_below(s, OP_PAGE - 1) : addr;
}

/* About a whole table of pages, or of such tables. */
static uint64_t table_length(struct stream *s)
{
        uint64_t len = 2 * MIB * (1 + stream_below(s, 2));

        if (s->huge && stream_below(s, 2))
                return len;
        if (s->shape == SHAPE_GIANT && stream_below(s, 2))
                len = GIB;
        return len + stream_below(s, 3) * OP_PAGE - OP_PAGE;
}

static uint64_t usual_length(struct stream *s)
{
        if (s->shape != SHAPE_SMALL && stream_one_in(s, s->huge ? 2 : 8))
                return table_length(s);
        if (stream_below(s, 3))
                return (1 + stream_below(s, s->options.pages)) * OP_PAGE;
        return (1 + stream_below(s, s->options.pages * 3)) * OP_PAGE;
}

static uint64_t length(struct stream *s)
{
        uint64_t len = usual_length(s);

        switch (stream_below(s, 100)) {
        case 0: return 0;
        case 1: return ~0UL;
        case 2: return len - 1 - stream_below(s, OP_PAGE - 1);
        case 3: return 1UL << 47;
        default: return len;
        }
}

static void remember(struct stream *s, uint64_t addr, uint64_t len)
{
        unsigned i;

        if (len == 0 || len > 2 * GIB || addr >= WORLD_END)
                return;
        i = s->nr_recent < STREAM_RECENT ? s->nr_recent++
                                         : (unsigned)stream_below(s, STREAM_RECENT);

        s->recent[i].addr = addr & ~(OP_PAGE - 1);
        s->recent[i].len = (len + OP_PAGE - 1) & ~(OP_PAGE - 1);
}

/* What was there is probably gone. */
static void forget(struct stream *s, uint64_t addr, uint64_t len)
{
        for (unsigned i = 0; i < s->nr_recent;) {
                if (s->recent[i].addr >= addr && s->recent[i].addr - addr < len &&
                    s->recent[i].len <= len - (s->recent[i].addr - addr))
                        s->recent[i] = s->recent[--s->nr_recent];
                else
                        i++;
        }
}

/* A range that calls are about: most often a part of something that was mapped, or all of it. */
static void draw_range(struct stream *s, uint64_t *addr, uint64_t *len)
{
        unsigned i = s->nr_recent ? (unsigned)stream_below(s, s->nr_recent) : 0;
        uint64_t pages, first;

        if (!s->nr_recent || stream_below(s, 10) < 3) {
                *addr = page_address(s);
                *len = length(s);
                return;
        }
        pages = s->recent[i].len / OP_PAGE;
        first = stream_below(s, 2) ? 0 : stream_below(s, pages);
        *addr = s->recent[i].addr + first * OP_PAGE;
        *len = s->recent[i].len - first * OP_PAGE;
        if (stream_below(s, 2))
                *len = (1 + stream_below(s, pages - first)) * OP_PAGE;
}

static uint64_t protection(struct stream *s)
{
        if (stream_one_in(s, 60))
                return STREAM_PICK(s, PROT_SEM | PROT_READ, 0x10, PROT_GROWSDOWN | PROT_READ,
                                   PROT_GROWSUP, ~0UL);
        return STREAM_PICK(s, PROT_READ | PROT_WRITE, PROT_READ | PROT_WRITE,
                           PROT_READ | PROT_WRITE, PROT_READ | PROT_WRITE, PROT_READ, PROT_READ,
                           PROT_NONE, PROT_WRITE, PROT_READ | PROT_EXEC,
                           PROT_READ | PROT_WRITE | PROT_EXEC);
}

/* ------------------------------------------------------------------ mmap, mremap */

static void mmap_place(struct stream *s, struct op *op)
{
        static const uint64_t how[] = { MAP_FIXED, MAP_FIXED,           MAP_FIXED, MAP_FIXED,
                                        MAP_FIXED, MAP_FIXED_NOREPLACE, 0,         0 };

        op->a[0] = page_address(s);
        op->a[3] = stream_pick(s, how, 8);
        if (op->a[3] == 0 && stream_below(s, 2))
                op->a[0] = 0;
        if (op->a[3] == 0 && stream_one_in(s, 6))
                op->a[3] = MAP_32BIT;
        if (op->a[3] == MAP_FIXED && stream_one_in(s, 30))
                op->a[3] |= STREAM_PICK(s, MAP_FIXED_NOREPLACE, MAP_32BIT);
}

static uint64_t mmap_type(struct stream *s)
{
        if (s->plain)
                return MAP_PRIVATE;
        if (stream_one_in(s, 80))
                return STREAM_PICK(s, 0, MAP_DROPPABLE, 4, MAP_SHARED_VALIDATE, MAP_TYPE);
        return STREAM_PICK(s, MAP_PRIVATE, MAP_PRIVATE, MAP_PRIVATE, MAP_SHARED);
}

static void mmap_file(struct stream *s, struct op *op)
{
        op->a[4] = STREAM_PICK(s, FILE_SMALL, FILE_SMALL, FILE_SMALL, FILE_LARGE, FILE_EMPTY,
                               FILE_READONLY, FILE_ZERO, FILE_ZERO);
        op->a[5] = stream_below(s, 3) ? stream_below(s, 8) * OP_PAGE : 0;
        if (op->a[4] == FILE_LARGE && stream_below(s, 2))
                op->a[5] += 2 * MIB - 6 * OP_PAGE;
        if (stream_one_in(s, 60))
                op->a[5] = STREAM_PICK(s, 1, 1UL << 43, ~0UL & ~(OP_PAGE - 1), 1UL << 63);
}

static void mmap_args(struct stream *s, struct op *op)
{
        uint64_t locked = s->locks ? MAP_LOCKED : MAP_STACK;

        mmap_place(s, op);
        op->a[1] = length(s);
        op->a[2] = protection(s);
        op->a[3] |= mmap_type(s);
        op->a[4] = FILE_NONE;
        if (stream_below(s, 4) == 0 && !s->plain)
                mmap_file(s, op);
        else
                op->a[3] |= MAP_ANONYMOUS;
        if (stream_below(s, 4) == 0)
                op->a[3] |= STREAM_PICK(s, MAP_NORESERVE, MAP_NORESERVE, MAP_STACK, MAP_POPULATE,
                                        MAP_POPULATE, locked, MAP_GROWSDOWN, MAP_GROWSDOWN,
                                        MAP_POPULATE | MAP_NONBLOCK, MAP_NORESERVE | MAP_POPULATE);
        if (op->a[1] > FILL_MAX)
                op->a[3] &= ~(uint64_t)(MAP_POPULATE | MAP_LOCKED);
        if (op->a[0])
                remember(s, op->a[0], op->a[1]);
        else
                remember(s, TOP_WINDOW - op->a[1], op->a[1]);
}

/* A copy of locked memory is what Linux miscounts, which ends a comparison: one kind of sequence
 * locks, the other copies, few do both. */
static uint64_t mremap_flags(struct stream *s)
{
        uint64_t flags = STREAM_PICK(s, 0, 1, 1, 1, 3, 3, 3, 3, 3, 3, 3, 5, 5, 7, 7, 2, 4, 6, 8);

        return s->copies ? flags : flags & ~(uint64_t)MREMAP_DONTUNMAP;
}

static void mremap_args(struct stream *s, struct op *op)
{
        draw_range(s, &op->a[0], &op->a[1]);
        if (stream_one_in(s, 14))
                op->a[1] = 0;
        op->a[2] = stream_below(s, 2) ? op->a[1] : length(s);
        op->a[3] = mremap_flags(s);
        op->a[4] = page_address(s);
        if ((op->a[3] & MREMAP_DONTUNMAP) && stream_below(s, 4))
                op->a[2] = op->a[1];
        if ((op->a[3] & MREMAP_FIXED) && op->a[1] > op->a[2] && !s->options.leaks)
                op->a[1] = op->a[2];
        if ((op->a[3] & (MREMAP_FIXED | MREMAP_MAYMOVE)) == MREMAP_MAYMOVE &&
            (op->a[2] > op->a[1] || (op->a[3] & MREMAP_DONTUNMAP)))
                remember(s, TOP_WINDOW - op->a[2], op->a[2]);
        if (!(op->a[3] & MREMAP_FIXED))
                return;
        if (!(op->a[3] & MREMAP_DONTUNMAP))
                forget(s, op->a[0], op->a[1]);
        remember(s, op->a[4], op->a[2]);
}

/* ------------------------------------------------------------------ ranges */

/* The madvise() calls of huge pages. */
static uint64_t huge_advice(struct stream *s)
{
        return STREAM_PICK(s, MADV_HUGEPAGE, MADV_HUGEPAGE, MADV_HUGEPAGE, MADV_HUGEPAGE,
                           MADV_NOHUGEPAGE, MADV_COLLAPSE, MADV_COLLAPSE, MADV_DONTNEED);
}

static void madvise_args(struct stream *s, struct op *op)
{
        static const uint64_t usual[] = { MADV_DONTNEED,
                                          MADV_DONTNEED,
                                          MADV_DONTNEED,
                                          MADV_DONTNEED,
                                          MADV_NORMAL,
                                          MADV_RANDOM,
                                          MADV_SEQUENTIAL,
                                          MADV_WILLNEED,
                                          MADV_FREE,
                                          MADV_FREE,
                                          MADV_REMOVE,
                                          MADV_DONTFORK,
                                          MADV_DOFORK,
                                          MADV_WIPEONFORK,
                                          MADV_WIPEONFORK,
                                          MADV_KEEPONFORK,
                                          MADV_DONTDUMP,
                                          MADV_DODUMP,
                                          MADV_COLD,
                                          MADV_POPULATE_READ,
                                          MADV_POPULATE_READ,
                                          MADV_POPULATE_WRITE,
                                          MADV_POPULATE_WRITE,
                                          MADV_GUARD_INSTALL,
                                          MADV_GUARD_INSTALL,
                                          MADV_GUARD_REMOVE,
                                          MADV_DONTNEED_LOCKED,
                                          7 };

        if (s->huge && stream_below(s, 2))
                op->a[2] = huge_advice(s);
        else
                op->a[2] = stream_pick(s, usual, sizeof(usual) / sizeof(usual[0]));
        if (s->huge && (op->a[2] == MADV_COLD || op->a[2] == MADV_FREE))
                op->a[2] = MADV_DONTNEED; /* Linux splits pages, and maps no zeroes twice */
        /* Guards on protected memory of an object: Linux 6.18 never comes back. */
        if (s->protects && !s->plain && op->a[2] == MADV_GUARD_INSTALL)
                op->a[2] = MADV_DONTNEED;
        if (op->a[2] == MADV_POPULATE_READ || op->a[2] == MADV_POPULATE_WRITE) {
                if (op->a[1] > FILL_MAX)
                        op->a[1] = FILL_MAX;
        }
}

static void rlimit_args(struct stream *s, struct op *op)
{
        uint64_t pages = 1 + stream_below(s, stream_below(s, 2) ? 16 : 64);

        op->a[0] = stream_below(s, LIMITS);
        op->a[1] = stream_one_in(s, 3) ? ~0UL : pages * OP_PAGE;
        op->a[2] = ~0UL;
        if (op->a[0] == LIMIT_AS && op->a[1] != ~0UL)
                op->a[1] += OWN_SIZE;
        if (op->a[0] == LIMIT_DATA && stream_one_in(s, 3)) {
                op->a[2] = pages * OP_PAGE;
                op->a[1] = stream_below(s, 2) ? 0 : op->a[2];
        }
        if (op->a[0] == LIMIT_MEMLOCK && op->a[1] == ~0UL)
                op->a[1] = stream_below(s, 3) ? MEMLOCK_LIMIT : 0;
}

static void file_args(struct stream *s, struct op *op)
{
        op->a[0] = STREAM_PICK(s, FILE_SMALL, FILE_SMALL, FILE_LARGE, FILE_EMPTY);
        op->a[1] = stream_below(s, 16) * OP_PAGE;
        if (op->a[0] == FILE_LARGE && stream_below(s, 2))
                op->a[1] += 2 * MIB - 8 * OP_PAGE;
        if (stream_one_in(s, 6))
                op->a[1] += 1 + stream_below(s, OP_PAGE - 1);
        op->a[2] = op->kind == OP_FWRITE ? 1 + stream_below(s, 255)
                                         : (1 + stream_below(s, 6)) * OP_PAGE;
        if (op->kind == OP_PUNCH && stream_one_in(s, 6))
                op->a[2] -= 1 + stream_below(s, OP_PAGE - 1);
        if (op->kind == OP_TRUNCATE)
                op->a[2] = 0;
}

static void access_args(struct stream *s, struct op *op)
{
        uint64_t len;

        draw_range(s, &op->a[0], &len);
        if (op->a[0] >= WORLD_END) /* there a processor says more than mm/ is asked */
                op->a[0] = WORLD_END - OP_PAGE;
        op->a[0] &= ~(OP_PAGE - 1);
        if (stream_below(s, 4) == 0)
                op->a[0] += STREAM_PICK(s, 1, 7, 4088, 4095, 2048);
        op->a[1] = op->kind == OP_WRITE ? 1 + stream_below(s, 255) : 0;
}

static void brk_args(struct stream *s, struct op *op)
{
        op->a[0] = HEAP_WINDOW + stream_below(s, 12) * OP_PAGE;
        if (stream_one_in(s, 5))
                op->a[0] += STREAM_PICK(s, 1, 100, 4095, -1UL, -OP_PAGE, 2 * MIB, 16 * MIB);
        remember(s, HEAP_WINDOW, 4 * OP_PAGE);
}

static void scan_args(struct stream *s, struct op *op)
{
        uint64_t usual = PAGE_IS_WRITTEN | PAGE_IS_PRESENT | PAGE_IS_SWAPPED | PAGE_IS_FILE |
                         PAGE_IS_PFNZERO | PAGE_IS_HUGE | PAGE_IS_GUARD | PAGE_IS_WPALLOWED;
        uint64_t one = 1UL << stream_below(s, 9), other = 1UL << stream_below(s, 9);

        op->a[0] &= ~(OP_PAGE - 1);
        if (op->a[0] >= WORLD_END)
                op->a[0] = MAIN_WINDOW;
        op->a[1] = (1 + stream_below(s, stream_below(s, 4) ? 64 : 1200)) * OP_PAGE;
        if (op->a[1] > WORLD_END - op->a[0])
                op->a[1] = WORLD_END - op->a[0];
        op->a[2] = s->protects && stream_below(s, 2)
                           ? STREAM_PICK(s, PM_SCAN_WP_MATCHING,
                                         PM_SCAN_WP_MATCHING | PM_SCAN_CHECK_WPASYNC,
                                         PM_SCAN_CHECK_WPASYNC)
                           : 0;
        op->a[3] = stream_below(s, 4) ? 0 : 1 + stream_below(s, 20);
        op->a[4] = STREAM_PICK(s, scan_masks(0, 0, usual), scan_masks(0, PAGE_IS_WRITTEN, 0),
                               scan_masks(0, 0, 0), scan_masks(PAGE_IS_WRITTEN, PAGE_IS_WRITTEN, 0),
                               scan_masks(one, one | other, 0), scan_masks(one, 0, one | other));
}

/* Protected or not, all of a sequence: else entries stay protected on Linux, of a mapping that is
 * registered for something else. */
static uint64_t register_modes(struct stream *s)
{
        uint64_t modes = STREAM_PICK(s, 1, 1, 1, 3, 3, 5, 7, 2, 2, 2, 4, 6, 0, 8);

        if (stream_one_in(s, 50))
                return modes;
        return s->protects ? modes | UFFDIO_REGISTER_MODE_WP : modes & ~2UL;
}

static void uffd_args(struct stream *s, struct op *op)
{
        unsigned last = op_args(op->kind) - 1;

        op->a[last] = stream_below(s, 4) ? 0 : 1;
        switch (op->kind) {
        case OP_UFFD_OPEN:
                op->a[0] = STREAM_PICK(s, 0, UFFD_FEATURE_WP_UNPOPULATED, UFFD_FEATURE_WP_ASYNC,
                                       UFFD_FEATURE_EXACT_ADDRESS | UFFD_FEATURE_WP_UNPOPULATED);
                return;
        case OP_UFFD_CLOSE: return;
        default: break;
        }
        draw_range(s, &op->a[0], &op->a[1]);
        switch (op->kind) {
        case OP_UFFD_REGISTER: op->a[2] = register_modes(s); break;
        case OP_UFFD_COPY:
        case OP_UFFD_MOVE:
                op->a[2] = page_address(s);
                op->a[3] = STREAM_PICK(s, 0, 0, 0, 1, 2, 2, 2, 4);
                break;
        case OP_UFFD_PROTECT: op->a[2] = STREAM_PICK(s, 0, 0, 1, 1, 1, 1, 1, 2, 3, 4); break;
        case OP_UFFD_ZEROPAGE:
        case OP_UFFD_POISON: op->a[2] = STREAM_PICK(s, 0, 0, 0, 1, 0, 0, 2); break;
        case OP_UFFD_CONTINUE: op->a[2] = STREAM_PICK(s, 0, 0, 0, 1, 2, 3, 4); break;
        default: break;
        }
        if (op->a[1] > FILL_MAX && op->kind != OP_UFFD_REGISTER && op->kind != OP_UFFD_UNREGISTER)
                op->a[1] = FILL_MAX;
}

/* Descriptors, and what a sequence that has them begins with behind its mappings. */
void stream_open(struct stream *s, struct op *op, unsigned slot)
{
        op->kind = OP_UFFD_OPEN;
        uffd_args(s, op);
        op->a[1] = slot;
}

void stream_enlist(struct stream *s, struct op *op)
{
        op->kind = OP_UFFD_REGISTER;
        op->a[0] = s->huge ? HUGE_WINDOW : MAIN_WINDOW;
        op->a[1] = s->huge ? 12 * MIB : 64 * OP_PAGE;
        op->a[2] = s->protects ? 2 + stream_below(s, 2) : 1;
}

static void special_args(struct stream *s, struct op *op)
{
        switch (op->kind) {
        case OP_MPROTECT: op->a[2] = protection(s); break;
        case OP_MLOCK2: op->a[2] = STREAM_PICK(s, 1, 1, 1, 1, 1, 0, 2); break;
        case OP_MSEAL: op->a[2] = stream_one_in(s, 10); break;
        case OP_MSYNC: op->a[2] = STREAM_PICK(s, 1, 2, 4, 4, 5, 8, 0); break;
        case OP_REMAP_FILE_PAGES:
                op->a[2] = stream_one_in(s, 6) ? PROT_READ : 0;
                op->a[3] = stream_below(s, 8);
                op->a[4] = STREAM_PICK(s, 0, 0, 0, MAP_NONBLOCK, MAP_PRIVATE);
                break;
        case OP_MINCORE:
                op->a[0] &= ~(OP_PAGE - 1);
                op->a[1] = (1 + stream_below(s, MINCORE_PAGES)) * OP_PAGE;
                break;
        default: break;
        }
}

void stream_args(struct stream *s, struct op *op)
{
        switch (op->kind) {
        case OP_MMAP: mmap_args(s, op); return;
        case OP_MREMAP: mremap_args(s, op); return;
        case OP_BRK: brk_args(s, op); return;
        case OP_READ:
        case OP_WRITE: access_args(s, op); return;
        case OP_TRUNCATE:
        case OP_PUNCH:
        case OP_FWRITE: file_args(s, op); return;
        case OP_RLIMIT: rlimit_args(s, op); return;
        case OP_FORK: op->a[0] = stream_below(s, 3); return;
        case OP_MLOCKALL: op->a[0] = STREAM_PICK(s, 1, 2, 3, 3, 5, 6, 7, 4, 0, 8); return;
        case OP_MUNLOCKALL: return;
        default: break;
        }
        if (op->kind >= OP_UFFD_OPEN) {
                uffd_args(s, op);
                return;
        }
        draw_range(s, &op->a[0], &op->a[1]);
        if (op->kind == OP_MUNMAP)
                forget(s, op->a[0], op->a[1]);
        if (op->kind == OP_SCAN)
                scan_args(s, op);
        else if (op->kind == OP_MADVISE)
                madvise_args(s, op);
        else
                special_args(s, op);
}

/* Every other call of those that a sequence begins with: what was mapped is to be of huge pages. */
static void advise_huge(struct stream *s, struct op *op)
{
        op->kind = OP_MADVISE;
        op->a[0] = s->recent[s->nr_recent - 1].addr;
        op->a[1] = s->recent[s->nr_recent - 1].len;
        op->a[2] = MADV_HUGEPAGE;
}

void stream_lay(struct stream *s, struct op *op)
{
        if (s->huge && s->made % 2 && s->nr_recent) {
                advise_huge(s, op);
                return;
        }
        op->kind = OP_MMAP;
        op->a[0] = window_address(s);
        op->a[1] = s->huge ? usual_length(s) : (1 + stream_below(s, s->options.pages)) * OP_PAGE;
        op->a[2] = PROT_READ | PROT_WRITE;
        op->a[3] = MAP_FIXED | MAP_ANONYMOUS;
        op->a[3] |= s->huge || s->plain || stream_below(s, 4) ? MAP_PRIVATE : MAP_SHARED;
        op->a[4] = FILE_NONE;
        remember(s, op->a[0], op->a[1]);
}
