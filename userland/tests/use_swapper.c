/* SPDX-License-Identifier: MIT */
/*
 * Swapping in user space. A thread moves ranges of a heap aside with MREMAP_DONTUNMAP, writes them
 * to a file, and frees them; the heap's place stays mapped, and registered with userfaultfd, all
 * the time. When the program touches a page that is out, a second thread reads it from the file and
 * puts it back. The program itself is never stopped, and knows nothing of it.
 *
 * Meanwhile another thread maps and unmaps wherever the kernel finds room: were the heap's place
 * free for a moment, that thread would be given a piece of it.
 *
 *      heap   | in | in | out ..... | in | out ....... |
 *                             \__ aside: being written, then empty
 *
 * Who owns a page is said by one byte: IN, ASIDE (moved, not yet in the file) or OUT. Only the
 * swapper and the pager look at it, under a lock.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "userland/tests/lib/transcript.h"
#include "userland/tests/lib/use/pager.h"

#define PAGE    4096UL
#define PAGES   2048UL /* 8 MiB */
#define HEAP    0x100000000UL
#define ASIDE   0x180000000UL
#define RANGE   64UL /* pages that go at once */
#define WORKERS 3
#define ROUNDS  2

#define MOVE_KEEPING (MREMAP_MAYMOVE | MREMAP_FIXED | 4 /* DONTUNMAP */)

enum { IN, ASIDE_NOW, OUT };

static unsigned char state[PAGES];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int uffd, file, stop_pipe[2];

static volatile int finished;         /* the workers have done all */
static volatile unsigned long sweeps; /* how often the swapper has been at every page */
static unsigned long pages_out;       /* that were moved aside */
static unsigned long pages_in;        /* that were put back */
static unsigned long got_heap;        /* mappings that lay in the heap */
static unsigned long mapped;          /* mappings made meanwhile */
static unsigned long wrong_moves;     /* calls that did not do what they should */

/* ---------------------------------------------------------------- the program */

/* A page holds its number, a counter for each worker, and a sum of them at its end. */
struct cell {
        uint64_t number;
        uint64_t count[WORKERS];
        uint64_t filler[512 - 2 - WORKERS];
        uint64_t tail;
};

static struct cell *cell(unsigned long page)
{
        return (struct cell *)(HEAP + page * PAGE);
}

static void fill_heap(void)
{
        for (unsigned long i = 0; i < PAGES; i++) {
                cell(i)->number = i;
                cell(i)->tail = ~i;
        }
}

/*
 * Adds to every page ROUNDS times, each time in another order; each worker has its own counters.
 * Between its rounds the first lets the swapper see every page, so that each goes out every time.
 */
static void *work(void *arg)
{
        unsigned long me = (unsigned long)arg, wrong = 0;

        for (unsigned long round = 0; round < ROUNDS; round++) {
                unsigned long step = 2 * (round * 811 + me * 1277) + 1; /* odd: meets every page */

                for (unsigned long i = 0; i < PAGES; i++) {
                        struct cell *c = cell(i * step % PAGES);

                        wrong += c->number != i * step % PAGES || c->count[me] != round ||
                                 c->tail != ~c->number;
                        c->count[me] = round + 1;
                }
                for (unsigned long now = sweeps; me == 0 && sweeps < now + 2;)
                        raw_call(NR_sched_yield);
        }
        return (void *)wrong;
}

static unsigned long check_heap(void)
{
        unsigned long wrong = 0;

        for (unsigned long i = 0; i < PAGES; i++) {
                wrong += cell(i)->number != i || cell(i)->tail != ~i;
                for (int w = 0; w < WORKERS; w++)
                        wrong += cell(i)->count[w] != ROUNDS;
                for (int f = 0; f < 512 - 2 - WORKERS; f++)
                        wrong += cell(i)->filler[f] != 0;
        }
        return wrong;
}

/* ---------------------------------------------------------------- out */

static unsigned long aside_first; /* the page whose place aside is the first; under the lock */

/* The next pages from `first` on that are in, to the end of the range at most: how many. */
static unsigned long run_of(unsigned long *first, unsigned long end)
{
        unsigned long length = 0;

        while (*first < end && state[*first] != IN)
                (*first)++;
        while (*first + length < end && state[*first + length] == IN)
                length++;
        return length;
}

static void set_aside(unsigned long first, unsigned long length)
{
        long result = raw_call(NR_mremap, HEAP + first * PAGE, length * PAGE, length * PAGE,
                               MOVE_KEEPING, ASIDE);

        wrong_moves += result != (long)ASIDE;
        memset(state + first, ASIDE_NOW, length);
        aside_first = first;
        pages_out += length;
}

static void write_out(unsigned long first, unsigned long length)
{
        for (unsigned long i = 0; i < length; i++) {
                long n = raw_call(NR_pwrite64, file, ASIDE + i * PAGE, PAGE, (first + i) * PAGE);

                if (n != (long)PAGE)
                        pager_failed("writing to the file", n);
        }
}

/* What was not wanted back meanwhile is in the file now. */
static void forget_aside(unsigned long first, unsigned long length)
{
        for (unsigned long i = first; i < first + length; i++)
                if (state[i] == ASIDE_NOW)
                        state[i] = OUT;
        wrong_moves += raw_call(NR_munmap, ASIDE, length * PAGE) != 0;
}

