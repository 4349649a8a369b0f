/* SPDX-License-Identifier: MIT */
/*
 * What to pass to each system call besides the pointer that is tried. What is not said here is made
 * of the call's signature: 0 for a number, a descriptor of a memfd, memory that holds zeros, and a
 * path that does not exist.
 */
#ifndef TESTS_BADPTR_SHAPES_H
#define TESTS_BADPTR_SHAPES_H

/* Stand for what is made anew for each call. */
enum special {
        DEFAULT = -1000000,
        FD_ZERO,      /* /dev/zero */
        FD_MEMFD,     /* of two pages */
        FD_PIPE,      /* the end that is read, with data in it */
        FD_DIRECTORY, /* a directory with two files */
        FD_SELF,      /* a pidfd of the calling process */
        SELF,         /* its number */
        PATH_FILE,    /* of a file */
        PATH_LINK,    /* of a symbolic link */
        PATH_TMP,     /* "/tmp" */
        PATH_PROGRAM, /* of this program, which ends at once when it has no name */
        MEMORY,       /* a page that can be written */
};

enum rule {
        RULE_NONE = 0,
        RULE_COUNT = 1,    /* a result >= 0 is printed as it is */
        RULE_HARMFUL = 2,  /* only with addresses at which not all can be read: see reach_of() */
        RULE_CHILD = 4,    /* 0 is the child, which must end */
        RULE_ZOMBIE = 8,   /* there must be a child that has ended */
        RULE_TIMEOUT = 16, /* NULL for a time means no limit: it would wait for ever */
        RULE_UNPRIVILEGED = 32, /* without privileges: nobody has looked what it could do */
        RULE_PARTIAL = 64,      /* a count that ends at the edge is printed as =n */
};

struct shape {
        int nr;
        unsigned rules;
        long args[6];
        unsigned words[2]; /* what the valid memory begins with */
};

/* The row of a call, or one made of defaults. */
const struct shape *shape_of(int nr);

/*
 * How many bytes before an edge are tried: more than the call reads or writes there; for a harmful
 * call one less than it reads.
 */
int reach_of(int nr);

#endif
