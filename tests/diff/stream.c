/* SPDX-License-Identifier: MIT */
/* Sequences of memory calls from a seed: stream.h. What the arguments are is in stream_args.c. */
#include "tests/diff/stream_draw.h"

const struct stream_options stream_defaults = {
        .length = 200,
        .pages = 6,
        .spread = 40,
        .vmas = 6,
        .forks = 2,
        .shape = SHAPE_ANY,
        .root = -1,
        .seals = true,
        .huge = 10,
        .uffd = 5,
        .weight = { [OP_MMAP] = 130,         [OP_MUNMAP] = 50,        [OP_MPROTECT] = 80,
                    [OP_MREMAP] = 200,       [OP_MADVISE] = 90,       [OP_MLOCK] = 20,
                    [OP_MLOCK2] = 15,        [OP_MUNLOCK] = 25,       [OP_MLOCKALL] = 6,
                    [OP_MUNLOCKALL] = 8,     [OP_MSEAL] = 8,          [OP_MSYNC] = 15,
                    [OP_MINCORE] = 20,       [OP_BRK] = 25,           [OP_REMAP_FILE_PAGES] = 12,
                    [OP_READ] = 60,          [OP_WRITE] = 170,        [OP_TRUNCATE] = 12,
                    [OP_PUNCH] = 12,         [OP_FWRITE] = 10,        [OP_RLIMIT] = 12,
                    [OP_FORK] = 9,           [OP_SCAN] = 25,          [OP_UFFD_OPEN] = 8,
                    [OP_UFFD_CLOSE] = 3,     [OP_UFFD_REGISTER] = 70, [OP_UFFD_UNREGISTER] = 25,
                    [OP_UFFD_COPY] = 70,     [OP_UFFD_MOVE] = 60,     [OP_UFFD_ZEROPAGE] = 35,
                    [OP_UFFD_CONTINUE] = 35, [OP_UFFD_POISON] = 25,   [OP_UFFD_PROTECT] = 90,
                    [OP_UFFD_WAKE] = 5 },
};

struct op_shape {
        const char *name;
        unsigned args;
};

static const struct op_shape shapes[OP_KINDS] = {
        [OP_MMAP] = { "mmap", 6 },
        [OP_MUNMAP] = { "munmap", 2 },
        [OP_MPROTECT] = { "mprotect", 3 },
        [OP_MREMAP] = { "mremap", 5 },
        [OP_MADVISE] = { "madvise", 3 },
        [OP_MLOCK] = { "mlock", 2 },
        [OP_MLOCK2] = { "mlock2", 3 },
        [OP_MUNLOCK] = { "munlock", 2 },
        [OP_MLOCKALL] = { "mlockall", 1 },
        [OP_MUNLOCKALL] = { "munlockall", 0 },
        [OP_MSEAL] = { "mseal", 3 },
        [OP_MSYNC] = { "msync", 3 },
        [OP_MINCORE] = { "mincore", 2 },
        [OP_BRK] = { "brk", 1 },
        [OP_REMAP_FILE_PAGES] = { "remap_file_pages", 5 },
        [OP_READ] = { "read", 1 },
        [OP_WRITE] = { "write", 2 },
        [OP_TRUNCATE] = { "truncate", 2 },
        [OP_PUNCH] = { "punch", 3 },
        [OP_FWRITE] = { "fwrite", 3 },
        [OP_RLIMIT] = { "rlimit", 3 },
        [OP_FORK] = { "fork", 1 },
        [OP_SCAN] = { "scan", 5 },
        [OP_UFFD_OPEN] = { "uffd_open", 2 },
        [OP_UFFD_CLOSE] = { "uffd_close", 1 },
        [OP_UFFD_REGISTER] = { "uffd_register", 4 },
        [OP_UFFD_UNREGISTER] = { "uffd_unregister", 3 },
        [OP_UFFD_COPY] = { "uffd_copy", 5 },
        [OP_UFFD_MOVE] = { "uffd_move", 5 },
        [OP_UFFD_ZEROPAGE] = { "uffd_zeropage", 4 },
        [OP_UFFD_CONTINUE] = { "uffd_continue", 4 },
        [OP_UFFD_POISON] = { "uffd_poison", 4 },
        [OP_UFFD_PROTECT] = { "uffd_protect", 4 },
        [OP_UFFD_WAKE] = { "uffd_wake", 3 },
};

const char *op_name(uint32_t kind)
{
        return kind < OP_KINDS ? shapes[kind].name : NULL;
}

unsigned op_args(uint32_t kind)
{
        return kind < OP_KINDS ? shapes[kind].args : 0;
}

/* ------------------------------------------------------------------ numbers */

static uint64_t next_number(struct stream *s)
{
        s->state ^= s->state >> 12;
        s->state ^= s->state << 25;
        s->state ^= s->state >> 27;
        return s->state * 2685821657736338717ULL >> 16;
}

static uint64_t next_byte(struct stream *s)
{
        if (!s->left)
                return 0;
        s->left--;
        return *s->bytes++;
}

uint64_t stream_below(struct stream *s, uint64_t n)
{
        uint64_t value;

        if (!s->from_bytes)
                return next_number(s) % n;
        value = next_byte(s);
        if (n > 256)
                value = value << 8 | next_byte(s);
        return value % n;
}

