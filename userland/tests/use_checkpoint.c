/* SPDX-License-Identifier: MIT */
/*
 * A program that takes itself apart: every mapping it has, code, data, heap, stack, the kernel's
 * own, is moved to another place by mremap, looked at there, and moved back, and the program goes
 * on as if nothing had been.
 *
 * While that happens nothing of the program is where it was, so it is done by a copy of the
 * functions in section "mover", in a mapping of its own that stays: they call nothing, use no
 * variables, no thread-local storage, and no stack but one in that mapping.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "userland/tests/lib/transcript.h"

#define PAGE     4096UL
#define BASE     0x200000000000UL /* of the mapping that stays */
#define STACK    (64 * 1024UL)
#define MAPPINGS 64

/* Where nothing is: the program's places with this added. The program lies in two groups, low and
 * high, and both have to end up between. */
struct distance {
        const char *name;
        unsigned long low, high;
};

#define LOW_LIMIT 0x100000000000UL

/* A mapping and what was seen of it. */
struct piece {
        unsigned long start, end, away;
        uint64_t sum, sum_away;
        long moved, back;
        long hole; /* mincore of its place while it is away */
        int readable;
};

struct plan {
        struct piece piece[MAPPINGS];
        int count;
};

/* ---------------------------------------------------------------- what is copied */

#define MOVER __attribute__((section("mover"), noinline, used))

MOVER static long mover_call(long nr, unsigned long a, unsigned long b, unsigned long c,
                             unsigned long d, unsigned long e)
{
        register unsigned long r10 __asm__("r10") = d;
        register unsigned long r8 __asm__("r8") = e;
        long result;

        __asm__ volatile("syscall"
                         : "=a"(result)
                         : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
                         : "rcx", "r11", "memory");
        return result;
}

/* A sum over the words of a mapping, each with its place in it. */
MOVER static uint64_t mover_sum(unsigned long start, unsigned long length)
{
        uint64_t sum = 0;

        for (unsigned long at = 0; at < length; at += 8)
                sum = (sum ^ *(volatile uint64_t *)(start + at)) * 0x100000001b3UL + at;
        return sum;
}

/* Moves all there, looks, and moves all back. In the copy, on its stack. */
MOVER static void mover_run(struct plan *plan)
{
        for (int i = 0; i < plan->count; i++) {
                struct piece *p = &plan->piece[i];

                if (p->readable)
                        p->sum = mover_sum(p->start, p->end - p->start);
        }
        for (int i = 0; i < plan->count; i++) {
                struct piece *p = &plan->piece[i];

                p->moved = mover_call(NR_mremap, p->start, p->end - p->start, p->end - p->start, 3,
                                      p->away);
        }
        for (int i = 0; i < plan->count; i++) {
                struct piece *p = &plan->piece[i];
                unsigned char vec[8];

                p->hole = mover_call(NR_mincore, p->start, PAGE, (unsigned long)vec, 0, 0);
                if (p->readable)
                        p->sum_away = mover_sum(p->away, p->end - p->start);
        }
        for (int i = plan->count - 1; i >= 0; i--) {
                struct piece *p = &plan->piece[i];

                p->back = mover_call(NR_mremap, p->away, p->end - p->start, p->end - p->start, 3,
                                     p->start);
        }
}

/* The linker names the ends of a section whose name is one of C. */
extern char __start_mover[], __stop_mover[]; /* NOLINT */

/* ---------------------------------------------------------------- the plan */

static char maps_before[1 << 15], maps_after[1 << 15];

/* Every mapping but the one that stays and the page that no program can move. */
static void make_plan(struct plan *plan, const struct distance *d, const char *maps)
{
        plan->count = 0;
        for (const char *line = maps; *line && plan->count < MAPPINGS;
             line = strchr(line, '\n') + 1) {
                struct piece *p = &plan->piece[plan->count];
                const char *name;
                char *end;

                memset(p, 0, sizeof(*p));
                p->start = strtoul(line, &end, 16);
                p->end = strtoul(end + 1, &end, 16);
                /* Reading some pages of vvar raises a signal. */
                name = strstr(line, "[vvar");
                p->readable = end[1] == 'r' && !(name && name < strchr(line, '\n'));
                p->away = p->start + (p->start < LOW_LIMIT ? d->low : -d->high);
                if (p->start >= BASE && p->start < BASE + STACK + 16 * PAGE)
                        continue;
                plan->count += p->end < 1UL << 47;
        }
}

/* Calls the copy on the stack of the mapping that stays. */
static void run_mover(struct plan *plan, void (*fn)(struct plan *), unsigned long stack)
{
        __asm__ volatile("movq %%rsp, %%rbx\n\t"
                         "movq %[stack], %%rsp\n\t"
                         "callq *%[fn]\n\t"
                         "movq %%rbx, %%rsp\n\t"
                         :
                         : [stack] "r"(stack), [fn] "r"(fn), "D"(plan)
                         : "rax", "rbx", "rcx", "rdx", "rsi", "r8", "r9", "r10", "r11", "memory",
                           "cc");
}

