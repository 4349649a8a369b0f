/* SPDX-License-Identifier: MIT */
/* This machine's Linux, in terms of the model: linux.h. */
#define _GNU_SOURCE
#include "tests/model/linux.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/model/canonical.h"

#define ARENA 0x10000000UL
#define PAGE  4096UL

/* In /proc/self/pagemap. */
#define PRESENT   (1ULL << 63)
#define OF_OBJECT (1ULL << 61)
#define EXCLUSIVE (1ULL << 56)

static unsigned arena_pages;
static int maps, smaps, pagemap, status;
static const struct ref_counts unknown = { REF_UNKNOWN, REF_UNKNOWN, REF_UNKNOWN, REF_UNKNOWN,
                                           REF_UNKNOWN, REF_UNKNOWN, REF_UNKNOWN };
static struct ref_counts before;
static sigjmp_buf escape;
static volatile int caught;

const char *linux_unfit(void)
{
        static char why[128];
        struct utsname uts;

        uname(&uts);
        snprintf(why, sizeof(why), "Linux %.32s, not 6.18 as root", uts.release);
        return strncmp(uts.release, "6.18.", 5) != 0 || geteuid() != 0 ? why : NULL;
}

static void *at(unsigned page)
{
        return (void *)(ARENA + page * PAGE);
}

static void on_fault(int signo, siginfo_t *info, void *context)
{
        (void)context;
        caught = REF_SIGNAL(signo, info->si_code);
        siglongjmp(escape, 1);
}

static int open_proc(const char *name)
{
        int fd = open(name, O_RDONLY | O_CLOEXEC);

        if (fd < 0) {
                perror(name);
                _exit(2);
        }
        return fd;
}

static void open_all(void)
{
        maps = open_proc("/proc/self/maps");
        smaps = open_proc("/proc/self/smaps");
        pagemap = open_proc("/proc/self/pagemap");
        status = open_proc("/proc/self/status");
}

static void close_all(void)
{
        close(maps);
        close(smaps);
        close(pagemap);
        close(status);
}

void linux_start(unsigned pages)
{
        struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_NODEFER };

        arena_pages = pages;
        sigaction(SIGSEGV, &action, NULL);
        sigaction(SIGBUS, &action, NULL);
        open_all();
}

/* ------------------------------------------------------------------ calls */

static int protection(unsigned flags)
{
        return (flags & REF_READ ? PROT_READ : 0) | (flags & REF_WRITE ? PROT_WRITE : 0);
}

static int page_of(const void *addr)
{
        return addr == MAP_FAILED ? -errno : (int)(((long)addr - (long)ARENA) / (long)PAGE);
}

static int do_mmap(const struct ref_call *c)
{
        int flags = MAP_FIXED | MAP_ANONYMOUS;

        flags |= c->flags & REF_SHARED ? MAP_SHARED : MAP_PRIVATE;
        flags |= c->flags & REF_LOCKED ? MAP_LOCKED : 0;
        flags |= c->flags & REF_NORESERVE ? MAP_NORESERVE : 0;
        flags |= c->flags & REF_POPULATE ? MAP_POPULATE : 0;
        return page_of(mmap(at(c->page), c->len * PAGE, protection(c->flags), flags, -1, 0));
}

static int do_mremap(const struct ref_call *c)
{
        int flags = c->flags & REF_FIXED ? MREMAP_MAYMOVE | MREMAP_FIXED : 0;

        flags |= c->flags & REF_DONTUNMAP ? MREMAP_DONTUNMAP : 0;
        return page_of(mremap(at(c->page), c->len * PAGE, c->new_len * PAGE, flags, at(c->to)));
}

static int do_access(const struct ref_call *c)
{
        volatile char *byte = at(c->page);

        caught = 0;
        if (sigsetjmp(escape, 0))
                return caught;
        if (c->kind == REF_STORE)
                *byte = 1;
        else
                (void)*byte;
        return 0;
}

/* The child goes on when the parent has let go of all that it shares with it. */
static int do_child(void)
{
        int turn[2], child_status;
        char byte = 0;
        pid_t pid;

        if (pipe(turn) != 0)
                return -errno;
        pid = fork();
        if (pid < 0)
                return -errno;
        if (pid > 0) {
                munmap(at(0), arena_pages * PAGE);
                child_status = write(turn[1], &byte, 1) != 1;
                waitpid(pid, &child_status, 0);
                _exit(WIFEXITED(child_status) ? WEXITSTATUS(child_status) : 3);
        }
        if (read(turn[0], &byte, 1) != 1)
                _exit(3);
        close(turn[0]);
        close(turn[1]);
        close_all();
        open_all();
        before.locked = 0; /* locks are not inherited, nor what VmLck has lost */
        return 0;
}

