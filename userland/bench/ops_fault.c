/* SPDX-License-Identifier: MIT */
/* Faults: of anonymous memory, files, copies on write, and through userfaultfd. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/userfaultfd.h>

#include "userland/bench/bench.h"

#define PAGES 256UL

static volatile char *const place = (char *)PLACE_A;

/* The page before those that are measured is touched first, so that page tables are there. */
static void map_fresh(const struct op *op)
{
        (void)op;
        bench_map(PLACE_A, (PAGES + 1) * PAGE, 0);
        place[0] = 1;
}

static void gone(const struct op *op)
{
        (void)op;
        bench_unmap(PLACE_A, (PAGES + 1) * PAGE);
}

static int write_pages(const struct op *op)
{
        for (unsigned long i = 1; i <= op->units; i++)
                place[i * PAGE] = 1;
        return 0;
}

/* One page in each 64 KiB: what maps the pages around one in advance finds none of the next. */
#define APART 16UL

static int read_pages_apart(const struct op *op)
{
        for (unsigned long i = 0; i < op->units; i++)
                (void)place[(i * APART + APART / 2) * PAGE];
        return 0;
}

static int read_pages(const struct op *op)
{
        for (unsigned long i = 1; i <= op->units; i++)
                (void)place[i * PAGE];
        return 0;
}

/* ------------------------------------------------------------------ a file of tmpfs */

static int file = -1;

static void file_begin(const struct op *op)
{
        char page[PAGE] = { 1 };

        (void)op;
        file = open("/tmp/bench", O_RDWR | O_CREAT | O_TRUNC, 0600);
        for (unsigned i = 0; i <= PAGES; i++)
                if (file < 0 || write(file, page, sizeof(page)) != sizeof(page))
                        bench_failed("/tmp/bench");
}

/* The last page is written first, so that page tables are there. */
static void map_file(int flags)
{
        if (mmap((void *)PLACE_A, (PAGES + 1) * PAGE, PROT_READ | PROT_WRITE, flags | MAP_FIXED,
                 file, 0) == MAP_FAILED)
                bench_failed("mmap of /tmp/bench");
        place[PAGES * PAGE] = 1;
}

static void file_private(const struct op *op)
{
        (void)op;
        map_file(MAP_PRIVATE);
}

static void file_shared(const struct op *op)
{
        (void)op;
        map_file(MAP_SHARED);
}

static void file_end(const struct op *op)
{
        (void)op;
        close(file);
        unlink("/tmp/bench");
}

/* ------------------------------------------------------------------ copies on write */

static pid_t sharer;

static void share(const struct op *op)
{
        (void)op;
        bench_map(PLACE_A, (PAGES + 1) * PAGE, 1);
        sharer = fork();
        if (sharer < 0)
                bench_failed("fork");
        if (sharer == 0)
                for (;;)
                        pause();
}

static void unshare_pages(const struct op *op)
{
        kill(sharer, SIGKILL);
        waitpid(sharer, NULL, 0);
        gone(op);
}

/* ------------------------------------------------------------------ userfaultfd */

static int uffd = -1;
static pthread_t server;

/* Fills every page that is missed, until the program ends. */
static void *serve(void *unused)
{
        static char contents[PAGE] __attribute__((aligned(4096)));
        struct uffd_msg message;

        while (read(uffd, &message, sizeof(message)) == sizeof(message)) {
                struct uffdio_copy copy = { .dst = message.arg.pagefault.address & ~(PAGE - 1),
                                            .src = (uintptr_t)contents,
                                            .len = PAGE };

                if (ioctl(uffd, UFFDIO_COPY, &copy) != 0)
                        bench_failed("UFFDIO_COPY");
        }
        return unused;
}

static void uffd_begin(const struct op *op)
{
        struct uffdio_api api = { .api = UFFD_API };

        (void)op;
        uffd = syscall(SYS_userfaultfd, O_CLOEXEC);
        if (uffd < 0 || ioctl(uffd, UFFDIO_API, &api) != 0)
                bench_failed("userfaultfd");
        if (pthread_create(&server, NULL, serve, NULL) != 0)
                bench_failed("pthread_create");
}

static void uffd_setup(const struct op *op)
{
        struct uffdio_register region = { .range = { PLACE_A + PAGE, PAGES * PAGE },
                                          .mode = UFFDIO_REGISTER_MODE_MISSING };

        map_fresh(op);
        if (ioctl(uffd, UFFDIO_REGISTER, &region) != 0)
                bench_failed("UFFDIO_REGISTER");
}

static const struct op ops[] = {
        { .name = "fault-write",
          .what = "first write to a page of anonymous memory",
          .units = PAGES,
          .setup = map_fresh,
          .run = write_pages,
          .undo = gone },
        { .name = "fault-read",
          .what = "first read of a page of anonymous memory",
          .units = PAGES,
          .setup = map_fresh,
          .run = read_pages,
          .undo = gone },
        { .name = "fault-file",
          .what = "reads of a file's pages one after the other: those around a fault come along",
          .units = PAGES - 1,
          .begin = file_begin,
          .setup = file_private,
          .run = read_pages,
          .undo = gone,
          .end = file_end },
        { .name = "fault-file-apart",
          .what = "reads of a file's pages 64 KiB apart: a fault each",
          .units = PAGES / APART,
          .begin = file_begin,
          .setup = file_private,
          .run = read_pages_apart,
          .undo = gone,
          .end = file_end },
        { .name = "fault-file-write",
          .what = "first write to a page of a shared file: a fault each",
          .units = PAGES - 1,
          .begin = file_begin,
          .setup = file_shared,
          .run = write_pages,
          .undo = gone,
          .end = file_end },
        { .name = "cow",
          .what = "write to a page shared with a child: copied",
          .units = PAGES,
          .setup = share,
          .run = write_pages,
          .undo = unshare_pages },
        { .name = "uffd",
          .what = "a fault that another thread fills with UFFDIO_COPY",
          .units = 64,
          .begin = uffd_begin,
          .setup = uffd_setup,
          .run = read_pages,
          .undo = gone },
};
const struct op_table fault_ops = bench_table(ops);