/* The mapping that stays: plan and stack in the first part, the copy of the code in the second. */
static struct plan *make_place(void (**fn)(struct plan *))
{
        unsigned long size = STACK + 16 * PAGE;
        unsigned long code = BASE + STACK + 8 * PAGE;
        long result = raw_call(NR_mmap, BASE, size, PROT_READ | PROT_WRITE,
                               MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

        if (result != (long)BASE)
                return NULL;
        memcpy((void *)code, __start_mover, (size_t)(__stop_mover - __start_mover));
        raw_call(NR_mprotect, code, 8 * PAGE, PROT_READ | PROT_EXEC);
        *fn = (void (*)(struct plan *))(code + ((char *)mover_run - __start_mover));
        return (struct plan *)(BASE + STACK);
}

/* ---------------------------------------------------------------- the program */

static uint64_t data[20000] = { 1 };
static uint64_t bss[30000];
static __thread uint64_t local = 77;

static uint64_t own_sum(uint64_t *heap, uint64_t *stack)
{
        uint64_t sum = local;

        for (int i = 0; i < 20000; i++)
                sum = sum * 31 + data[i];
        for (int i = 0; i < 30000; i++)
                sum = sum * 31 + bss[i] + heap[i];
        for (int i = 0; i < 1000; i++)
                sum = sum * 31 + stack[i];
        return sum;
}

static void report(const struct plan *plan)
{
        int moved = 0, empty = 0, back = 0, same = 0, readable = 0;

        for (int i = 0; i < plan->count; i++) {
                const struct piece *p = &plan->piece[i];

                moved += p->moved == (long)p->away;
                empty += p->hole == -12;
                back += p->back == (long)p->start;
                readable += p->readable;
                same += p->readable && p->sum == p->sum_away;
        }
        check(plan->count > 6, "every mapping is in the plan");
        check(moved == plan->count, "each was moved");
        check(empty == plan->count, "where it was there was nothing");
        check(same == readable, "each read the same there");
        check(back == plan->count, "each was moved back");
        for (int i = 0; i < plan->count; i++)
                if (plan->piece[i].back != (long)plan->piece[i].start)
                        say("     mapping %d: %s, %s", i, errno_name(plan->piece[i].moved),
                            errno_name(plan->piece[i].back));
}

static void there_and_back(const struct distance *d)
{
        uint64_t *heap = malloc(30000 * sizeof(*heap));
        uint64_t stack[1000];
        void (*fn)(struct plan *) = NULL;
        struct plan *plan = make_place(&fn);
        uint64_t before;

        scene(d->name);
        if (!plan) {
                say("     no place for it");
                return;
        }
        for (int i = 0; i < 30000; i++) {
                data[i % 20000] += (uint64_t)i;
                bss[i] = heap[i] = (uint64_t)i * 0x9e3779b97f4a7c15UL;
                stack[i % 1000] = (uint64_t)i;
        }
        before = own_sum(heap, stack);
        read_file("/proc/self/maps", maps_before, sizeof(maps_before));
        make_plan(plan, d, maps_before);
        run_mover(plan, fn, BASE + STACK);
        read_file("/proc/self/maps", maps_after, sizeof(maps_after));
        report(plan);
        check(strcmp(maps_before, maps_after) == 0, "the mappings are as they were");
        check(own_sum(heap, stack) == before, "and what is in them");
        free(heap);
}

static void a_few_mebibytes(void)
{
        unsigned long size = 24UL << 20;
        uint64_t *p = malloc(size);

        memset(p, 0x5a, size);
        there_and_back(&(struct distance){ "24 MiB more, by whole tables", 1UL << 40, 1UL << 40 });
        there_and_back(&(struct distance){ "24 MiB more, by a page", PAGE + (1UL << 40),
                                           PAGE + (1UL << 40) });
        for (unsigned long i = 0; i < size / 8; i++)
                if (p[i] != 0x5a5a5a5a5a5a5a5aUL) {
                        say("     word %lu is wrong", i);
                        break;
                }
        free(p);
}

static void after_it(void)
{
        char *p = malloc(100000);

        snprintf(p, 100, "%s %.3f", "malloc, printf and a fork still", 3.25);
        step_text(p, "afterwards");
        free(p);
}

int main(void)
{
        there_and_back(&(struct distance){ "by whole tables", 1UL << 40, 1UL << 40 });
        there_and_back(&(struct distance){ "by 2 MiB", (1UL << 40) + (2UL << 20),
                                           (1UL << 40) + (2UL << 20) });
        there_and_back(&(struct distance){ "by a page", (1UL << 40) + PAGE, (1UL << 40) + PAGE });
        for (int i = 0; i < 10; i++)
                there_and_back(&(struct distance){ "once more", (1UL << 40) + (PAGE << i),
                                                   (1UL << 40) + (PAGE << 2 * i) });
        a_few_mebibytes();
        in_child(after_it, "a child of it");
        after_it();
        return 0;
}
