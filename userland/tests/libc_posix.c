/* SPDX-License-Identifier: MIT */
/* Files, directories, patterns, processes and time through the C library. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <glob.h>
#include <libgen.h>
#include <limits.h>
#include <poll.h>
#include <regex.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <wordexp.h>

#include "lib/expect.h"
#include "lib/transcript.h"

#define DIR_NAME "/tmp/libc_posix"

static void make(const char *name, const char *text)
{
        int fd = open(name, O_CREAT | O_WRONLY | O_TRUNC, 0644);

        if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text) || close(fd) != 0)
                expect(0, "make %s", name);
}

static void files(void)
{
        struct stat st, st2;
        char buf[64];
        struct iovec iov[2] = { { buf, 3 }, { buf + 8, 8 } };
        int fd;

        scene("files");
        expect(mkdir(DIR_NAME, 0755) == 0 && chdir(DIR_NAME) == 0, "mkdir, chdir");
        make("b.txt", "hello world");
        make("a.txt", "");
        make("c.c", "");
        expect(stat("b.txt", &st) == 0 && S_ISREG(st.st_mode) && st.st_size == 11 &&
                       (st.st_mode & 07777) == 0644 && st.st_nlink == 1,
               "stat");
        expect(link("b.txt", "d") == 0 && stat("d", &st2) == 0 && st2.st_ino == st.st_ino &&
                       st2.st_nlink == 2,
               "link");
        expect(symlink("b.txt", "s") == 0 && lstat("s", &st) == 0 && S_ISLNK(st.st_mode) &&
                       readlink("s", buf, sizeof(buf)) == 5,
               "symlink, readlink");
        expect(rename("d", "e") == 0 && access("d", F_OK) == -1 && errno == ENOENT, "rename");
        expect(unlink("e") == 0 && unlink("e") == -1 && errno == ENOENT, "unlink");
        fd = open("b.txt", O_RDWR);
        expect(pread(fd, buf, 5, 6) == 5 && memcmp(buf, "world", 5) == 0 &&
                       lseek(fd, 0, SEEK_CUR) == 0,
               "pread");
        expect(readv(fd, iov, 2) == 11 && memcmp(buf, "hel", 3) == 0 &&
                       memcmp(buf + 8, "lo world", 8) == 0,
               "readv");
        expect(ftruncate(fd, 5) == 0 && fstat(fd, &st) == 0 && st.st_size == 5, "ftruncate");
        expect(fcntl(fd, F_GETFL) == (O_RDWR | O_LARGEFILE) ||
                       (fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDWR,
               "F_GETFL");
        expect(fcntl(fd, F_DUPFD_CLOEXEC, 100) == 100 && fcntl(100, F_GETFD) == FD_CLOEXEC &&
                       close(100) == 0,
               "F_DUPFD_CLOEXEC");
        close(fd);
        expect(open("none", O_RDONLY) == -1 && errno == ENOENT, "ENOENT");
        expect(open("b.txt", O_DIRECTORY) == -1 && errno == ENOTDIR, "ENOTDIR");
        expect(open("b.txt", O_CREAT | O_EXCL, 0600) == -1 && errno == EEXIST, "EEXIST");
        expect(open("s", O_NOFOLLOW) == -1 && errno == ELOOP, "ELOOP");
        expect(rmdir(DIR_NAME) == -1 && errno == ENOTEMPTY, "ENOTEMPTY");
        expect(fstatat(AT_FDCWD, "s", &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode),
               "fstatat");
        expect(chmod("a.txt", 0600) == 0 && stat("a.txt", &st) == 0 && (st.st_mode & 07777) == 0600,
               "chmod");
}

static int only_txt(const struct dirent *entry)
{
        return fnmatch("*.txt", entry->d_name, 0) == 0;
}

static void directories(void)
{
        struct dirent **list, *entry;
        char path[PATH_MAX], *dyn;
        DIR *dir = opendir(".");
        int n = 0, dots = 0;
        long where;

        scene("directories");
        while ((entry = readdir(dir)) != NULL) {
                dots += entry->d_name[0] == '.';
                n++;
        }
        expect(n == 6 && dots == 2, "readdir");
        rewinddir(dir);
        readdir(dir);
        where = telldir(dir);
        entry = readdir(dir);
        strcpy(path, entry->d_name);
        readdir(dir);
        seekdir(dir, where);
        entry = readdir(dir);
        expect(entry && strcmp(entry->d_name, path) == 0, "telldir, seekdir");
        expect(closedir(dir) == 0, "closedir");
        n = scandir(".", &list, only_txt, alphasort);
        expect(n == 2 && strcmp(list[0]->d_name, "a.txt") == 0 &&
                       strcmp(list[1]->d_name, "b.txt") == 0,
               "scandir");
        expect(opendir("b.txt") == NULL && errno == ENOTDIR, "opendir of a file");
        expect_text(getcwd(path, sizeof(path)), DIR_NAME, "getcwd");
        expect(getcwd(path, 3) == NULL && errno == ERANGE, "into 3 bytes: ERANGE");
        dyn = realpath("../libc_posix/./s", NULL);
        expect_text(dyn ? dyn : "", DIR_NAME "/b.txt", "realpath");
        expect(realpath("none/x", path) == NULL && errno == ENOENT, "of nothing: ENOENT");
        symlink("loop", "loop");
        expect(realpath("loop", path) == NULL && errno == ELOOP, "of a loop: ELOOP");
        unlink("loop");
        strcpy(path, "/usr/lib/x");
        expect_text(basename(path), "x", "basename");
}

static void patterns(void)
{
        regmatch_t m[3];
        regex_t re;
        wordexp_t w;
        glob_t g;

        scene("patterns");
        expect(glob("*.txt", 0, NULL, &g) == 0 && g.gl_pathc == 2 &&
                       strcmp(g.gl_pathv[0], "a.txt") == 0,
               "glob");
        globfree(&g);
        expect(glob("*.none", 0, NULL, &g) == GLOB_NOMATCH, "GLOB_NOMATCH");
        expect(fnmatch("[a-c]?*.t[!y]t", "b12.txt", 0) == 0 &&
                       fnmatch("*", "a/b", FNM_PATHNAME) == FNM_NOMATCH,
               "fnmatch");
        expect(regcomp(&re, "^([a-z]+)=([0-9]{2,3})$", REG_EXTENDED) == 0, "regcomp");
        expect(regexec(&re, "size=123", 3, m, 0) == 0 && m[1].rm_eo == 4 && m[2].rm_so == 5,
               "regexec");
        expect(regexec(&re, "size=1", 0, NULL, 0) == REG_NOMATCH, "REG_NOMATCH");
        regfree(&re);
        expect(regcomp(&re, "(", REG_EXTENDED) != 0, "a bad expression");
        setenv("WORDS", "one two", 1);
        expect(wordexp("a$WORDS \"$WORDS\" '$x' *.txt '*.txt' no*thing b\\ c", &w, WRDE_NOCMD) ==
                               0 &&
                       w.we_wordc == 9 && strcmp(w.we_wordv[0], "aone") == 0 &&
                       strcmp(w.we_wordv[2], "one two") == 0 && strcmp(w.we_wordv[3], "$x") == 0 &&
                       strcmp(w.we_wordv[5], "b.txt") == 0 && strcmp(w.we_wordv[6], "*.txt") == 0 &&
                       strcmp(w.we_wordv[8], "b c") == 0,
               "wordexp");
        wordfree(&w);
        expect(wordexp("a | b", &w, 0) == WRDE_BADCHAR && wordexp("\"a", &w, 0) == WRDE_SYNTAX &&
                       wordexp("$(x)", &w, WRDE_NOCMD) == WRDE_CMDSUB,
               "and what it refuses");
}

static int set_to_seven(void *arg)
{
        *(int *)arg = 7;
        return 8;
}

static void processes(void)
{
        char *argv[] = { "true", "child", NULL }, buf[32] = "";
        int fds[2], status;
        posix_spawn_file_actions_t actions;
        siginfo_t info;
        pid_t pid;

        scene("processes");
        pid = fork();
        if (pid == 0)
                _exit(3);
        expect(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) == 0 && info.si_status == 3 &&
                       info.si_code == CLD_EXITED,
               "waitid");
        expect(waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 3, "waitpid");
        expect(waitpid(-1, &status, 0) == -1 && errno == ECHILD, "no child: ECHILD");
        pid = vfork();
        if (pid == 0)
                _exit(4);
        waitpid(pid, &status, 0);
        expect(WIFEXITED(status) && WEXITSTATUS(status) == 4, "vfork");
        expect(execv("/nonexistent", argv) == -1 && errno == ENOENT, "execv of nothing");
        expect(execvp("nonexistent-program", argv) == -1 && errno == ENOENT, "execvp of nothing");
        pipe(fds);
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, fds[1], 1);
        expect(posix_spawn(&pid, "/proc/self/exe", &actions, NULL, argv, environ) == 0,
               "posix_spawn");
        close(fds[1]);
        waitpid(pid, &status, 0);
        expect(read(fds[0], buf, sizeof(buf)) == 9 && WIFEXITED(status) && WEXITSTATUS(status) == 6,
               "the child has written and ended");
        close(fds[0]);
        expect(posix_spawn(&pid, "/nonexistent", NULL, NULL, argv, environ) == ENOENT,
               "posix_spawn of nothing");
        posix_spawn_file_actions_destroy(&actions);
        {
                static char stack[65536] __attribute__((aligned(16)));
                int seen = 0;

                pid = clone(set_to_seven, stack + sizeof(stack), CLONE_VM | SIGCHLD, &seen);
                waitpid(pid, &status, 0);
                expect(seen == 7 && WIFEXITED(status) && WEXITSTATUS(status) == 8, "clone");
        }
}

static void waiting(void)
{
        struct timeval none = { 0, 0 };
        struct pollfd p;
        eventfd_t value;
        int fds[2], n = 0;
        fd_set set;

        scene("waiting");
        pipe2(fds, O_CLOEXEC | O_NONBLOCK);
        p = (struct pollfd){ .fd = fds[0], .events = POLLIN };
        expect(poll(&p, 1, 0) == 0, "poll: nothing");
        expect(write(fds[1], "abc", 3) == 3 && poll(&p, 1, 0) == 1 && p.revents == POLLIN,
               "poll: something");
        FD_ZERO(&set);
        FD_SET(fds[0], &set);
        expect(select(fds[0] + 1, &set, NULL, NULL, &none) == 1 && FD_ISSET(fds[0], &set),
               "select");
        expect(ioctl(fds[0], FIONREAD, &n) == 0 && n == 3, "FIONREAD");
        close(fds[1]);
        expect(poll(&p, 1, 0) == 1 && p.revents == (POLLIN | POLLHUP), "poll: the end");
        close(fds[0]);
        fds[0] = eventfd(5, 0);
        expect(eventfd_read(fds[0], &value) == 0 && value == 5, "eventfd");
        close(fds[0]);
        expect(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0 && write(fds[0], "x", 1) == 1,
               "socketpair");
        close(fds[0]);
        close(fds[1]);
        expect(isatty(0) == 0 && errno == ENOTTY, "isatty of no terminal");
}

static void the_rest(void)
{
        struct timespec ts, ts2, res;
        struct utsname u;
        struct rlimit limit;
        struct rusage usage;
        unsigned char bytes[16] = { 0 };
        struct tm tm = { .tm_year = 100, .tm_mon = 1, .tm_mday = 29, .tm_hour = 12 };
        char text[64];
        time_t t;

        scene("time and machine");
        t = timegm(&tm);
        expect(t == 951825600 && tm.tm_wday == 2 && tm.tm_yday == 59, "timegm");
        t = 0;
        strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S %a %b", gmtime(&t));
        expect_text(text, "1970-01-01 00:00:00 Thu Jan", "strftime");
        clock_gettime(CLOCK_MONOTONIC, &ts);
        usleep(2000);
        clock_gettime(CLOCK_MONOTONIC, &ts2);
        expect((ts2.tv_sec - ts.tv_sec) * 1000000000L + ts2.tv_nsec - ts.tv_nsec >= 2000000,
               "2 ms of sleep are 2 ms at least");
        expect(clock_getres(CLOCK_MONOTONIC, &res) == 0 && res.tv_sec == 0, "clock_getres");
        expect(clock_gettime(99, &ts) == -1 && errno == EINVAL, "clock 99: EINVAL");
        expect(uname(&u) == 0 && strcmp(u.machine, "x86_64") == 0, "uname");
        expect(sysconf(_SC_PAGESIZE) == 4096 && getpagesize() == 4096 &&
                       getauxval(AT_PAGESZ) == 4096,
               "pages of 4096 bytes");
        expect(getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur > 0, "getrlimit");
        expect(getrusage(RUSAGE_SELF, &usage) == 0 && usage.ru_maxrss > 0, "getrusage");
        expect(getrandom(bytes, sizeof(bytes), 0) == 16, "getrandom");
        expect(memfd_create("x", MFD_CLOEXEC) >= 0, "memfd_create");
}

static void tidy(void)
{
        scene("tidying up");
        expect(chdir("/tmp") == 0 && unlink(DIR_NAME "/a.txt") == 0 &&
                       unlink(DIR_NAME "/b.txt") == 0 && unlink(DIR_NAME "/c.c") == 0 &&
                       unlink(DIR_NAME "/s") == 0 && rmdir(DIR_NAME) == 0,
               "all is removed");
}

int main(int argc, char **argv)
{
        if (argc == 2 && strcmp(argv[1], "child") == 0) {
                printf("spawned %c", '!');
                return fflush(stdout) == 0 ? 6 : 1;
        }
        files();
        directories();
        patterns();
        processes();
        waiting();
        the_rest();
        tidy();
        return expect_result();
}
