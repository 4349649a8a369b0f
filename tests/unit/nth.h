/* SPDX-License-Identifier: MIT */
/*
 * Every allocation of a call fails once: the first, the second, the third,
 * until the call needs no more. After each failure everything must be as it
 * was.
 *
 * A scenario is a row of a table: what is there before (a strip, some steps),
 * and one call. Steps are calls too. Pages are numbered from ARENA. What counts
 * as everything is nth_state.h's.
 *
 * Where Linux itself leaves something behind when it runs out of memory
 * halfway, and the program can see it, so does mm/; such a row says what
 * (NTH_LEAVES_*) and why.
 */
#ifndef TESTS_UNIT_NTH_H
#define TESTS_UNIT_NTH_H

#include "kernel/base/abi/madvise.h"
#include "mm/object.h"
#include "tests/unit/strip.h"

/* A step names the fields that matter to it; the others are 0. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

#define RW       (PROT_READ | PROT_WRITE)
#define ANYWHERE (~0u) /* a page number: the kernel chooses the address */

/* Pages at the first multiples of 2 MiB and 1 GiB above ARENA, and how many
 * each has. */
#define PMD_PAGES 512u
#define PUD_FIRST 0x30000u
#define PUD_PAGES 0x40000u

enum nth_what {
        NTH_NOTHING,
        NTH_MAP, /* page, n, prot, flags (but for MAP_FIXED and MAP_ANONYMOUS), file,
                    offset */
        NTH_UNMAP,
        NTH_PROTECT, /* prot */
        NTH_REMAP,   /* page, n -> to, m, flags */
        NTH_BRK,     /* the break goes n pages above its start; it starts at `page` */
        NTH_ADVISE,  /* advice */
        NTH_LOCK,
        NTH_LOCK_ONFAULT,
        NTH_UNLOCK,
        NTH_LOCK_ALL, /* flags: MCL_* */
        NTH_SEAL,
        NTH_STORE, /* every `step`th page (0: each) of the range */
        NTH_LOAD,
        NTH_POKE,       /* as a debugger, through protection */
        NTH_REMAP_FILE, /* offset */
        NTH_FORK,       /* the child is there for later steps */
        NTH_FORK_AGAIN, /* a grandchild, which ends at once */
        NTH_CHILD_ENDS,
        NTH_CREATE,     /* one more address space, which ends at once */
        NTH_FILE_WRITE, /* page, n: of the file */
        NTH_FILE_TRUNCATE,
        NTH_FILE_PUNCH,
        NTH_FILE_ALLOCATE,
        NTH_POOL,          /* of hugetlb memory: n pages, and m that may come besides */
        NTH_STACK,         /* the process's stack: n pages, its lowest at `page` */
        NTH_UFFD_REGISTER, /* prot: VM_UFFD_*; flags: features, at the first one */
        NTH_UFFD_UNREGISTER,
        NTH_UFFD_FILL, /* flags: enum uffd_fill_kind */
        NTH_UFFD_PROTECT,
        NTH_UFFD_MOVE, /* page, n -> to */
};

enum nth_file {
        NTH_NO_FILE,
        NTH_MEMFD,   /* shared memory, charged page by page */
        NTH_REGULAR, /* counts as RssFile */
        NTH_ZERO,    /* /dev/zero */
        NTH_FILES
};

struct nth_step {
        enum nth_what what;
        unsigned page, n;
        unsigned to, m;
        u64 prot, flags;
        enum nth_file file;
        unsigned offset; /* pages */
        int advice;
        unsigned step;
        bool by_child;
};

/* What a failure may leave. */
#define NTH_LEAVES_TABLES 0x1u  /* page tables made on the way; VmPTE shows them */
#define NTH_LEAVES_ANON   0x2u  /* an anon_vma for a VMA that had none */
#define NTH_LEAVES_RDONLY 0x4u  /* private entries that cannot be written without a fault */
#define NTH_LEAVES_PARTS  0x8u  /* the VMAs or pages before the failure are done */
#define NTH_SWALLOWS      0x10u /* and success is reported all the same */

#define NTH_STEPS 8

struct nth_scenario {
        const char *name;
        /* Memory of every kind in turn: the scenario is one for each. */
        unsigned kind_page, kind_n;
        const char *strip;
        struct nth_step before[NTH_STEPS];
        struct nth_step call;
        int fails;       /* the errno of a failed allocation; 0: -ENOMEM */
        int fails_later; /* the same, in what is done when the call proper is; 0: no
                            other */
        int ends;        /* the result when no allocation fails; 0: success */
        unsigned leaves;
        const char *why; /* that it leaves this */
};

struct nth_table {
        const struct nth_scenario *rows;
        unsigned nr;
};

extern const struct nth_table nth_remap_table, nth_map_table, nth_change_table, nth_fault_table,
        nth_object_table, nth_uffd_table, nth_huge_table, nth_hugetlb_table;

/* The address spaces and files of one scenario. */
struct nth_world {
        struct mm *mm, *child;
        struct uffd *uffd; /* nobody reads its messages: a pending signal lets producers go */
        struct backing *files[NTH_FILES];
        const struct mm_caller *who; /* makes the calls; NULL: root without limits */
};

/* A kind of memory: a phrase for the name, and the steps that make it, of pages
 * 0 .. 1. */
struct nth_kind {
        const char *phrase;
        struct nth_step steps[3]; /* page and n are those of the scenario, unless n is given */
};

/* `fn` for every scenario of every table; for each kind of memory in turn where it takes one. */
void nth_each(void (*fn)(const struct nth_scenario *row, const struct nth_kind *kind));

/* Result of one step: 0 or what the call returned; -ENOMEM for a fault without
 * memory. */
s64 nth_step_run(struct nth_world *world, const struct nth_step *step);

/* What is there before the call. Panics if that is not to be had. */
void nth_world_build(struct nth_world *world, const struct nth_scenario *row,
                     const struct nth_kind *kind);
void nth_world_end(struct nth_world *world);

#endif
