/* SPDX-License-Identifier: MIT */
/*
 * A plugin of QEMU that counts the instructions of a guest by the functions they are executed in
 * and by who called those, between two readings of the time-stamp counter by one program
 * (userland/bench reads it before and after what it measures). Reading is all the program does, so
 * it is measured as it runs without us; with -icount the sum of an interval is the difference of
 * the two readings.
 *
 *      -plugin count.so,symbols=FILE,out=FILE,from=ADDRESS,to=ADDRESS
 *
 * symbols: lines "START END FUNCTION", hexadecimal and in order; FUNCTION is the address by which
 * the range is to be known. An address without a range belongs to the function that was called
 * last, known by where it was entered. from, to: where the program's RDTSC lie.
 *
 * For each interval `out` gets a line "interval SUM" and then the tree of calls, a node a line:
 * depth, function, instructions in it (callees apart), times it was entered.
 *
 * With boot=1 instead of from and to there are two intervals: from the machine's start to the first
 * instruction of the first program, and from there until the kernel has nothing to do; QEMU ends
 * then.
 *
 * How it is done: each instruction adds one to `begun`. At the start of a translated block we look
 * back: how much of the block before was executed, and how it was left. Calls and returns are
 * followed on shadow stacks. A frame is known by where its return address lies; leaving it drops
 * all frames below that, so longjmp, tail calls and abandoned stacks do no lasting harm. There is a
 * pair of stacks, user's and kernel's, for each kernel stack (16 KiB, aligned, in this kernel as in
 * Linux); which is the current one is seen when the kernel returns by another. One processor only.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/bench/plugin.h"

#define DEPTH         256 /* frames; deeper calls count for the deepest */
#define STACK_SHIFT   14
#define NO_FRAME      UINT64_MAX
#define IN_KERNEL(pc) ((int64_t)(pc) < 0)

int qemu_plugin_version = 1;

enum kind { PLAIN, JUMP, CALL, RET, SYSCALL, SYSRET, IRET, RDTSC, HLT };

/* A translated block. */
struct block {
        uint64_t func;  /* 0: not known */
        enum kind kind; /* of the last instruction */
        unsigned nr;
        uint64_t at[]; /* addresses of the nr instructions, and where the block ends */
};

/* A function called by another, called by another... */
struct node {
        struct node *parent, *children, *next;
        uint64_t func, count, calls;
};

struct frame {
        uint64_t slot; /* where its return address lies; NO_FRAME: above all */
        uint64_t func;
        struct node *node; /* while we count */
        uint64_t after;    /* of an exception or interrupt: the instruction behind it, else 0 */
};

struct stack {
        unsigned nr;
        struct frame frames[DEPTH];
};

struct thread {
        struct thread *next;
        uint64_t area;  /* address of its kernel stack, shifted */
        uint64_t after; /* the instruction behind that at which user code was trapped */
        struct stack user, kernel;
};

struct range {
        uint64_t start, end, func;
};

static struct range *ranges;
static size_t nr_ranges;
static uint64_t from, to;
static FILE *out;

static uint64_t begun, settled; /* instructions; those that have been given to a node */
static uint64_t slot;           /* of the last call or return */
static bool slot_accessed;      /* in the block before */
static struct node root;
static struct thread *threads, *thread; /* all, the current one */
static struct stack *stack;             /* of the current thread, for the mode it is in */
static const struct block *last;
static bool counting;
static enum { NO_BOOT, BOOT_KERNEL, BOOT_PROGRAMS } boot;

static void *allocate(size_t bytes)
{
        void *p = calloc(1, bytes);

        if (!p) {
                perror("count.so");
                exit(1);
        }
        return p;
}

/* ------------------------------------------------------------------ the tree of calls */

static struct node *node_child(struct node *parent, uint64_t func)
{
        struct node **link = &parent->children, *node;

        while ((node = *link) && node->func != func)
                link = &node->next;
        if (!node) {
                node = allocate(sizeof(*node));
                node->parent = parent;
                node->func = func;
        } else {
                *link = node->next;
        }
        node->next = parent->children; /* first, as it will be asked for again */
        parent->children = node;
        return node;
}

