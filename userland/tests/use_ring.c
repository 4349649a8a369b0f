/* SPDX-License-Identifier: MIT */
/*
 * A ring buffer without an edge: the same pages mapped twice, one behind the other, so that a
 * record that runs over the end is read and written in one piece. The second mapping is made of the
 * first by mremap with an old length of 0, and so is a third, for a reader that may not write.
 *
 *      | 0 1 2 ... n-1 | 0 1 2 ... n-1 |    one ring of n pages
 *      ^ base          ^ base + size
 *
 * A producer writes records of odd lengths, a consumer takes them out and checks every byte: first
 * one after the other, then as two threads, then as two processes.
 */
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "userland/tests/lib/arena.h"
#include "userland/tests/lib/transcript.h"

#define RING_PAGES 16UL
#define RING       (RING_PAGES * PAGE)
#define RECORDS    20000

/* What both sides know of the ring; it lies in a page of its own, shared with children. */
struct ends {
        volatile uint64_t written, taken; /* bytes since the beginning */
        pthread_mutex_t mutex;
        pthread_cond_t changed;
};

static unsigned char *ring; /* to be written and read over its end */
static struct ends *ends;

/* The compiler takes two addresses for two places; after this it looks again. */
static void both_places(void)
{
        __asm__ volatile("" : : : "memory");
}

/* ---------------------------------------------------------------- records */

/* A record is its length in two bytes, and so many bytes that follow from its number. */
static unsigned record_length(unsigned number)
{
        uint64_t mixed = (number + 1) * 0x9e3779b97f4a7c15UL;

        return 2 + (mixed >> 40) % (number % 64 == 0 ? RING - 2 : 700);
}

static unsigned char record_byte(unsigned number, unsigned at)
{
        return (unsigned char)(number * 31 + at * 7 + (at >> 8));
}

static void write_record(unsigned number)
{
        unsigned length = record_length(number);
        unsigned char *p = ring + ends->written % RING;

        p[0] = (unsigned char)length;
        p[1] = (unsigned char)(length >> 8);
        for (unsigned i = 2; i < length; i++)
                p[i] = record_byte(number, i);
        both_places();
}

/* Whether the next record, seen through the mapping at `view`, is the one with this number. */
static int is_record(const unsigned char *view, unsigned number)
{
        const unsigned char *p = view + ends->taken % RING;
        unsigned length = p[0] | p[1] << 8;

        if (length != record_length(number))
                return 0;
        for (unsigned i = 2; i < length; i++)
                if (p[i] != record_byte(number, i))
                        return 0;
        return 1;
}

/* ---------------------------------------------------------------- the two sides */

static void produce(void)
{
        for (unsigned n = 0; n < RECORDS; n++) {
                pthread_mutex_lock(&ends->mutex);
                while (ends->written + record_length(n) - ends->taken > RING)
                        pthread_cond_wait(&ends->changed, &ends->mutex);
                pthread_mutex_unlock(&ends->mutex);
                write_record(n);
                pthread_mutex_lock(&ends->mutex);
                ends->written += record_length(n);
                pthread_cond_signal(&ends->changed);
                pthread_mutex_unlock(&ends->mutex);
        }
}

static long consume(const unsigned char *view)
{
        long wrong = 0;

        for (unsigned n = 0; n < RECORDS; n++) {
                pthread_mutex_lock(&ends->mutex);
                while (ends->written == ends->taken)
                        pthread_cond_wait(&ends->changed, &ends->mutex);
                pthread_mutex_unlock(&ends->mutex);
                wrong += !is_record(view, n);
                pthread_mutex_lock(&ends->mutex);
                ends->taken += record_length(n);
                pthread_cond_signal(&ends->changed);
                pthread_mutex_unlock(&ends->mutex);
        }
        return wrong;
}

static void *produce_in_thread(void *arg)
{
        produce();
        return arg;
}

