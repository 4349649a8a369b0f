/* SPDX-License-Identifier: MIT */
/* The calls that are made on the model: all there are for a number of pages, and as text. */
#ifndef TESTS_MODEL_CALL_H
#define TESTS_MODEL_CALL_H

#include "tests/model/ref.h"

/* What a set of calls contains. munmap, mmap of private memory, and writes are always there. */
enum call_features {
        CALLS_PROTECT = 1, /* mprotect to read-only, to read-write */
        CALLS_REMAP = 2,   /* mremap that moves, grows, shrinks */
        CALLS_DONTUNMAP = 4,
        CALLS_FORK = 8,
        CALLS_LOCK = 16,   /* mlock, munlock, MAP_LOCKED */
        CALLS_SHARED = 32, /* MAP_SHARED, duplicates by mremap of nothing */
        CALLS_ADVISE = 64, /* DONTNEED, DONTFORK, DOFORK */
        CALLS_KINDS = 128, /* mappings that begin read-only or populated */
        CALLS_NORESERVE = 256,
        CALLS_NONE = 512, /* mprotect to nothing, with PROTECT */
        CALLS_ALL = 1023
};

#define CALLS_MAX 4096

/* All calls with these features on an arena of `pages` pages; their number. */
unsigned call_set(unsigned pages, unsigned features, struct ref_call *calls);

/* "mprotect 1-3 r"; valid until the next call but three. */
const char *call_text(const struct ref_call *call);
/* A result: "page 2", "0", "ENOMEM", "SIGSEGV 1"; the same. */
const char *call_result_text(int result);

/* "protect,remap" or "all"; 0: there is no such feature. */
unsigned call_features(const char *names);

#endif
