/* SPDX-License-Identifier: MIT */
/*
 * Snapshots of memory that is written all the time, by userfaultfd's write protection: everything
 * is protected at once, and a page is let go when it has been saved; a write that meets a protected
 * page has that page saved first. So the snapshot is what the memory was at one moment, though the
 * writers never stopped for longer than a page takes.
 *
 * How that is known: a writer writes 1, 2, 3, ... to its slots in a fixed order, round and round.
 * If the greatest number in a snapshot is n, every slot has to hold the last number up to n that
 * falls to it: one write too many or too few anywhere would show.
 *
 * Taken of two threads of this process; then of another process, whose descriptor comes with its
 * fork; and last in increments: what was written since the time before, by PAGEMAP_SCAN.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "userland/tests/lib/transcript.h"
#include "userland/tests/lib/use/pager.h"

#define PAGE    4096UL
#define PAGES   1024UL
#define AREA    0x100000000UL
#define SLOTS   (PAGES / 2 * 4) /* of a writer: four in each page of its half */
#define ODD     1365UL          /* the order in which slots are written */
#define WRITERS 2

static unsigned char saved[PAGES * PAGE] __attribute__((aligned(4096)));

/* What both processes see. */
static struct shared {
        volatile int stop;
        volatile unsigned long written[WRITERS];
} * shared;

/* ---------------------------------------------------------------- writers */

/* The slot that the number falls to, in an area or in a snapshot of it. */
static volatile uint64_t *slot(void *area, unsigned writer, unsigned long number)
{
        unsigned long index = number * ODD % SLOTS;
        unsigned long page = writer * (PAGES / 2) + index / 4;

        return (volatile uint64_t *)((char *)area + page * PAGE + index % 4 * 1000);
}

static void write_on(unsigned writer)
{
        unsigned long number = 0;

        while (!shared->stop) {
                number++;
                *slot((void *)AREA, writer, number) = number;
                shared->written[writer] = number;
        }
}

static void *write_in_thread(void *arg)
{
        write_on((unsigned)(unsigned long)arg);
        return NULL;
}

/* Slots that do not hold what they held when the last number was written; *last is that number. */
static unsigned long wrong_slots(void *area, unsigned writer, unsigned long *last)
{
        unsigned long wrong = 0;

        *last = 0;
        for (unsigned long n = 1; n <= SLOTS; n++)
                if (*slot(area, writer, n) > *last)
                        *last = *slot(area, writer, n);
        for (unsigned long n = *last; n > 0 && n + SLOTS > *last; n--)
                wrong += *slot(area, writer, n) != n;
        for (unsigned long n = *last + 1; n <= SLOTS; n++)
                wrong += *slot(area, writer, n) != 0;
        return wrong;
}

/* ---------------------------------------------------------------- one snapshot */

/* Whose memory it is; pid 0: this process's. */
struct target {
        int uffd;
        pid_t pid;
};

static char is_saved[PAGES];

static void save_page(const struct target *t, unsigned long page)
{
        unsigned long addr = AREA + page * PAGE;
        void *to = saved + page * PAGE;
        struct {
                void *base;
                unsigned long length;
        } local = { to, PAGE }, remote = { (void *)addr, PAGE };

        if (is_saved[page])
                return;
        if (t->pid == 0)
                memcpy(to, (void *)addr, PAGE);
        else if (raw_call(NR_process_vm_readv, t->pid, &local, 1, &remote, 1, 0) != (long)PAGE)
                pager_failed("reading the other process", -EIO);
        is_saved[page] = 1;
        pager_protect(t->uffd, addr, PAGE, 0);
}

/* The page of a write that waits; -1 if there is none, in so many ms. */
static long waiting_write(const struct target *t, int ms, int *is_wp)
{
        struct pollfd wait = { t->uffd, POLLIN, 0 };
        struct uffd_message message;

        if (raw_call(NR_poll, &wait, 1, ms) != 1)
                return -1;
        if (raw_call(NR_read, t->uffd, &message, sizeof(message)) != (long)sizeof(message))
                return -1;
        *is_wp = message.event == UFFD_FAULT &&
                 message.fault.flags == (UFFD_FAULT_WP | UFFD_FAULT_WRITE);
        return (long)((message.fault.addr - AREA) / PAGE);
}

