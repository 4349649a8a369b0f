/* SPDX-License-Identifier: MIT */
/*
 * What the kernel counts for an address space (/proc/self/mmstat), before and after something.
 */
#ifndef USERLAND_LIB_COUNTERS_H
#define USERLAND_LIB_COUNTERS_H

/* The counters as text, one "NAME NUMBER" a line; empty on a kernel that has none. */
struct counters {
        char text[2048];
};

/* Reads into a buffer of the caller's, so that asking changes as little as possible. */
void counters_read(struct counters *out);

/* Prints the counters that have changed, and by how much. */
void counters_show(const struct counters *before, const struct counters *after);

#endif
