/* SPDX-License-Identifier: MIT */
/*
 * Random calls made by real processes, and what the kernel says of them after each.
 *
 * A round is a list of calls made from a seed, and the workers that make them: processes, children
 * of vfork, processes and threads that share an address space. One worker at a time has the turn;
 * the others wait in read() for theirs, so the order of all that happens is the same on every
 * kernel. A supervisor with an address space of its own sees the workers end, and ends the round.
 *
 *      supervisor --+-- worker 0 --fork--> worker 1           all are children of the supervisor
 *                   |       |                 `--thread--> worker 2   (CLONE_PARENT), which
 *                   |       `--vfork--> worker 3                      waits for them
 *
 * What they share is in `control`, a memfd at a fixed address far from the arena, so that it also
 * outlives exec. The text of a call and of the state after it goes through put(); what is printed
 * of it is a hash of the round, a hash of each call, or the text (enum detail).
 */
#ifndef FUZZ_SAME_H
#define FUZZ_SAME_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/diff/op.h"
#include "userland/tests/lib/transcript.h"

/* Most calls keep to these pages; other windows of tests/diff/op.h are seen in maps. */
#define PAGE        OP_PAGE
#define ARENA       MAIN_WINDOW
#define ARENA_PAGES 64UL
#define ARENA_END   (ARENA + ARENA_PAGES * PAGE)

static inline bool in_arena(uint64_t addr)
{
        return addr >= ARENA && addr < ARENA_END;
}

enum call_kind {
        CALL_OP,        /* one of the stream of memory calls: `op` */
        CALL_PROBE,     /* address, pages, enum probe */
        CALL_RUN,       /* address: a RET is written there, and called */
        CALL_TO_PIPE,   /* address, length */
        CALL_FROM_PIPE, /* address, length */
        CALL_TO_FILE,   /* address, length, file, offset */
        CALL_FROM_FILE, /* address, length, file, offset */
        CALL_VECTORS,   /* place of the vectors, address, length, address, enum vectors */
        CALL_VM_READ,   /* address, length, worker */
        CALL_VM_WRITE,  /* address, length, worker */
        CALL_MEM_READ,  /* address, length, worker */
        CALL_MEM_WRITE, /* address, length, worker */
        CALL_STRUCT,    /* address, enum structs */
        CALL_SIGNAL,    /* address, length: an alternate stack */
        CALL_FORK,      /* enum fork_kind */
        CALL_VFORK,     /* */
        CALL_CLONE_VM,  /* */
        CALL_THREAD,    /* */
        CALL_SWITCH,    /* a number that chooses a worker */
        CALL_EXIT,      /* */
        CALL_EXEC,      /* */
        CALL_KINDS
};

enum probe { PROBE_READ, PROBE_WRITE, PROBE_BOTH, PROBES };
enum vectors { VECTORS_WRITE, VECTORS_READ, VECTORS };
enum structs { STRUCT_LIMIT, STRUCT_MASK, STRUCT_SET_MASK, STRUCT_FUTEX, STRUCT_MINCORE, STRUCTS };

struct call {
        enum call_kind kind;
        bool quiet; /* its state is not looked at before the next call is made */
        struct op op;
        uint64_t a[6];
};

enum detail { DETAIL_ROUND, DETAIL_CALLS, DETAIL_TEXT };

/* ------------------------------------------------------------------ what the workers share */

#define WORKERS   6
#define CALLS_MAX 1000
#define TEXT_MAX  49152
#define COPY_MAX  131072

enum worker_state { WORKER_FREE, WORKER_LIVE, WORKER_BLOCKED, WORKER_EXITING };

struct worker {
        enum worker_state state;
        int pid;            /* of its process: threads have that of their process */
        bool is_thread;     /* not the first thread of its process */
        unsigned creator;   /* who made it */
        bool holds_creator; /* a child of vfork: its creator goes on when it ends */
};

struct control {
        uint64_t seed;
        bool root;      /* the workers have all rights, or none */
        unsigned count; /* calls */
        unsigned next;  /* the call to be made next */
        unsigned turn;  /* whose turn it is */
        bool finished;  /* all calls are made */
        enum detail detail;
        unsigned from, to; /* with DETAIL_TEXT: these calls */
        uint64_t hash;     /* of the round so far */
        unsigned number;   /* of the call whose text is being written */
        unsigned length;   /* of the text */
        struct worker worker[WORKERS];
        char text[TEXT_MAX];
        unsigned char copy[COPY_MAX]; /* the other end of copies from and to the arena */
        struct call calls[CALLS_MAX];
};

#define control ((struct control *)0x600000000000UL)

/* Descriptors with fixed numbers, so that they are what they are in every process. */
enum {
        FD_CONTROL = 10,
        FD_DATA = 12, /* a pipe that copies go through: 12 and 13 */
        FD_FILE = 14, /* one for each of enum op_file */
        FD_TURN = 20, /* two for each worker */
        FD_FREE = 40
};

/* ------------------------------------------------------------------ text.c */

/* A call's text: begun with its number, finished by whoever has the turn then. */
void text_begin(unsigned number);
void put(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* A place in the arena as page.offset, or an address in hexadecimal. */
void put_place(uint64_t addr);
/* A result: a place, a number, or the name of an errno. */
void put_result(long result);
void put_bytes(const void *bytes, unsigned long count); /* a hash of them */
void text_end(void);

/* ------------------------------------------------------------------ user.c */

/* What an access led to: no signal, or one with what it says. */
struct fault {
        int signo, code;
        unsigned long addr, error, trap;
};

/* Prepares the worker to survive its faults: on an alternate stack of its own. */
void user_prepare(unsigned self);
struct fault user_load(uint64_t addr, unsigned char *byte);
struct fault user_store(uint64_t addr, unsigned char byte);
struct fault user_run(uint64_t addr);
void put_fault(const struct fault *fault);

/* ------------------------------------------------------------------ the calls and their state */

enum turn { TURN_KEPT, TURN_GIVEN };

/* choose.c: the calls of a round, from its seed, and with which rights they are made. */
void choose_calls(uint64_t seed, unsigned count);

/* make.c: makes one call and puts what it was and what came of it. */
enum turn make_call(unsigned self, const struct call *call);

/* copies.c: the calls that copy from and to the arena. */
void copy_call(const struct call *call);

/* workers.c: processes and threads. */
enum turn worker_call(unsigned self, const struct call *call);
void turn_wait(unsigned self);
void turn_give(unsigned to);
/* A worker's life, with the turn or waiting for it; that of the first, and that after exec. */
_Noreturn void worker_run(unsigned self, bool has_turn);
_Noreturn void worker_begin(void);
_Noreturn void worker_resume(unsigned self);
/* Maps `control`, which is FD_CONTROL. */
void control_map(void);

/* state.c: mappings, counters, pages and their contents. */
void state_base(void); /* counters are told from here on */
void state_put(void);
/* Whether some of the range is locked, or shared memory. */
bool state_is_locked(unsigned long start, unsigned long end);
bool state_is_shared(unsigned long start, unsigned long end);
struct mapping {
        unsigned long start, end, offset;
        char perms[5];
        const char *name; /* up to the end of the line */
};
/* Part of the program, its stack, or the memory that all workers share. */
bool state_is_own(const struct mapping *m);
typedef void mapping_fn(const struct mapping *m);
/* Calls fn for each mapping of the process, as they are before the first call. */
void state_each_mapping(mapping_fn *fn);

#endif
