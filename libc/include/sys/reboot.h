/* SPDX-License-Identifier: MIT */
/* reboot(2). */
#ifndef _SYS_REBOOT_H
#define _SYS_REBOOT_H

#include <sys/cdefs.h>

#define RB_AUTOBOOT    0x01234567
#define RB_HALT_SYSTEM ((int)0xcdef0123)
#define RB_ENABLE_CAD  ((int)0x89abcdef)
#define RB_DISABLE_CAD 0
#define RB_POWER_OFF   0x4321fedc

__BEGIN_DECLS
int reboot(int how);
__END_DECLS

#endif