static void node_free_below(struct node *node)
{
        for (struct node *child = node->children, *next; child; child = next) {
                next = child->next;
                node_free_below(child);
                free(child);
        }
}

/* The next node of the tree in the order in which it is written, and how deep it lies. */
static struct node *node_next(struct node *node, unsigned *depth)
{
        if (node->children) {
                ++*depth;
                return node->children;
        }
        while (node != &root && !node->next) {
                node = node->parent;
                --*depth;
        }
        return node == &root ? NULL : node->next;
}

/* ------------------------------------------------------------------ shadow stacks */

static struct frame *top(void)
{
        return &stack->frames[stack->nr - 1];
}

/* A function is called by the one that is running. */
static void push(uint64_t at, struct node *caller, uint64_t func, uint64_t after)
{
        struct node *node = &root;

        if (counting) {
                node = node_child(caller, func);
                node->calls++;
        }
        if (stack->nr < DEPTH)
                stack->frames[stack->nr++] = (struct frame){ at, func, node, after };
}

/* The running function becomes another: code was jumped to, or we did not know better. */
static void replace(uint64_t func)
{
        top()->func = func;
        if (counting)
                top()->node = node_child(top()->node->parent ? top()->node->parent : &root, func);
}

/* Where a stack's frames lie in the tree, now that there is one. */
static void find_nodes(struct stack *of, struct node *caller)
{
        for (unsigned i = 0; i < of->nr; i++)
                caller = of->frames[i].node = node_child(caller, of->frames[i].func);
}

/* Return addresses at `at` and below are gone. */
static void drop(uint64_t at)
{
        while (stack->nr > 1 && top()->slot <= at)
                stack->nr--;
}

/*
 * The kernel's stack that `at` lies in is the current one. If no call above is left on it, a new
 * thread begins there, which is a fork of this one.
 */
static void switch_to(uint64_t at)
{
        uint64_t area = at >> STACK_SHIFT;
        struct thread *other = threads, *mine = thread;

        if (mine->area == area)
                return;
        while (other && other->area != area)
                other = other->next;
        if (!other) {
                other = allocate(sizeof(*other));
                other->area = area;
                other->next = threads;
                threads = other;
        }
        thread = other;
        stack = &other->kernel;
        drop(at);
        if (stack->nr <= 1) {
                other->user = mine->user;
                other->kernel.nr = 1;
                other->kernel.frames[0] = other->user.frames[other->user.nr - 1];
                other->kernel.frames[0].slot = NO_FRAME;
        }
}

/* From user code to the kernel: whatever its stack held before is over. */
static void enter_kernel(uint64_t func)
{
        struct node *caller = top()->node;

        stack = &thread->kernel;
        stack->nr = 0;
        push(NO_FRAME, caller, func, 0);
}

/* ------------------------------------------------------------------ intervals */

/* Who called the function that measures is of no interest. */
static void interval_begin(void)
{
        stack->nr = 1;
        node_free_below(&root);
        root = (struct node){ 0 };
        for (struct thread *t = threads; t; t = t->next) {
                find_nodes(&t->user, &root);
                find_nodes(&t->kernel, t->user.frames[t->user.nr - 1].node);
        }
        counting = true;
}

static void interval_end(void)
{
        uint64_t sum = 0;
        unsigned depth = 0;

        for (struct node *node = &root; node; node = node_next(node, &depth))
                sum += node->count;
        fprintf(out, "interval %lu\n", sum);
        depth = 0;
        for (struct node *node = &root; node; node = node_next(node, &depth))
                fprintf(out, "%u %lx %ld %lu\n", depth, node->func, (long)node->count, node->calls);
        counting = false;
}

/* ------------------------------------------------------------------ from block to block */

/*
 * An exception or interrupt came after `nr` instructions of the block before were begun. The last
 * of them has not been executed, and will be begun once more, unless it was an interrupt or the
 * next instruction could not be fetched: then it has, which is known of jumps, and is seen of
 * others when the kernel comes back behind them.
 */
