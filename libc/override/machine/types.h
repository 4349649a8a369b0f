/* SPDX-License-Identifier: MIT */
/* What Linux programs expect of <sys/types.h> beyond newlib's own. */
#ifndef _MACHINE_TYPES_H
#define _MACHINE_TYPES_H

typedef __off_t loff_t;
typedef __off_t off64_t;
typedef __ino_t ino64_t;
typedef unsigned long u_quad_t;
typedef long quad_t;

#endif
