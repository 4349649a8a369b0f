/* SPDX-License-Identifier: MIT */
/* sendfile(2). */
#ifndef _SYS_SENDFILE_H
#define _SYS_SENDFILE_H

#include <sys/cdefs.h>
#include <sys/types.h>

__BEGIN_DECLS
ssize_t sendfile(int out, int in, off_t *offset, size_t len);
__END_DECLS

#endif