static void enter_trap(unsigned nr, uint64_t func)
{
        enum kind kind = nr < last->nr ? PLAIN : last->kind;
        bool is_done = kind == JUMP || ((kind == CALL || kind == RET) && slot_accessed);

        if (!is_done)
                top()->node->count -= counting;
        if (IN_KERNEL(last->at[0])) {
                push(top()->slot - 1, top()->node, func, is_done ? 1 : last->at[nr]);
        } else {
                thread->after = is_done ? 0 : last->at[nr];
                enter_kernel(func);
        }
}

static void leave_trap(const struct block *block)
{
        uint64_t after;

        while (stack->nr > 1 && !top()->after)
                stack->nr--;
        after = top()->after;
        if (stack->nr > 1)
                stack->nr--;
        if (block->at[0] == after)
                top()->node->count += counting;
}

static void leave_kernel(const struct block *block)
{
        stack = &thread->user;
        if (block->at[0] == thread->after)
                top()->node->count += counting;
        thread->after = 0;
}

/* Whether a trap ended the block before, of which `nr` instructions were begun. */
static bool is_trap(const struct block *block, unsigned nr)
{
        uint64_t pc = block->at[0];

        if (pc == last->at[nr]) /* straight on */
                return false;
        if (nr < last->nr)
                return true;
        if (last->kind == SYSCALL || last->kind == SYSRET || last->kind == IRET)
                return false;
        if (IN_KERNEL(pc) && !IN_KERNEL(last->at[0]))
                return true;
        /* A string instruction starts again. */
        return (last->kind == PLAIN || last->kind == RDTSC || last->kind == HLT) &&
               pc != last->at[nr - 1];
}

/* The boot's intervals end where `block` begins. */
static void follow_boot(const struct block *block)
{
        if (boot == BOOT_KERNEL && IN_KERNEL(last->at[0]) && !IN_KERNEL(block->at[0])) {
                interval_end();
                interval_begin();
                boot = BOOT_PROGRAMS;
        } else if (boot == BOOT_PROGRAMS && block->kind == HLT && IN_KERNEL(block->at[0])) {
                interval_end();
                fclose(out);
                _exit(0); /* this is a thread of QEMU's, and the others cannot be stopped */
        }
}

static void follow(const struct block *block, unsigned nr)
{
        uint64_t func = block->func ? block->func : block->at[0];
        enum kind kind = nr < last->nr ? PLAIN : last->kind;

        if (is_trap(block, nr)) {
                enter_trap(nr, func);
        } else if (kind == SYSCALL) {
                enter_kernel(func);
        } else if (kind == SYSRET || (kind == IRET && !IN_KERNEL(block->at[0]))) {
                leave_kernel(block);
        } else if (kind == IRET) {
                leave_trap(block);
        } else if (kind == CALL || kind == RET) {
                if (IN_KERNEL(block->at[0]))
                        switch_to(slot);
                drop(slot);
                if (kind == CALL)
                        push(slot, top()->node, func, 0);
        }
        if (boot)
                follow_boot(block);
        else if (kind == RDTSC && last->at[nr - 1] - from < to - from)
                counting ? interval_end() : interval_begin();
        if (block->func && top()->func != block->func)
                replace(block->func);
}

static void block_begins(unsigned cpu, void *data)
{
        const struct block *block = data;
        uint64_t nr = begun - settled;

        (void)cpu;
        settled = begun;
        if (counting)
                top()->node->count += nr;
        if (last && nr)
                follow(block, (unsigned)nr);
        last = block;
        slot_accessed = false;
}

/* ------------------------------------------------------------------ translation */