/*
 * All is protected before the first page is saved. A writer that meets a protected page meanwhile
 * waits, and writes nothing after it: so each writer's part is of one moment.
 */
static void take_snapshot(const struct target *t)
{
        unsigned long demanded = 0;
        int all_wp = 1, is_wp = 0;
        long page;

        memset(is_saved, 0, sizeof(is_saved));
        pager_protect(t->uffd, AREA, PAGES * PAGE, 1);
        page = waiting_write(t, 10000, &is_wp); /* there is a writer, so there is a write */
        for (unsigned long next = 0; next < PAGES; next++) {
                for (; page >= 0; page = waiting_write(t, 0, &is_wp)) {
                        demanded++;
                        all_wp &= is_wp;
                        save_page(t, (unsigned long)page);
                }
                save_page(t, next);
                page = waiting_write(t, 0, &is_wp);
        }
        while (page >= 0) { /* of a page that was saved since */
                pager_protect(t->uffd, AREA + (unsigned long)page * PAGE, PAGE, 0);
                page = waiting_write(t, 0, &is_wp);
        }
        check(demanded > 0 && all_wp, "writes met protected pages, and were told as such");
}

static void check_snapshot(unsigned writers, unsigned long *before)
{
        for (unsigned w = 0; w < writers; w++) {
                unsigned long last;

                step((long)wrong_slots(saved, w, &last), "writer %u: slots not of the moment", w);
                check(last > before[w] && last <= shared->written[w] + 1, "it has gone on since");
                before[w] = last;
        }
}

static void wait_for_writers(unsigned writers)
{
        for (unsigned w = 0; w < writers; w++)
                for (unsigned long now = shared->written[w]; shared->written[w] < now + 2 * SLOTS;)
                        raw_call(NR_sched_yield);
}

static void snapshots(const struct target *t, unsigned writers)
{
        unsigned long before[WRITERS] = { 0 };

        for (int round = 1; round <= 3; round++) {
                say("     snapshot %d", round);
                wait_for_writers(writers);
                take_snapshot(t);
                check_snapshot(writers, before);
        }
}

static void check_own(unsigned writers)
{
        for (unsigned w = 0; w < writers; w++) {
                unsigned long last;

                step((long)wrong_slots((void *)AREA, w, &last), "writer %u: slots lost", w);
                check(last == shared->written[w], "the last write is there");
        }
}

