/* SPDX-License-Identifier: MIT */
/* Making, finding, describing and removing segments, and who may. */
#include "userland/tests/sysv_shm/shm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static int id;

static void sizes(void)
{
        static const struct {
                const char *what;
                int key;
                unsigned long size;
                int flags;
        } rows[] = {
                { "size 0", PRIVATE, 0, 0600 },
                { "size ~0", PRIVATE, ~0UL, 0600 },
                { "size 2^62", PRIVATE, 1UL << 62, 0600 },
                { "a key that is not there", KEY, PAGE, 0600 },
                { "a key that is not there, size 0", KEY, 0, 0600 },
                { "a key that is not there, size 0, IPC_CREAT", KEY, 0, CREAT | 0600 },
                { "huge pages that nobody set aside", PRIVATE, 2 << 20, 04000 | 0600 },
        };

        scene("shmget: what it refuses");
        for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
                step(raw_call(NR_shmget, rows[i].key, rows[i].size, rows[i].flags), "%s",
                     rows[i].what);
}

static void keys(void)
{
        scene("shmget: keys");
        id = (int)raw_call(NR_shmget, KEY, PAGE + 1, CREAT | EXCL | 0640);
        check(id >= 0, "made");
        step(raw_call(NR_shmget, KEY, PAGE, CREAT | EXCL | 0600), "again, IPC_EXCL");
        check(raw_call(NR_shmget, KEY, PAGE, CREAT | 0600) == id, "again, IPC_CREAT");
        check(raw_call(NR_shmget, KEY, PAGE + 1, 0) == id, "found with its size");
        check(raw_call(NR_shmget, KEY, 0, 0) == id, "found with size 0");
        step(raw_call(NR_shmget, KEY, PAGE + 2, 0), "larger than it is");
        step(raw_call(NR_shmget, KEY, 2 * PAGE, CREAT | EXCL), "larger, IPC_EXCL");
}

/* One line of /proc/sysvipc/shm, with what differs from run to run blotted out. */
static void show_line(void)
{
        static char text[1 << 16];
        char key[16], *line;
        unsigned long seen, size, nattch, uid, gid, cuid, cgid, rss, swap;
        unsigned mode;

        snprintf(key, sizeof(key), "%10d ", KEY);
        if (read_file("/proc/sysvipc/shm", text, sizeof(text)) < 0) {
                say("     /proc/sysvipc/shm cannot be read");
                return;
        }
        say("     [%.*s]", (int)strcspn(text, "\n"), text);
        line = strstr(text, key);
        if (!line) {
                say("     not listed");
                return;
        }
        sscanf(line, "%*d %*d %o %lu %*d %*d %lu %lu %lu %lu %lu %*d %*d %*d %lu %lu", &mode, &size,
               &nattch, &uid, &gid, &cuid, &cgid, &rss, &swap);
        seen = strcspn(line, "\n");
        say("     %lu characters: mode %o size %lu nattch %lu uid %lu gid %lu cuid %lu cgid %lu "
            "rss %lu swap %lu",
            seen, mode, size, nattch, uid, gid, cuid, cgid, rss, swap);
}

static void describing(void)
{
        struct shmid s;

        scene("shmctl: IPC_STAT, IPC_SET");
        memset(&s, 0xff, sizeof(s));
        step(raw_call(NR_shmctl, id, STAT, &s), "IPC_STAT");
        say("     key %x uid %u gid %u cuid %u cgid %u mode %o size %lu nattch %lu", s.perm.key,
            s.perm.uid, s.perm.gid, s.perm.cuid, s.perm.cgid, s.perm.mode, (long)s.size,
            (long)s.nattch);
        say("     never attached: atime %ld dtime %ld lpid %d", (long)s.atime, (long)s.dtime,
            s.lpid);
        check(s.cpid == getpid(), "made by this process");
        check(s.perm.seq == id / 32768, "sequence number");
        check(s.ctime > 1700000000, "made some time ago");
        show_line();
        s.perm.uid = 11;
        s.perm.gid = 12;
        s.perm.mode = 07707;
        step(raw_call(NR_shmctl, id, SET, &s), "IPC_SET");
        step(raw_call(NR_shmctl, id, STAT, &s), "IPC_STAT");
        say("     uid %u gid %u cuid %u cgid %u mode %o", s.perm.uid, s.perm.gid, s.perm.cuid,
            s.perm.cgid, s.perm.mode);
        s.perm.uid = ~0u;
        step(raw_call(NR_shmctl, id, SET, &s), "IPC_SET of no user");
        check(raw_call(NR_shmctl, id % 32768, SHM_STAT_, &s) == id, "SHM_STAT by slot");
        check(raw_call(NR_shmctl, id % 32768, STAT_ANY, &s) == id, "SHM_STAT_ANY by slot");
        step(raw_call(NR_shmctl, 32767, SHM_STAT_, &s), "SHM_STAT of an empty slot");
}