bool stream_one_in(struct stream *s, uint64_t n)
{
        return stream_below(s, n) == n - 1;
}

uint64_t stream_pick(struct stream *s, const uint64_t *values, unsigned n)
{
        return values[stream_below(s, n)];
}

/* ------------------------------------------------------------------ sequences */

static void begin(struct stream *s)
{
        static const uint64_t usual[] = { SHAPE_SMALL, SHAPE_SMALL, SHAPE_SMALL, SHAPE_SMALL,
                                          SHAPE_SMALL, SHAPE_WIDE,  SHAPE_WIDE,  SHAPE_GIANT };

        s->shape = (enum stream_shape)stream_pick(s, usual, 8);
        s->root = stream_below(s, 2);
        s->seals = stream_one_in(s, 4) && s->options.seals;
        s->limits = stream_one_in(s, 4);
        s->locks = stream_below(s, 2);
        s->copies = !s->locks || stream_one_in(s, 8);
        s->huge = s->options.huge && stream_one_in(s, s->options.huge);
        s->uffd = s->options.uffd && stream_one_in(s, s->options.uffd);
        s->protects = s->uffd && stream_below(s, 3);
        s->plain = s->protects && stream_below(s, 2);
        s->to_lay = s->options.vmas ? (unsigned)stream_below(s, s->options.vmas + 1) : 0;
        if (s->options.shape != SHAPE_ANY)
                s->shape = s->options.shape;
        if (s->options.root >= 0)
                s->root = s->options.root;
        if (s->shape == SHAPE_GIANT) /* the limit on locked memory is what keeps it small */
                s->root = false;
        if (s->huge && s->shape != SHAPE_WIDE)
                s->shape = SHAPE_WIDE;
        for (unsigned i = OP_UFFD_OPEN; i < OP_KINDS && !s->uffd; i++)
                s->options.weight[i] = 0;
        for (unsigned i = 0; i < OP_KINDS; i++)
                s->total_weight += s->options.weight[i];
}

void stream_start(struct stream *s, const struct stream_options *options, uint64_t seed)
{
        *s = (struct stream){ .options = *options };
        s->state = (seed + 1) * 0x9e3779b97f4a7c15ULL;
        s->state ^= s->state >> 31;
        s->state = s->state ? s->state : 1;
        for (unsigned i = 0; i < 4; i++)
                next_number(s);
        begin(s);
}

void stream_start_bytes(struct stream *s, const struct stream_options *options, const void *bytes,
                        size_t len)
{
        *s = (struct stream){
                .options = *options, .bytes = bytes, .left = len, .from_bytes = true
        };
        begin(s);
}

static enum op_kind draw_kind(struct stream *s)
{
        unsigned left = (unsigned)stream_below(s, s->total_weight);
        unsigned kind = 0;

        while (left >= s->options.weight[kind])
                left -= s->options.weight[kind++];
        return (enum op_kind)kind;
}

/* Calls that this sequence is not to have become writes. */
static bool is_wanted(const struct stream *s, enum op_kind kind)
{
        switch (kind) {
        case OP_MSEAL: return s->seals;
        case OP_RLIMIT: return s->limits;
        case OP_MLOCK:
        case OP_MLOCK2:
        case OP_MLOCKALL: return s->locks;
        case OP_FORK: return s->forks < s->options.forks;
        default: return true;
        }
}

/* What the comparison itself needs is nobody's business (op.h). */
static bool meets_own(uint64_t addr, uint64_t len)
{
        return addr < OWN_END && len > 0 && addr + len > OWN_BASE && addr + len > addr;
}

static void keep_off_own(struct op *op)
{
        bool has_range = op->kind < OP_READ ? op->kind != OP_BRK && op_args(op->kind) >= 2
                                            : op->kind >= OP_UFFD_REGISTER || op->kind == OP_SCAN;

        if (!has_range)
                return;
        if (meets_own(op->a[0], op->a[1]) ||
            (op->kind == OP_MREMAP && meets_own(op->a[0], op->a[2])))
                op->a[0] += MAIN_WINDOW;
        if (op->kind == OP_MREMAP && meets_own(op->a[4], op->a[2]))
                op->a[4] += MAIN_WINDOW;
        if ((op->kind == OP_UFFD_COPY || op->kind == OP_UFFD_MOVE) && meets_own(op->a[2], op->a[1]))
                op->a[2] += MAIN_WINDOW;
}

/* The calls that every sequence begins with. */
static bool prepare(struct stream *s, struct op *op)
{
        unsigned opens = s->uffd ? UFFDS : 0;

        if (s->made < opens)
                stream_open(s, op, s->made);
        else if (s->made < opens + s->to_lay)
                stream_lay(s, op);
        else if (s->uffd && s->made == opens + s->to_lay)
                stream_enlist(s, op);
        else
                return false;
        return true;
}

bool stream_next(struct stream *s, struct op *op)
{
        if (s->made >= s->options.length || (s->from_bytes && !s->left))
                return false;
        *op = (struct op){ 0 };
        if (!prepare(s, op)) {
                op->kind = draw_kind(s);
                if (!is_wanted(s, (enum op_kind)op->kind))
                        op->kind = OP_WRITE;
                stream_args(s, op);
                keep_off_own(op);
        }
        s->forks += op->kind == OP_FORK;
        s->made++;
        return true;
}
