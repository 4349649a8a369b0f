/* SPDX-License-Identifier: MIT */
/*
 * The handler: reads every message of every descriptor, and answers faults in all the ways there
 * are: at once or later, with a page, with many, with poison, by waking alone, or by closing the
 * descriptor. Later means when nothing else is to be read: nobody waits for ever.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <string.h>

#include "userland/fuzz/stress/stress.h"

#define OWN_DESCRIPTORS 2 /* of this process; the others are children's */
#define DESCRIPTORS     20
#define LATER           24
#define STOCK_PAGES     16UL
#define STOCK           0x700000000UL /* pages for UFFDIO_MOVE */

struct descriptor {
        int fd; /* -1: none */
        uint64_t features;
};

struct fault {
        int fd;
        uint64_t addr, flags;
};

static struct descriptor descriptors[DESCRIPTORS];
static struct fault later[LATER];
static unsigned nr_later;
static struct random rng;
static uint64_t source[8][PAGE / 8] __attribute__((aligned(4096)));
static uint32_t serial;

volatile int handler_stop;

/* ------------------------------------------------------------------ forks and closing */

static volatile int forking, closing;

void fork_enter(void)
{
        for (;;) {
                __atomic_fetch_add(&forking, 1, __ATOMIC_SEQ_CST);
                if (!__atomic_load_n(&closing, __ATOMIC_SEQ_CST))
                        return;
                __atomic_fetch_sub(&forking, 1, __ATOMIC_SEQ_CST);
                sched_yield();
        }
}

void fork_leave(void)
{
        __atomic_fetch_sub(&forking, 1, __ATOMIC_SEQ_CST);
}

/* ------------------------------------------------------------------ descriptors */

int handler_fd(struct worker *w)
{
        return __atomic_load_n(&descriptors[below(&w->random, OWN_DESCRIPTORS)].fd,
                               __ATOMIC_RELAXED);
}

static uint64_t features_draw(void)
{
        static const uint64_t some[] = {
                UFFD_EVENT_FORK_ON,  UFFD_EVENT_REMAP_ON, UFFD_EVENT_REMOVE_ON,
                UFFD_EVENT_UNMAP_ON, UFFD_THREAD_ID,      UFFD_EXACT_ADDRESS,
                UFFD_WP_UNPOPULATED, UFFD_MOVE,           UFFD_POISON,
        };
        uint64_t features = 0;

        for (unsigned i = 0; i < sizeof(some) / sizeof(some[0]); i++)
                if (one_in(&rng, 2))
                        features |= some[i];
        if (one_in(&rng, 12))
                features |= UFFD_SIGBUS;
        if (one_in(&rng, 6))
                features |= UFFD_WP_ASYNC;
        return features;
}

static void descriptor_open(struct descriptor *d)
{
        long fd = raw_call(NR_userfaultfd, O_NONBLOCK | O_CLOEXEC | (one_in(&rng, 16) ? 1 : 0));
        struct uffd_api api = { UFFD_API, features_draw(), 0 };

        if (fd < 0)
                return complain("userfaultfd: %s", errno_name(fd));
        d->features = api.features;
        if (raw_call(NR_ioctl, fd, UFFDIO_API, &api) < 0)
                complain("UFFDIO_API %#lx", (unsigned long)d->features);
        count(&board->descriptors);
        __atomic_store_n(&d->fd, (int)fd, __ATOMIC_RELEASE);
}

/* The faults that were put off need no answer: closing wakes who waits. */
static void forget_later(int fd)
{
        for (unsigned i = 0; i < nr_later;)
                if (later[i].fd == fd)
                        later[i] = later[--nr_later];
                else
                        i++;
}

