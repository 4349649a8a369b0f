/* SPDX-License-Identifier: MIT */
/* Reading directories. struct dirent is the kernel's linux_dirent64. */
#ifndef _DIRENT_H_
#define _DIRENT_H_

#include <sys/cdefs.h>
#include <sys/types.h>

#define DT_UNKNOWN 0
#define DT_FIFO    1
#define DT_CHR     2
#define DT_DIR     4
#define DT_BLK     6
#define DT_REG     8
#define DT_LNK     10
#define DT_SOCK    12
#define DT_WHT     14

#define MAXNAMLEN 4096 /* newlib's own sources take this for the length of a path */

struct dirent {
        ino_t d_ino;
        off_t d_off;
        unsigned short d_reclen;
        unsigned char d_type;
        char d_name[256];
};

typedef struct terrane_dir DIR;

#define IFTODT(mode) (((mode)&0170000) >> 12)
#define DTTOIF(type) ((type) << 12)

__BEGIN_DECLS
DIR *opendir(const char *name);
DIR *fdopendir(int fd);
int closedir(DIR *dir);
struct dirent *readdir(DIR *dir);
int readdir_r(DIR *__restrict dir, struct dirent *__restrict entry,
              struct dirent **__restrict result);
void rewinddir(DIR *dir);
void seekdir(DIR *dir, long where);
long telldir(DIR *dir);
int dirfd(DIR *dir);
int scandir(const char *name, struct dirent ***list, int (*select)(const struct dirent *),
            int (*compare)(const struct dirent **, const struct dirent **));
int alphasort(const struct dirent **a, const struct dirent **b);
/* The system call: bytes filled, 0 at the end. */
ssize_t getdents64(int fd, void *buf, size_t len);
__END_DECLS

#endif
