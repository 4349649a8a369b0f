/* SPDX-License-Identifier: MIT */
/*
 * The supervisor: starts rounds one after the other, sees that every thread gets on, and that the
 * machine has as much memory after each round as it had before.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "userland/fuzz/stress/stress.h"

#define ROUND_SECONDS 20
#define STUCK_SECONDS 120
#define WARM_ROUNDS   2
#define LOOSE_KB      (512L << 10) /* on a machine that others use, too */

struct board *board;

static const char help[] =
        "usage: stress [--time SECONDS] [--seed N] [--round SECONDS]\n"
        "\n"
        "Eight threads fault, fill, move, fork, unmap, advise and register memory at random, and close\n"
        "the userfaultfd under each other's feet. A line a round: with what seed it was drawn, what\n"
        "has been done so far. What would be wrong: a thread that does not come back within two\n"
        "minutes, contents that are not what was written, memory that is missing after the round.\n"
        "\n"
        "  --time SECONDS   for how long (60)\n"
        "  --seed N         the first round's; each round's is one more than that before (the time)\n"
        "  --round SECONDS  how long one round is (20)\n"
        "  --help           this text\n"
        "\n"
        "Exit status: 0 nothing was wrong, 1 something was, 2 usage.\n";

/* ------------------------------------------------------------------ what the machine has */

/* In kB. Slabs are free memory with a purpose: they are counted with what is free, and apart. */
enum item { FREE, SLAB, TABLES, COMMITTED, ANON, SHMEM, STACKS, LOCKED, HUGE_PAGES, ITEMS };
static const char *const names[ITEMS] = {
        "MemFree:", "Slab:",        "PageTables:", "Committed_AS:",  "AnonPages:",
        "Shmem:",   "KernelStack:", "Mlocked:",    "AnonHugePages:",
};

struct memory {
        long kb[ITEMS];
};

static void measure(struct memory *m)
{
        static char text[8192];
        int fd = open("/proc/meminfo", O_RDONLY);
        ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

        if (n < 0) {
                perror("/proc/meminfo");
                exit(2);
        }
        close(fd);
        text[n] = '\0';
        for (int i = 0; i < ITEMS; i++) {
                char *line = strstr(text, names[i]);

                m->kb[i] = line ? strtol(line + strlen(names[i]), NULL, 10) : 0;
        }
        m->kb[FREE] += m->kb[SLAB];
}

/* How many items are not what they were. `exact`: nobody else uses the machine. */
static int compare(const struct memory *before, const struct memory *after, bool exact, bool tell)
{
        int wrong = 0;

        for (int i = 0; i < ITEMS; i++) {
                long more = after->kb[i] - before->kb[i];
                bool bad = exact ? more != 0 : labs(more) > LOOSE_KB;

                if (exact && i == SLAB) /* each cache may keep an empty slab */
                        bad = more > 1024;
                if (bad && tell)
                        printf("  %s %ld kB, before %ld kB\n", names[i], after->kb[i],
                               before->kb[i]);
                wrong += bad;
        }
        return wrong;
}

/* Memory that an ended process is giving back may take a moment. */
static int compare_soon(const struct memory *before, struct memory *after, bool exact)
{
        for (int i = 0; i < 20; i++) {
                measure(after);
                if (!compare(before, after, exact, false))
                        return 0;
                usleep(100000);
        }
        return compare(before, after, exact, true);
}

/* ------------------------------------------------------------------ a round */

uint64_t seconds_now(void)
{
        struct timespec now;

        clock_gettime(CLOCK_MONOTONIC, &now);
        return (uint64_t)now.tv_sec;
}

/* When each thread last got on. */
struct watch {
        uint64_t calls[THREADS], since[THREADS];
};

