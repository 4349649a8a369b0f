/* SPDX-License-Identifier: MIT */
/* The ids that file access is checked with. */
#ifndef _SYS_FSUID_H
#define _SYS_FSUID_H

#include <sys/cdefs.h>
#include <sys/types.h>

__BEGIN_DECLS
int setfsuid(uid_t uid);
int setfsgid(gid_t gid);
__END_DECLS

#endif
