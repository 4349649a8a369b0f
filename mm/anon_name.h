/* SPDX-License-Identifier: MIT */
/*
 * Names for anonymous memory (PR_SET_VMA_ANON_NAME), which /proc/PID/maps shows. Off unless the
 * kernel's command line says so: mm_sysctl.anon_names.
 *
 * A name belongs to a VMA and goes where the VMA goes; VMAs whose names differ do not merge. A name
 * is counted and never changes, so that split VMAs and children share it. NULL is no name; the
 * empty name is one.
 *
 * Only memory without a file can be named: private, or shared memory whose object has no path.
 */
#ifndef MM_ANON_NAME_H
#define MM_ANON_NAME_H

#include "kernel/base/refcount.h"
#include "mm/mm.h"

struct anon_name {
        struct refcount users;
        char text[MM_ANON_NAME_MAX]; /* [I] with its NUL */
};

/* The same name with one more user; NULL for NULL. */
struct anon_name *anon_name_get(struct anon_name *name);
void anon_name_put(struct anon_name *name);

bool anon_name_same(const struct anon_name *a, const struct anon_name *b);

#endif