static int do_parent(void)
{
        pid_t pid = fork();

        if (pid < 0)
                return -errno;
        if (pid == 0)
                _exit(0);
        return waitpid(pid, NULL, 0) == pid ? 0 : -errno;
}

static int failure(int result)
{
        return result < 0 ? -errno : 0;
}

int linux_do(const struct ref_call *c)
{
        size_t len = c->len * PAGE;
        void *addr = at(c->page);

        switch ((enum ref_kind)c->kind) {
        case REF_MMAP: return do_mmap(c);
        case REF_MUNMAP: return failure(munmap(addr, len));
        case REF_MPROTECT: return failure(mprotect(addr, len, protection(c->flags)));
        case REF_MREMAP: return do_mremap(c);
        case REF_DONTNEED: return failure(madvise(addr, len, MADV_DONTNEED));
        case REF_DONTFORK: return failure(madvise(addr, len, MADV_DONTFORK));
        case REF_DOFORK: return failure(madvise(addr, len, MADV_DOFORK));
        case REF_MLOCK: return failure(mlock(addr, len));
        case REF_MUNLOCK: return failure(munlock(addr, len));
        case REF_LOAD:
        case REF_STORE: return do_access(c);
        case REF_CHILD: return do_child();
        case REF_PARENT: return do_parent();
        case REF_KINDS: break;
        }
        return -ENOSYS;
}

/* ------------------------------------------------------------------ looking */

static const char *read_all(int fd, size_t enough)
{
        static char text[65536];
        size_t len = 0;
        ssize_t n = 1;

        if (lseek(fd, 0, SEEK_SET) != 0)
                _exit(2);
        while (n > 0 && len < enough && len < sizeof(text) - 1) {
                n = read(fd, text + len, enough - len < 4096 ? enough - len : 4096);
                len += n > 0 ? (size_t)n : 0;
        }
        text[len] = 0;
        return text;
}

static void add_vma(struct ref *seen, unsigned long start, unsigned long end, const char *rights,
                    unsigned long offset, unsigned long inode, unsigned long *inodes)
{
        struct ref_page page = { .mapped = true };
        unsigned s = (unsigned)((start - ARENA) / PAGE), e = (unsigned)((end - ARENA) / PAGE);

        page.flags = rights[0] == 'r' ? REF_READ : 0;
        page.flags |= rights[1] == 'w' ? REF_WRITE : 0;
        page.flags |= rights[3] == 's' ? REF_SHARED : 0;
        if (inode) {
                page.object = 1;
                while (inodes[page.object] && inodes[page.object] != inode)
                        page.object++;
                inodes[page.object] = inode;
        }
        for (unsigned p = s; p < e && p < arena_pages; p++) {
                page.starts = p == s;
                page.pgoff = (int16_t)(page.object ? offset / PAGE + (p - s) : p);
                seen->page[p] = page;
        }
}

/* Lines of maps. In a position-independent program the arena is what comes first. */
static void look_at_maps(struct ref *seen)
{
        const char *line = read_all(maps, 160 * REF_PAGES);
        unsigned long start, end, offset, inode, inodes[REF_PAGES + 2] = { 0 };
        char rights[5];

        while (sscanf(line, "%lx-%lx %4s %lx %*s %lu", &start, &end, rights, &offset, &inode) ==
                       5 &&
               start < ARENA + arena_pages * PAGE) {
                add_vma(seen, start, end, rights, offset, inode, inodes);
                line = strchr(line, '\n');
                if (!line)
                        break;
                line++;
        }
}

static void look_at_contents(struct ref *seen)
{
        uint64_t words[REF_PAGES];

        if (pread(pagemap, words, arena_pages * 8, ARENA / PAGE * 8) != arena_pages * 8)
                _exit(2);
        for (unsigned p = 0; p < arena_pages; p++) {
                if (!(words[p] & PRESENT))
                        continue;
                if (words[p] & OF_OBJECT)
                        seen->page[p].content = REF_OBJECT;
                else
                        seen->page[p].content = words[p] & EXCLUSIVE ? REF_OWN : REF_ZERO;
        }
}