/* Tells of the threads that have not got on for long: how many. */
static int look_after(struct watch *watch)
{
        uint64_t now = seconds_now();
        int stuck = 0;

        for (int i = 0; i < THREADS; i++) {
                const struct status *s = &board->threads[i];

                if (s->calls != watch->calls[i] || s->ended || watch->since[i] == 0) {
                        watch->calls[i] = s->calls;
                        watch->since[i] = now;
                }
                if (now - watch->since[i] < STUCK_SECONDS)
                        continue;
                stuck++;
                printf("  thread %d is stuck: %s, call %lu", i, s->what ? s->what : "has not begun",
                       (unsigned long)s->calls);
                if (i < WORKERS && board->children[i].what)
                        printf("; its child: %s, call %lu", board->children[i].what,
                               (unsigned long)board->children[i].calls);
                printf("\n");
        }
        return stuck;
}

/* Starts a round and sees it end: false if something was wrong. */
static bool run_round(uint64_t seed, unsigned seconds)
{
        static struct watch watch;
        bool good = true;
        int status;
        pid_t pid;

        memset(&watch, 0, sizeof(watch));
        memset(board->threads, 0, sizeof(board->threads));
        memset(board->children, 0, sizeof(board->children));
        pid = fork();
        if (pid == 0) {
                setpgid(0, 0);
                round_run(seed, seconds);
        }
        while (waitpid(pid, &status, WNOHANG) == 0) {
                if (look_after(&watch) || board->wrong) {
                        good = false;
                        break;
                }
                usleep(200000);
        }
        if (!good) {
                kill(-pid, SIGKILL);
                waitpid(pid, &status, 0);
        } else if (status != 0) {
                printf("  the round ended with status %#x\n", status);
                good = false;
        }
        if (board->wrong)
                printf("  %s\n", board->complaint);
        return good && !board->wrong;
}

static void tell(uint64_t begun, unsigned round, uint64_t seed)
{
        printf("%4lu s  round %u, seed %lu: %lu touches, %lu faults handed over, %lu fills, %lu events, "
               "%lu descriptors, %lu forks, %lu signals\n",
               (unsigned long)(seconds_now() - begun), round, (unsigned long)seed,
               (unsigned long)board->touches, (unsigned long)board->faults,
               (unsigned long)board->fills, (unsigned long)board->events,
               (unsigned long)board->descriptors, (unsigned long)board->forks,
               (unsigned long)board->signals);
}

static bool run_rounds(unsigned long time, uint64_t seed, unsigned seconds)
{
        uint64_t begun = seconds_now();
        struct memory before, after;
        struct utsname system;
        unsigned round = 0;
        bool exact;

        uname(&system);
        exact = strstr(system.version, "Terrane") != NULL;
        measure(&before);
        while (seconds_now() - begun < time) {
                round++;
                if (!run_round(seed, seconds)) {
                        printf("round %u, seed %lu: WRONG\n", round, (unsigned long)seed);
                        return false;
                }
                tell(begun, round, seed++);
                if (round <= WARM_ROUNDS) {
                        usleep(300000);
                        measure(&before);
                } else if (compare_soon(&before, &after, exact)) {
                        printf("round %u: memory is missing\n", round);
                        return false;
                }
        }
        printf("%u rounds, nothing hangs, nothing is lost, nothing is wrong\n", round);
        return true;
}

int main(int argc, char **argv)
{
        unsigned long duration = 60, seconds = ROUND_SECONDS;
        uint64_t seed = (uint64_t)time(NULL);

        setvbuf(stdout, NULL, _IOLBF, 1024);
        for (int i = 1; i < argc; i++) {
                if (strcmp(argv[i], "--help") == 0) {
                        fputs(help, stdout);
                        return 0;
                } else if (i + 1 < argc && strcmp(argv[i], "--time") == 0) {
                        duration = strtoul(argv[++i], NULL, 10);
                } else if (i + 1 < argc && strcmp(argv[i], "--seed") == 0) {
                        seed = strtoull(argv[++i], NULL, 10);
                } else if (i + 1 < argc && strcmp(argv[i], "--round") == 0) {
                        seconds = strtoul(argv[++i], NULL, 10);
                } else {
                        fputs(help, stderr);
                        return 2;
                }
        }
        board = mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
                     0);
        if (board == MAP_FAILED)
                return 2;
        return run_rounds(duration, seed, (unsigned)seconds) ? 0 : 1;
}