/*
 * Takes out what is in of a range. From the mremap on, whoever touches it waits for the pager, and
 * the pager for the lock.
 */
static void swap_out(unsigned long first)
{
        unsigned long end = first + RANGE;

        while (first < end) {
                unsigned long length;

                pthread_mutex_lock(&lock);
                length = run_of(&first, end);
                if (length)
                        set_aside(first, length);
                pthread_mutex_unlock(&lock);
                if (!length)
                        return;
                write_out(first, length);
                pthread_mutex_lock(&lock);
                forget_aside(first, length);
                pthread_mutex_unlock(&lock);
                first += length;
        }
}

static void *swap(void *arg)
{
        while (!finished) {
                for (unsigned long range = 0; range < PAGES / RANGE; range++) {
                        swap_out(range * 13 % (PAGES / RANGE) * RANGE);
                        raw_call(NR_sched_yield);
                }
                sweeps++;
        }
        return arg;
}

/* ---------------------------------------------------------------- in */

/* Puts a page back from where it is. Two may wait for the same: the second finds it in. */
static void swap_in(unsigned long page)
{
        static unsigned char buffer[PAGE] __attribute__((aligned(4096)));
        const void *source = buffer;
        long result = 0;

        pthread_mutex_lock(&lock);
        if (state[page] == ASIDE_NOW) {
                source = (const void *)(ASIDE + (page - aside_first) * PAGE);
        } else if (state[page] == OUT) {
                if (raw_call(NR_pread64, file, buffer, PAGE, page * PAGE) != (long)PAGE)
                        pager_failed("reading the file", -EIO);
        }
        if (state[page] != IN) {
                result = pager_copy(uffd, HEAP + page * PAGE, source, PAGE);
                state[page] = IN;
                pages_in++;
        } else {
                struct uffd_range range = { HEAP + page * PAGE, PAGE };

                result = raw_call(NR_ioctl, uffd, UFFDIO_WAKE, &range);
        }
        pthread_mutex_unlock(&lock);
        if (result < 0)
                pager_failed("putting a page back", result);
}

static void *page_in(void *arg)
{
        unsigned long addr;

        while (pager_wait(uffd, stop_pipe[0], &addr))
                swap_in((addr - HEAP) / PAGE);
        return arg;
}

/* ---------------------------------------------------------------- the one that maps */

static void *map_around(void *arg)
{
        unsigned long n = 0;

        while (!finished) {
                unsigned long length = (1 + n++ % 64) * PAGE;
                unsigned long hint = HEAP + n * 7919 % PAGES * PAGE;
                long any = raw_call(NR_mmap, n & 1 ? 0 : hint, length, PROT_READ | PROT_WRITE,
                                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

                if (any < 0 && any > -4096)
                        pager_failed("mapping", any);
                got_heap += (unsigned long)any < HEAP + PAGES * PAGE &&
                            (unsigned long)any + length > HEAP;
                *(volatile char *)any = 1;
                raw_call(NR_munmap, any, length);
                mapped++;
                usleep(500);
        }
        return arg;
}

/* ---------------------------------------------------------------- all together */

static void prepare(void)
{
        long result = raw_call(NR_mmap, HEAP, PAGES * PAGE, PROT_READ | PROT_WRITE,
                               MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);

        if (result != (long)HEAP)
                pager_failed("the heap", result);
        fill_heap();
        uffd = pager_open(0, 1);
        pager_register(uffd, HEAP, PAGES * PAGE, UFFD_MISSING);
        file = (int)raw_call(NR_open, "/tmp/swap", O_RDWR | O_CREAT | O_TRUNC, 0600);
        if (file < 0 || pipe(stop_pipe) != 0)
                pager_failed("the file", file);
        raw_call(NR_unlink, "/tmp/swap");
}

static void work_and_swap(void)
{
        pthread_t worker[WORKERS], swapper, pager, mapper;
        unsigned long wrong = 0;

        pthread_create(&pager, NULL, page_in, NULL);
        pthread_create(&swapper, NULL, swap, NULL);
        pthread_create(&mapper, NULL, map_around, NULL);
        for (unsigned long i = 0; i < WORKERS; i++)
                pthread_create(&worker[i], NULL, work, (void *)i);
        for (int i = 0; i < WORKERS; i++) {
                void *result;

                pthread_join(worker[i], &result);
                wrong += (unsigned long)result;
        }
        finished = 1;
        pthread_join(swapper, NULL);
        pthread_join(mapper, NULL);
        step((long)wrong, "pages that a worker found wrong");
        step((long)check_heap(), "words that are wrong at the end");
        close(stop_pipe[1]);
        pthread_join(pager, NULL);
}

int main(void)
{
        unsigned long in = 0;

        scene("a heap of 8 MiB, swapped out and in under three workers");
        prepare();
        work_and_swap();
        for (unsigned long i = 0; i < PAGES; i++)
                in += state[i] == IN;
        check(pages_out >= ROUNDS * PAGES, "every page was out in every round");
        check(in == PAGES, "at the end all are in");
        check(pages_in == pages_out, "as many were put back as were taken out");
        check(wrong_moves == 0, "every move and unmap did what it should");
        check(mapped > 10, "mappings were made meanwhile");
        step((long)got_heap, "of these, in the heap");
        pager_unregister(uffd, HEAP, PAGES * PAGE);
        step((long)check_heap(), "words that are wrong without userfaultfd");
        return 0;
}