static void bad_calls(void)
{
        struct shmid s;

        scene("shmctl: what it refuses");
        step(raw_call(NR_shmctl, -1, STAT, &s), "number -1");
        step(raw_call(NR_shmctl, id + 32768, STAT, &s), "another sequence number");
        step(raw_call(NR_shmctl, 32767, RMID, 0), "a number that is not there");
        step(raw_call(NR_shmctl, id, 99, &s), "command 99");
        step(raw_call(NR_shmctl, id, -1, &s), "command -1");
        step(raw_call(NR_shmctl, id, STAT, 8), "IPC_STAT to nowhere");
        step(raw_call(NR_shmctl, id, SET, 8), "IPC_SET from nowhere");
        step(raw_call(NR_shmctl, 32767, SET, 8), "the same, of a number that is not there");
        step(raw_call(NR_shmctl, 32767, STAT, 8), "IPC_STAT to nowhere, of that number");
        step(raw_call(NR_shmctl, -1, INFO, &s), "IPC_INFO of number -1");
        step(raw_call(NR_shmctl, 0, INFO, 8), "IPC_INFO to nowhere");
        step(raw_call(NR_shmctl, 0, SHM_INFO_, 8), "SHM_INFO to nowhere");
        step(raw_call(NR_shmctl, 32767, LOCK, 0), "SHM_LOCK of a number that is not there");
        step(raw_call(NR_shmat, -1, 0, 0), "shmat of -1");
        step(raw_call(NR_shmat, 32767, 0, 0), "shmat of a number that is not there");
        step(raw_call(NR_shmat, 32767, 1, 0), "the same at an odd address");
}

static void limits(void)
{
        static const char *const files[] = { "shmmax", "shmall", "shmmni" };
        unsigned long info[9] = { 0 }, more[6] = { 0 }, before[6] = { 0 };
        char path[64], text[64];
        int extra;

        scene("limits and totals");
        for (int i = 0; i < 3; i++) {
                snprintf(path, sizeof(path), "/proc/sys/kernel/%s", files[i]);
                if (read_file(path, text, sizeof(text)) > 0)
                        say("     %s %.*s", files[i], (int)strcspn(text, "\n"), text);
        }
        check(raw_call(NR_shmctl, 0, INFO, info) >= id % 32768, "IPC_INFO gives the highest slot");
        say("     shmmax %lu shmmin %lu shmmni %lu shmseg %lu shmall %lu", info[0], info[1],
            info[2], info[3], info[4]);
        raw_call(NR_shmctl, 0, SHM_INFO_, before);
        extra = segment(5);
        check(raw_call(NR_shmctl, 0, SHM_INFO_, more) >= extra % 32768, "SHM_INFO likewise");
        say("     one of 5 pages more: segments %d pages %lu resident %lu",
            (int)more[0] - (int)before[0], more[1] - before[1], more[2] - before[2]);
        attach(extra, 0, 0);
        stamp(0, 2, 'a');
        raw_call(NR_shmctl, 0, SHM_INFO_, more);
        say("     two of them written: resident %lu swapped %lu", more[2] - before[2], more[3]);
        detach(0);
        raw_call(NR_shmctl, extra, RMID, 0);
        raw_call(NR_shmctl, 0, SHM_INFO_, more);
        say("     and removed: segments %d pages %lu resident %lu", (int)more[0] - (int)before[0],
            more[1] - before[1], more[2] - before[2]);
}