static bool descriptor_close(struct descriptor *d)
{
        int fd = d->fd;

        __atomic_store_n(&closing, 1, __ATOMIC_SEQ_CST);
        if (__atomic_load_n(&forking, __ATOMIC_SEQ_CST)) {
                __atomic_store_n(&closing, 0, __ATOMIC_SEQ_CST);
                return false;
        }
        __atomic_store_n(&d->fd, -1, __ATOMIC_SEQ_CST);
        forget_later(fd);
        raw_call(NR_close, fd);
        __atomic_store_n(&closing, 0, __ATOMIC_SEQ_CST);
        return true;
}

/* A child's: into a free place, or in the place of another. */
static void descriptor_add(int fd)
{
        struct descriptor *d = NULL;

        for (unsigned i = OWN_DESCRIPTORS; i < DESCRIPTORS && !d; i++)
                if (descriptors[i].fd < 0)
                        d = &descriptors[i];
        if (!d) {
                d = &descriptors[OWN_DESCRIPTORS + below(&rng, DESCRIPTORS - OWN_DESCRIPTORS)];
                forget_later(d->fd);
                raw_call(NR_close, d->fd); /* forks do not carry what is not counted on */
        }
        d->features = 0;
        d->fd = fd;
        raw_call(NR_fcntl, fd, F_SETFL, O_NONBLOCK);
}

/* ------------------------------------------------------------------ answers */

uint64_t register_mode(struct worker *w, bool shared)
{
        uint64_t mode = 1 + below(&w->random, shared ? 7 : 3);

        return one_in(&w->random, 3) ? UFFD_MISSING : mode;
}

static long wake(int fd, uint64_t addr)
{
        struct uffd_range range = { addr, PAGE };

        return raw_call(NR_ioctl, fd, UFFDIO_WAKE, &range);
}

static long answer_copy(int fd, uint64_t addr, uint64_t pages)
{
        struct uffd_copy copy = { addr, (uintptr_t)source, pages * PAGE, 0, 0 };

        for (uint64_t i = 0; i < pages; i++)
                source[i][FIRST_WORD] = source[i][LAST_WORD / 8] =
                        word_make(ORIGIN_HANDLER, ++serial);
        if (one_in(&rng, 8))
                copy.mode = UFFD_COPY_WP;
        return raw_call(NR_ioctl, fd, UFFDIO_COPY, &copy);
}

static long answer_fill(int fd, uint64_t addr, unsigned request)
{
        struct uffd_fill fill = { { addr, PAGE }, 0, 0 };

        return raw_call(NR_ioctl, fd, request, &fill);
}

static long answer_move(int fd, uint64_t addr)
{
        uint64_t from = STOCK + below(&rng, STOCK_PAGES) * PAGE, *page = (uint64_t *)from;
        struct uffd_copy move = { addr, from, PAGE, 0, 0 };

        page[FIRST_WORD] = page[LAST_WORD / 8] = word_make(ORIGIN_HANDLER, ++serial);
        return raw_call(NR_ioctl, fd, UFFDIO_MOVE, &move);
}

static long answer_protected(int fd, uint64_t addr)
{
        uint64_t pages = one_in(&rng, 3) ? 1 + below(&rng, 16) : 1;
        struct uffd_protect protect = { { addr, pages * PAGE }, 0 };
        long result = raw_call(NR_ioctl, fd, UFFDIO_WRITEPROTECT, &protect);

        if (result < 0 && result != -EAGAIN && pages > 1) {
                protect.range.len = PAGE;
                result = raw_call(NR_ioctl, fd, UFFDIO_WRITEPROTECT, &protect);
        }
        return result;
}

static long answer_missing(int fd, uint64_t addr)
{
        switch (below(&rng, 16)) {
        case 0:
        case 1: return answer_fill(fd, addr, UFFDIO_ZEROPAGE);
        case 2: return answer_move(fd, addr);
        case 3:
        case 4: return answer_copy(fd, addr, 1 + below(&rng, 8));
        case 5: return one_in(&rng, 8) ? answer_fill(fd, addr, UFFDIO_POISON) : wake(fd, addr);
        case 6: return wake(fd, addr);
        default: return answer_copy(fd, addr, 1);
        }
}