/* "VmFlags: rd wr mr mw me ac \n" */
static uint8_t flags_of(const char *letters)
{
        static const char known[][4] = { "rd ", "wr ", "sh ", "lo ", "nr ", "ac ", "dc " };
        uint8_t flags = 0;

        for (; letters[0] != '\n' && letters[0]; letters += 3) {
                unsigned i = 0;

                while (i < 7 && strncmp(letters, known[i], 3) != 0)
                        i++;
                if (i < 7)
                        flags |= (uint8_t)(1u << i);
                else if (letters[0] != 'm') /* mr mw me ms: may be given these rights */
                        flags |= REF_POPULATE;
        }
        return flags;
}

static void look_at_flags(struct ref *seen)
{
        const char *line = read_all(smaps, 1024 * (REF_PAGES + 1));
        unsigned long start = ARENA, end = ARENA, from, to;

        for (; line && *line; line = strchr(line, '\n'), line += line ? 1 : 0) {
                if (strncmp(line, "VmFlags: ", 9) == 0) {
                        for (unsigned long a = start; a < end; a += PAGE)
                                seen->page[(a - ARENA) / PAGE].flags = flags_of(line + 9);
                } else if (sscanf(line, "%lx-%lx ", &from, &to) == 2) {
                        if (from >= ARENA + arena_pages * PAGE)
                                break;
                        start = from;
                        end = to;
                }
        }
}

static int status_pages(const char *text, const char *name)
{
        const char *found = strstr(text, name);

        return found ? atoi(found + strlen(name)) / 4 : -1;
}

static struct ref_counts read_counts(void)
{
        const char *text = read_all(status, 4096);
        struct ref_counts counts = unknown;

        counts.total = status_pages(text, "VmSize:");
        counts.data = status_pages(text, "VmData:");
        counts.locked = status_pages(text, "VmLck:");
        return counts;
}

void linux_clear(bool all)
{
        if (munmap(at(0), arena_pages * PAGE) != 0)
                _exit(2);
        if (all)
                before = read_counts();
}

void linux_look(struct ref *seen, struct ref_counts *counts, bool all)
{
        ref_init(seen, arena_pages);
        *counts = unknown;
        look_at_maps(seen);
        look_at_contents(seen);
        if (all) {
                look_at_flags(seen);
                *counts = read_counts();
                counts->total -= before.total;
                counts->data -= before.data;
                counts->locked -= before.locked;
        }
        counts->vmas = 0;
        for (unsigned p = 0; p < arena_pages; p++)
                counts->vmas += seen->page[p].starts;
}

void linux_mask(struct outcome *o, bool all)
{
        o->seen.inherited = 0;
        memset(o->seen.object_size, 0, sizeof(o->seen.object_size));
        memset(o->seen.object_has, 0, sizeof(o->seen.object_has));
        for (unsigned p = 0; p < o->seen.pages; p++) {
                struct ref_page *page = &o->seen.page[p];

                page->anon = 0;
                if (page->mapped && !page->object)
                        page->pgoff = (int16_t)p;
                if (!all)
                        page->flags &= REF_ACCESS | REF_SHARED;
        }
        o->counts.rss_anon = o->counts.rss_shmem = o->counts.committed = REF_UNKNOWN;
        if (!all)
                o->counts.total = o->counts.data = o->counts.locked = REF_UNKNOWN;
}

struct outcome linux_view(const struct ref *model, int result, bool all)
{
        struct outcome o = outcome_of(model, result);

        o.counts.locked += model->lost_locked;
        linux_mask(&o, all);
        return o;
}

bool linux_replay(const struct ref_call *calls, unsigned nr, unsigned pages, struct outcome *out)
{
        int to_parent[2];
        bool good;
        pid_t pid;

        if (pipe(to_parent) != 0)
                return false;
        fflush(stdout);
        pid = fork();
        if (pid == 0) {
                linux_start(pages);
                linux_clear(true);
                for (unsigned i = 0; i < nr; i++)
                        out->result = linux_do(&calls[i]);
                linux_look(&out->seen, &out->counts, true);
                _exit(write(to_parent[1], out, sizeof(*out)) != sizeof(*out));
        }
        close(to_parent[1]);
        good = pid > 0 && read(to_parent[0], out, sizeof(*out)) == sizeof(*out);
        close(to_parent[0]);
        if (pid > 0)
                waitpid(pid, NULL, 0);
        return good;
}