static void as_nobody(void)
{
        struct shmid s;
        int mine;

        if (setgid(77) || setuid(78))
                _exit(96);
        step(raw_call(NR_shmget, KEY, 0, 0600), "shmget for reading and writing");
        step(raw_call(NR_shmget, KEY, 0, 0) - id, "shmget for nothing, less the number");
        step(raw_call(NR_shmctl, id, STAT, &s), "IPC_STAT");
        step(raw_call(NR_shmctl, id % 32768, SHM_STAT_, &s), "SHM_STAT");
        step(raw_call(NR_shmctl, id % 32768, STAT_ANY, &s) - id, "SHM_STAT_ANY, less the number");
        step(raw_call(NR_shmat, id, at(40), 0), "shmat");
        step(raw_call(NR_shmat, id, at(40), RDONLY), "shmat, SHM_RDONLY");
        step(raw_call(NR_shmctl, id, SET, &s), "IPC_SET");
        step(raw_call(NR_shmctl, id, RMID, 0), "IPC_RMID");
        step(raw_call(NR_shmctl, id, LOCK, 0), "SHM_LOCK");
        step(raw_call(NR_shmctl, id, UNLOCK, 0), "SHM_UNLOCK");
        mine = segment(4);
        step(raw_call(NR_shmctl, mine, LOCK, 0), "SHM_LOCK of its own");
        show_attached(mine);
        step(raw_call(NR_shmctl, mine, RMID, 0), "IPC_RMID of its own");
}

static void as_group(void)
{
        unsigned group = 12;

        if (raw_call(NR_setgroups, 1, &group) || setgid(77) || setuid(78))
                _exit(96);
        step(raw_call(NR_shmget, KEY, 0, 0040) - id, "shmget for reading, less the number");
        step(raw_call(NR_shmget, KEY, 0, 0020), "shmget for writing");
        step_text(place_name(raw_call(NR_shmat, id, at(40), RDONLY)), "shmat, SHM_RDONLY");
        step(raw_call(NR_shmat, id, at(44), RDONLY | EXEC), "shmat, SHM_RDONLY, SHM_EXEC");
        step(raw_call(NR_shmat, id, at(44), 0), "shmat");
}

static void as_owner(void)
{
        if (setgid(77) || setuid(11))
                _exit(96);
        step_text(place_name(raw_call(NR_shmat, id, at(40), 0)), "shmat");
        step(raw_call(NR_shmctl, id, LOCK, 0), "SHM_LOCK");
        step(raw_call(NR_shmctl, id, UNLOCK, 0), "SHM_UNLOCK");
}

static void locking_limit(void)
{
        struct rlimit none = { 0, 0 }, few = { 6 * PAGE, 6 * PAGE };
        int a, b;

        if (setrlimit(RLIMIT_MEMLOCK, &few) || setgid(77) || setuid(79))
                _exit(96);
        a = segment(4);
        b = segment(3);
        step(raw_call(NR_shmctl, a, LOCK, 0), "4 pages of 6");
        step(raw_call(NR_shmctl, b, LOCK, 0), "3 more");
        step(raw_call(NR_shmctl, a, LOCK, 0), "the 4 again");
        step(raw_call(NR_shmctl, a, UNLOCK, 0), "unlocked");
        step(raw_call(NR_shmctl, b, LOCK, 0), "the 3");
        setrlimit(RLIMIT_MEMLOCK, &none);
        step(raw_call(NR_shmctl, b, LOCK, 0), "with a limit of 0");
        step(raw_call(NR_shmctl, b, UNLOCK, 0), "unlocking with a limit of 0");
        raw_call(NR_shmctl, a, RMID, 0);
        raw_call(NR_shmctl, b, RMID, 0);
}

static void rights(void)
{
        struct shmid s;

        scene("permissions");
        raw_call(NR_shmctl, id, STAT, &s);
        s.perm.uid = 11;
        s.perm.gid = 12;
        s.perm.mode = 0640;
        step(raw_call(NR_shmctl, id, SET, &s), "uid 11, gid 12, mode 640");
        in_child(as_nobody, "somebody else");
        in_child(as_group, "one of the group");
        in_child(as_owner, "the owner");
        in_child(locking_limit, "limits on locked memory");
}

static void forget(void)
{
        scene("removed segments");
        attach(id, 0, 0);
        step(raw_call(NR_shmctl, id, RMID, 0), "IPC_RMID while it is attached");
        show_attached(id);
        step(raw_call(NR_shmget, KEY, 0, 0), "by its key");
        attach(id, 4, 0);
        show_mapping(4);
        show_attached(id);
        detach(0);
        show_attached(id);
        detach(4);
        show_attached(id);
        step(raw_call(NR_shmat, id, at(0), 0), "shmat");
}

void segments(void)
{
        sizes();
        keys();
        describing();
        bad_calls();
        limits();
        rights();
        forget();
}