static uint64_t function_at(uint64_t address)
{
        size_t low = 0, high = nr_ranges;

        while (low < high) {
                size_t middle = (low + high) / 2;

                if (ranges[middle].end <= address)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low < nr_ranges && ranges[low].start <= address ? ranges[low].func : 0;
}

static enum kind kind_of(const struct qemu_plugin_insn *insn)
{
        const uint8_t *p = qemu_plugin_insn_data(insn), *end = p + qemu_plugin_insn_size(insn);

        while (p < end - 1 && strchr("\x66\x67\xf0\xf2\xf3\x26\x2e\x36\x3e\x64\x65", *p))
                p++;
        if (p < end - 1 && *p >> 4 == 4)
                p++;
        switch (*p) {
        case 0xe8: return CALL;
        case 0xc2:
        case 0xc3: return RET;
        case 0xcf: return IRET;
        case 0xf4: return HLT;
        case 0xeb:
        case 0xe9:
        case 0xe0:
        case 0xe1:
        case 0xe2:
        case 0xe3: return JUMP;
        case 0xff: return (p[1] >> 3 & 7) == 2 ? CALL : (p[1] >> 3 & 7) == 4 ? JUMP : PLAIN;
        case 0x0f:
                switch (p[1]) {
                case 0x05: return SYSCALL;
                case 0x07: return SYSRET;
                case 0x31: return RDTSC;
                }
                return p[1] >> 4 == 8 ? JUMP : PLAIN;
        }
        return *p >> 4 == 7 ? JUMP : PLAIN;
}

static void stack_accessed(unsigned cpu, qemu_plugin_meminfo_t info, uint64_t address, void *data)
{
        bool is_call = data;

        (void)cpu;
        if (qemu_plugin_mem_is_store(info) == is_call)
                slot = address, slot_accessed = true;
}

static void translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
        size_t nr = qemu_plugin_tb_n_insns(tb);
        struct block *block = allocate(sizeof(*block) + (nr + 1) * sizeof(block->at[0]));
        struct qemu_plugin_insn *insn = NULL;

        (void)id;
        block->nr = (unsigned)nr;
        for (size_t i = 0; i < nr; i++) {
                insn = qemu_plugin_tb_get_insn(tb, i);
                block->at[i] = qemu_plugin_insn_vaddr(insn);
                qemu_plugin_register_vcpu_insn_exec_inline(insn, QEMU_PLUGIN_INLINE_ADD_U64, &begun,
                                                           1);
        }
        block->at[nr] = block->at[nr - 1] + qemu_plugin_insn_size(insn);
        block->kind = kind_of(insn);
        block->func = function_at(block->at[0]);
        if (block->kind == CALL || block->kind == RET)
                qemu_plugin_register_vcpu_mem_cb(insn, stack_accessed, QEMU_PLUGIN_CB_NO_REGS,
                                                 QEMU_PLUGIN_MEM_RW,
                                                 block->kind == CALL ? (void *)1 : NULL);
        qemu_plugin_register_vcpu_tb_exec_cb(tb, block_begins, QEMU_PLUGIN_CB_NO_REGS, block);
}

/* ------------------------------------------------------------------ start and end */

static bool read_symbols(const char *path)
{
        FILE *file = fopen(path, "r");
        struct range range;

        if (!file)
                return false;
        while (fscanf(file, "%lx %lx %lx", &range.start, &range.end, &range.func) == 3) {
                if (nr_ranges % 1024 == 0)
                        ranges = realloc(ranges, (nr_ranges + 1024) * sizeof(range));
                if (!ranges)
                        return false;
                ranges[nr_ranges++] = range;
        }
        fclose(file);
        return true;
}

static void finish(qemu_plugin_id_t id, void *data)
{
        (void)id;
        (void)data;
        fclose(out);
}

int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info_t *info, int argc, char **argv)
{
        (void)info;
        for (int i = 0; i < argc; i++) {
                const char *value = strchr(argv[i], '=');

                if (!value++)
                        return 1;
                if (strncmp(argv[i], "symbols=", 8) == 0 && !read_symbols(value))
                        return 1;
                if (strncmp(argv[i], "out=", 4) == 0)
                        out = fopen(value, "w");
                if (strncmp(argv[i], "from=", 5) == 0)
                        from = strtoul(value, NULL, 0);
                if (strncmp(argv[i], "boot=", 5) == 0)
                        boot = counting = *value == '1';
                if (strncmp(argv[i], "to=", 3) == 0)
                        to = strtoul(value, NULL, 0);
        }
        if (!out) {
                fputs("count.so: out=FILE is missing, or cannot be written\n", stderr);
                return 1;
        }
        thread = threads = allocate(sizeof(*thread));
        stack = &thread->user;
        stack->nr = thread->kernel.nr = 1;
        thread->user.frames[0] = thread->kernel.frames[0] = (struct frame){ NO_FRAME, 0, &root, 0 };
        qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
        qemu_plugin_register_atexit_cb(id, finish, NULL);
        return 0;
}