static void begin(void)
{
        pthread_mutexattr_t mutex;
        pthread_condattr_t cond;

        memset(ends, 0, sizeof(*ends));
        pthread_mutexattr_init(&mutex);
        pthread_mutexattr_setpshared(&mutex, PTHREAD_PROCESS_SHARED);
        pthread_mutex_init(&ends->mutex, &mutex);
        pthread_condattr_init(&cond);
        pthread_condattr_setpshared(&cond, PTHREAD_PROCESS_SHARED);
        pthread_cond_init(&ends->changed, &cond);
}

/* ---------------------------------------------------------------- the program */

static void make_ring(int fd)
{
        int flags = MAP_SHARED | MAP_FIXED | (fd < 0 ? MAP_ANONYMOUS : 0);
        long result;

        map(0, 4 * RING_PAGES, "---"); /* so that nothing else comes between */
        result = raw_call(NR_mmap, at(8), RING, PROT_READ | PROT_WRITE, flags, fd, 0);
        step_text(place_name(result), "map the ring");
        remap(8, 0, RING_PAGES, "MF", 8 + RING_PAGES);
        ring = (unsigned char *)at(8);
}

static void look_at_edge(void)
{
        memcpy(ring + RING - 6, "over the edge", 13);
        both_places();
        check(memcmp(ring, "he edge", 7) == 0 && memcmp(ring + 2 * RING - 6, "over t", 6) == 0,
              "what is written over the end is at the beginning");
        check(memcmp(ring + RING - 6, "over the edge", 13) == 0, "and reads in one piece");
        show_maps();
}

static void one_after_the_other(void)
{
        uint64_t wraps = 0;
        long wrong = 0;

        begin();
        for (unsigned n = 0; n < RECORDS; n++) {
                wraps += ends->written % RING + record_length(n) > RING;
                write_record(n);
                ends->written += record_length(n);
                wrong += !is_record(ring, n);
                ends->taken += record_length(n);
        }
        step((long)wrong, "one after the other: records that are wrong");
        say("     %lu bytes, %lu records run over the end", (unsigned long)ends->taken,
            (unsigned long)wraps);
}

static void two_threads(void)
{
        pthread_t thread;

        begin();
        pthread_create(&thread, NULL, produce_in_thread, NULL);
        step(consume(ring), "two threads: records that are wrong");
        pthread_join(thread, NULL);
        check(ends->written == ends->taken, "all is taken");
}

/* The consumer is another process, and sees the ring through a mapping that it cannot write. */
static void two_processes(void)
{
        int status = 0;
        pid_t pid;

        begin();
        pid = fork();
        if (pid == 0) {
                long low = remap_raw(at(8), 0, 2 * PAGE, 3, at(40));
                long view = remap_raw(at(8), 0, RING, 3, at(64));
                long more = remap_raw(at(64), 0, RING, 3, at(64 + RING_PAGES));

                if (low != (long)at(40) || view != (long)at(64) ||
                    more != (long)at(64 + RING_PAGES))
                        _exit(100);
                if (raw_call(NR_mprotect, view, 2 * RING, PROT_READ) != 0)
                        _exit(101);
                raw_call(NR_munmap, at(8), 2 * RING);
                _exit(consume((unsigned char *)view) != 0);
        }
        produce();
        while (waitpid(pid, &status, 0) < 0)
                ;
        step(status, "two processes: the consumer ends with");
        check(ends->written == ends->taken, "all is taken");
}

static void use_ring(const char *title, int fd)
{
        scene_in_arena(title);
        make_ring(fd);
        look_at_edge();
        one_after_the_other();
        two_threads();
        two_processes();
        step(raw_call(NR_munmap, at(8), RING), "the first of the two goes");
        check(memcmp(ring + RING, "he edge", 7) != 0, "the second holds the records");
        show_maps();
}

int main(void)
{
        long fd = raw_call(NR_memfd_create, "ring", 0);
        long shared = raw_call(NR_mmap, 0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                               -1, 0);

        ends = (struct ends *)shared;
        use_ring("a ring of shared anonymous memory", -1);
        raw_call(NR_ftruncate, fd, RING);
        use_ring("a ring of a memfd", (int)fd);
        return 0;
}
