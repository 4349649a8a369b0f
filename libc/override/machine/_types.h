/* SPDX-License-Identifier: MIT */
/*
 * Widths of the system types on Linux x86-64. newlib's sys/_types.h declares what is not claimed
 * here, with widths from the sixteen-bit days; the names that newlib cannot be told to leave alone
 * (nlink_t) are declared whole, behind the same guards that its sys/types.h looks at.
 */
#ifndef _MACHINE__TYPES_H
#define _MACHINE__TYPES_H

#include <machine/_default_types.h>

#define __machine_dev_t_defined
typedef unsigned long __dev_t;
#define __machine_ino_t_defined
typedef unsigned long __ino_t;
#define __machine_uid_t_defined
typedef unsigned int __uid_t;
#define __machine_gid_t_defined
typedef unsigned int __gid_t;
#define __machine_id_t_defined
typedef unsigned int __id_t;
#define __machine_key_t_defined
typedef int __key_t;
#define __machine_fsfilcnt_t_defined
typedef unsigned long __fsfilcnt_t;
#define __machine_fsblkcnt_t_defined
typedef unsigned long __fsblkcnt_t;
#define __machine_sa_family_t_defined
typedef unsigned short __sa_family_t;
#define __machine_clockid_t_defined
#define _CLOCKID_T_ int
#define __machine_clock_t_defined
#define _CLOCK_T_ long

#define _NLINK_T_DECLARED
typedef unsigned long nlink_t;
#define _USECONDS_T_DECLARED
typedef unsigned int useconds_t;

#endif