/* False: later, because memory is changing, and the message about that comes first. */
static bool answer(const struct fault *f)
{
        uint64_t addr = f->addr & -PAGE;
        long result;

        if (f->flags & UFFD_FAULT_WP)
                result = answer_protected(f->fd, addr);
        else if (f->flags & UFFD_FAULT_MINOR)
                result = answer_fill(f->fd, addr, UFFDIO_CONTINUE);
        else
                result = answer_missing(f->fd, addr);
        count(&board->fills);
        if (result == -EAGAIN)
                return false;
        if (result < 0)
                wake(f->fd, addr);
        return true;
}

static void answer_later(bool all)
{
        for (unsigned i = nr_later; i-- > 0;)
                if ((all || one_in(&rng, 4)) && answer(&later[i]))
                        later[i] = later[--nr_later];
}

/* ------------------------------------------------------------------ messages */

static void take(int fd, const struct uffd_message *m)
{
        struct fault f = { fd, m->fault.addr, m->fault.flags };

        switch (m->event) {
        case UFFD_FAULT:
                count(&board->faults);
                if (nr_later == LATER)
                        wake(fd, f.addr & -PAGE); /* it will fault again */
                else if (one_in(&rng, 3) || !answer(&f))
                        later[nr_later++] = f;
                return;
        case UFFD_FORK: descriptor_add((int)m->fork.fd); break;
        case UFFD_REMAP:
        case UFFD_REMOVE:
        case UFFD_UNMAP: break;
        default: complain("a message of kind %#x", m->event);
        }
        count(&board->events);
}

static void read_messages(int fd)
{
        struct uffd_message messages[4];
        long n = raw_call(NR_read, fd, messages, (1 + below(&rng, 4)) * sizeof(messages[0]));

        /* A fork that was read before has taken its place: EBADF. */
        if (n < 0 && n != -EAGAIN && n != -EINTR && n != -EBADF)
                complain("read of a descriptor: %s", errno_name(n));
        for (long i = 0; i * (long)sizeof(messages[0]) < n; i++)
                take(fd, &messages[i]);
}

/* Reads what there is; false: nothing was. */
static bool look(int timeout)
{
        struct pollfd fds[DESCRIPTORS];
        unsigned nr = 0;
        long ready;

        for (unsigned i = 0; i < DESCRIPTORS; i++)
                if (descriptors[i].fd >= 0)
                        fds[nr++] = (struct pollfd){ descriptors[i].fd, POLLIN, 0 };
        ready = raw_call(NR_poll, fds, nr, timeout);
        for (unsigned i = 0; ready > 0 && i < nr; i++)
                if (fds[i].revents)
                        read_messages(fds[i].fd);
        return ready > 0;
}

/* Descriptors come and go; in a quiet round they only come. */
static void change(void)
{
        struct descriptor *d = &descriptors[below(&rng, DESCRIPTORS)];

        if (round_is_quiet && d->fd >= 0)
                return;
        if (d < descriptors + OWN_DESCRIPTORS) {
                if (d->fd < 0 || descriptor_close(d))
                        descriptor_open(d);
        } else if (d->fd >= 0) {
                descriptor_close(d);
        }
}

void *handler_main(void *arg)
{
        struct status *status = &board->threads[HANDLER];

        rng.state = (uintptr_t)arg;
        for (unsigned i = 0; i < DESCRIPTORS; i++)
                descriptors[i].fd = -1;
        raw_call(NR_mmap, STOCK, STOCK_PAGES * PAGE, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        while (!handler_stop) {
                status->calls++;
                status->what = "the handler looks";
                if (!look(nr_later ? 1 : 5))
                        answer_later(true);
                status->what = "the handler answers";
                answer_later(false);
                status->what = "the handler closes and opens";
                if (one_in(&rng, 40))
                        change();
                if (descriptors[0].fd < 0)
                        descriptor_open(&descriptors[0]);
        }
        status->ended = 1;
        return NULL;
}