static void make_area(void)
{
        raw_call(NR_munmap, AREA, PAGES * PAGE);
        raw_call(NR_mmap, AREA, PAGES * PAGE, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        memset((void *)AREA, 0, PAGES * PAGE); /* protection is for pages that are there */
        memset(shared, 0, sizeof(*shared));
}

/* ---------------------------------------------------------------- of this process */

static void own_process(void)
{
        struct target own = { pager_open(0, 1), 0 };
        pthread_t thread[WRITERS];

        scene("this process, two threads that write");
        make_area();
        pager_register(own.uffd, AREA, PAGES * PAGE, UFFD_WP);
        for (unsigned long w = 0; w < WRITERS; w++)
                pthread_create(&thread[w], NULL, write_in_thread, (void *)w);
        snapshots(&own, WRITERS);
        shared->stop = 1;
        for (int w = 0; w < WRITERS; w++)
                pthread_join(thread[w], NULL);
        check_own(WRITERS);
        close(own.uffd);
}

/* ---------------------------------------------------------------- of another process */

/* A fork ends when its event has been read, so another thread has to make it. */
static void *fork_writer(void *arg)
{
        pid_t *pid = arg;

        *pid = fork();
        if (*pid == 0) {
                unsigned long last;

                write_on(0);
                _exit(wrong_slots((void *)AREA, 0, &last) || last != shared->written[0]);
        }
        return NULL;
}

static void other_process(void)
{
        int uffd = pager_open(UFFD_EVENT_FORK_ON, 0);
        struct target other = { -1, 0 };
        struct uffd_message message;
        pthread_t thread;
        int status = -1;

        scene("another process");
        make_area();
        pager_register(uffd, AREA, PAGES * PAGE, UFFD_WP);
        pthread_create(&thread, NULL, fork_writer, &other.pid);
        if (raw_call(NR_read, uffd, &message, sizeof(message)) != (long)sizeof(message))
                pager_failed("reading the fork", -EIO);
        check(message.event == UFFD_FORK, "its fork is told");
        other.uffd = (int)message.fork.fd;
        pthread_join(thread, NULL);
        raw_call(NR_fcntl, other.uffd, F_SETFL, O_NONBLOCK);
        snapshots(&other, 1);
        shared->stop = 1;
        while (waitpid(other.pid, &status, 0) < 0)
                ;
        step(status, "it ends, with all it has written");
        close(other.uffd);
        close(uffd);
}

/* ---------------------------------------------------------------- increments */

struct scan {
        uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages;
        uint64_t category_inverted, category_mask, category_anyof_mask, return_mask;
};

struct scan_range {
        uint64_t start, end, categories;
};

#define PAGEMAP_SCAN 0xc0606610
#define SCAN_WRITTEN 2
#define SCAN_PROTECT 3 /* what matches, and only where that is told to nobody */

/* Saves what was written since the last time, and protects it again, both in one call. */
static void save_written(long pagemap, int round)
{
        static struct scan_range range[PAGES];
        struct scan scan = { .size = sizeof(scan), .flags = SCAN_PROTECT, .start = AREA };
        unsigned long pages = 0;
        long n;

        scan.end = AREA + PAGES * PAGE;
        scan.vec = (uint64_t)range;
        scan.vec_len = PAGES;
        scan.category_mask = scan.return_mask = SCAN_WRITTEN;
        n = raw_call(NR_ioctl, pagemap, PAGEMAP_SCAN, &scan);
        if (n < 0)
                pager_failed("PAGEMAP_SCAN", n);
        for (long i = 0; i < n; i++) {
                memcpy(saved + (range[i].start - AREA), (void *)range[i].start,
                       range[i].end - range[i].start);
                pages += (range[i].end - range[i].start) / PAGE;
        }
        step(n, "increment %d: ranges", round);
        step((long)pages, "pages in them");
        check(memcmp(saved, (void *)AREA, PAGES * PAGE) == 0, "the copy is what the memory is");
}

static void increments(void)
{
        int uffd = pager_open(UFFD_WP_ASYNC | UFFD_WP_UNPOPULATED, 1);
        long pagemap = raw_call(NR_open, "/proc/self/pagemap", O_RDONLY, 0);
        uint64_t random = 5;

        scene("increments, which nobody waits for");
        make_area();
        raw_call(NR_madvise, AREA + PAGES / 2 * PAGE, PAGES / 2 * PAGE, 4 /* DONTNEED */);
        memset(saved, 0, sizeof(saved));
        pager_register(uffd, AREA, PAGES * PAGE, UFFD_WP);
        for (int round = 0; round < 8; round++) {
                for (int i = 0; round > 0 && i < 4 << round; i++) {
                        random = random * 6364136223846793005UL + 1442695040888963407UL;
                        *(volatile uint64_t *)(AREA + (random >> 33) % PAGES * PAGE + 64) = random;
                }
                save_written(pagemap, round);
        }
        raw_call(NR_close, pagemap);
        close(uffd);
}

int main(void)
{
        shared = (struct shared *)raw_call(NR_mmap, 0, PAGE, PROT_READ | PROT_WRITE,
                                           MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        own_process();
        other_process();
        increments();
        return 0;
}
