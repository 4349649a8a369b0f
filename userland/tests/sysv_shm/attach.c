/* SPDX-License-Identifier: MIT */
/* shmat, shmdt, and what is mapped. */
#include "userland/tests/sysv_shm/shm.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "userland/tests/lib/fault.h"

static void places(void)
{
        int id = segment(2);
        long anywhere;

        scene_in_arena("shmat: places");
        attach(id, 0, 0);
        show_mapping(0);
        attach(id, 0, 0);
        attach(id, 1, 0);
        attach(id, 1, REMAP);
        show();
        show_attached(id);
        step(raw_call(NR_shmat, id, at(8) + 123, 0), "an odd address");
        step_text(place_name(raw_call(NR_shmat, id, at(8) + 123, RND)), "an odd address, SHM_RND");
        step(raw_call(NR_shmat, id, 0, REMAP), "no address, SHM_REMAP");
        step(raw_call(NR_shmat, id, 123, REMAP | RND), "an address in page 0, SHM_RND, SHM_REMAP");
        step(raw_call(NR_shmat, id, 0x7fffffffe000, 0), "partly above user space");
        step(raw_call(NR_shmat, id, 0xfffffffffffff000, 0), "at the end of all");
        step_text(place_name(raw_call(NR_shmat, id, at(12), 1)), "an unknown flag");
        show_attached(id);
        anywhere = raw_call(NR_shmat, id, 0, 0);
        check(anywhere > 0 && anywhere % PAGE == 0, "anywhere");
        step(raw_call(NR_shmdt, anywhere), "shmdt there");
        step(raw_call(NR_shmdt, at(8) + 1), "shmdt of an odd address");
        detach(9);
        detach(8);
        detach(8);
        step(raw_call(NR_shmdt, 0), "shmdt of nothing at 0");
        raw_call(NR_munmap, at(0), 100 * PAGE);
        show_attached(id);
        raw_call(NR_shmctl, id, RMID, 0);
        show_attached(id);
}

static void rights_of_pages(void)
{
        int id = segment(1);

        scene_in_arena("shmat: access");
        attach(id, 0, RDONLY);
        show_mapping(0);
        protect(0, 1, "rw-");
        protect(0, 1, "r-x");
        attach(id, 2, EXEC);
        show_mapping(2);
        attach(id, 4, RDONLY | EXEC);
        show_mapping(4);
        stamp(2, 1, 's');
        show_pages();
        touch_step(at(0), ACCESS_WRITE);
        raw_call(NR_shmctl, id, RMID, 0);
}

static void contents(void)
{
        unsigned char residency[4];
        int id = segment(4);

        scene_in_arena("two attachments");
        attach(id, 0, 0);
        attach(id, 4, 0);
        show_maps(); /* side by side and never one */
        stamp(1, 2, 'c');
        show_pages();
        raw_call(NR_munmap, at(4), 4 * PAGE);
        step(raw_call(NR_mincore, at(0), 4 * PAGE, residency), "mincore");
        say("     %d%d%d%d", residency[0], residency[1], residency[2], residency[3]);
        detach(0);
        show();
        attach(id, 0, 0);
        step(raw_call(NR_mincore, at(0), 4 * PAGE, residency), "mincore, attached anew");
        say("     %d%d%d%d", residency[0], residency[1], residency[2], residency[3]);
        show_pages();
        step(raw_call(NR_madvise, at(0), 2 * PAGE, 9), "MADV_REMOVE");
        show_pages();
        raw_call(NR_shmctl, id, RMID, 0);
}

/* Resident pages of shared memory after one read of memory that is all there. */
static void faulting(void)
{
        long before;
        int id = segment(16);

        scene_in_arena("a read maps one page");
        attach(id, 0, 0);
        stamp(0, 16, 'f');
        detach(0);
        attach(id, 0, 0);
        before = status_value("RssShmem");
        check(page_letter(at(5)) == 'f', "read");
        step(status_value("RssShmem") - before, "RssShmem");
        raw_call(NR_shmctl, id, RMID, 0);
}

static void splits(void)
{
        int id = segment(6);

        scene_in_arena("split and not joined");
        attach(id, 0, 0);
        protect(2, 2, "r--");
        show_maps();
        show_attached(id);
        protect(2, 2, "rw-");
        show_maps();
        show_attached(id);
        protect(2, 2, "r--");
        protect(2, 1, "rw-");
        show_maps();
        protect(3, 1, "rw-");
        show_maps();
        unmap(3, 1);
        show_attached(id);
        step(raw_call(NR_mlock, at(0), PAGE), "mlock");
        step(raw_call(NR_munlock, at(0), PAGE), "munlock");
        show_maps();
        show_attached(id);
        detach(0);
        show();
        show_attached(id);
        raw_call(NR_shmctl, id, RMID, 0);
}

static int inherited;

static void child_looks(void)
{
        struct shmid s;

        show_attached(inherited);
        raw_call(NR_shmctl, inherited, STAT, &s);
        check(s.lpid == getppid(), "the parent's fork attached last");
        stamp(0, 1, 'k');
        detach(0);
        raw_call(NR_shmctl, inherited, STAT, &s);
        check(s.lpid == getpid(), "the child detached last");
        show_attached(inherited);
}

static void child_executes(void)
{
        char *const argv[] = { "sysv_shm", "attached", NULL }, *const envp[] = { NULL };

        show_attached(inherited);
        raw_call(NR_execve, "/nowhere", argv, envp);
        show_attached(inherited);
}

static void inheritance(void)
{
        struct shmid s;

        inherited = segment(3);
        scene_in_arena("fork and exit");
        attach(inherited, 0, 0);
        protect(1, 1, "---");
        show_attached(inherited);
        in_child(child_looks, "a child that detaches");
        show_attached(inherited);
        show_pages_at("page", at(0), 1);
        in_child(child_executes, "a child that ends");
        show_attached(inherited);
        raw_call(NR_shmctl, inherited, STAT, &s);
        check(s.lpid != getpid(), "the child's end detached last");
        step(raw_call(NR_madvise, at(0), PAGE, 10), "MADV_DONTFORK");
        in_child(child_executes, "a child without the first page");
        step(raw_call(NR_madvise, at(0), PAGE, 18), "MADV_WIPEONFORK");
        raw_call(NR_shmctl, inherited, RMID, 0);
        raw_call(NR_munmap, at(0), 3 * PAGE);
        show_attached(inherited);
}

static long committed(void)
{
        static char text[8192];

        read_file("/proc/meminfo", text, sizeof(text));
        return strtol(strstr(text, "Committed_AS:") + 13, NULL, 10) / 4;
}

/* Other programs come and go on the machine: a large segment, and the hundreds. */
static void charge(void)
{
        long before, with;
        int id;

        scene_in_arena("charged when it is made");
        before = committed();
        id = segment(40000);
        with = committed();
        check(with - before > 35000 && with - before < 45000, "the whole segment");
        raw_call(NR_shmctl, id, RMID, 0);
        check(committed() - before < 5000, "given back");
        id = (int)raw_call(NR_shmget, PRIVATE, 40000 * PAGE, 010000 | 0600);
        check(committed() - before < 5000, "SHM_NORESERVE");
        raw_call(NR_shmctl, id, RMID, 0);
}

void attaching(void)
{
        places();
        rights_of_pages();
        contents();
        faulting();
        splits();
        inheritance();
        charge();
}
