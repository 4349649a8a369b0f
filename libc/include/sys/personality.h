/* SPDX-License-Identifier: MIT */
/* personality(2). */
#ifndef _SYS_PERSONALITY_H
#define _SYS_PERSONALITY_H

#include <sys/cdefs.h>

#define PER_LINUX          0
#define ADDR_NO_RANDOMIZE  0x0040000
#define MMAP_PAGE_ZERO     0x0100000
#define ADDR_COMPAT_LAYOUT 0x0200000
#define READ_IMPLIES_EXEC  0x0400000
#define ADDR_LIMIT_32BIT   0x0800000
#define ADDR_LIMIT_3GB     0x8000000

__BEGIN_DECLS
int personality(unsigned long persona);
__END_DECLS

#endif
