/* SPDX-License-Identifier: MIT */
#ifndef _SYS_UTIME_H
#define _SYS_UTIME_H

#include <sys/cdefs.h>
#include <sys/types.h>

struct utimbuf {
        time_t actime;
        time_t modtime;
};

__BEGIN_DECLS
int utime(const char *path, const struct utimbuf *times);
__END_DECLS

#endif
