/* SPDX-License-Identifier: MIT */
/* newlib's <stdio.h> and the calls that Linux programs find there besides. */
#ifndef TERRANE_STDIO_H
#define TERRANE_STDIO_H

#include_next <stdio.h>

#define RENAME_NOREPLACE 1
#define RENAME_EXCHANGE  2
#define RENAME_WHITEOUT  4

__BEGIN_DECLS
ssize_t getline(char **line, size_t *len, FILE *f);
ssize_t getdelim(char **line, size_t *len, int end, FILE *f);
int renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags);
__END_DECLS

#endif
