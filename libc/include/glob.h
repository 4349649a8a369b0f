/* SPDX-License-Identifier: MIT */
/* newlib's <glob.h> with what POSIX has besides: a backslash quotes, and no match is an answer. */
#ifndef TERRANE_GLOB_H
#define TERRANE_GLOB_H

#include <sys/types.h>
#include_next <glob.h>

#define GLOB_NOESCAPE 0x2000
#define GLOB_NOMATCH  (-3)
#define GLOB_ABORTED  GLOB_ABEND

#endif
