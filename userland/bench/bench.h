/* SPDX-License-Identifier: MIT */
/*
 * bench: what operations cost, counted by the time-stamp counter. In a guest under
 * `-icount shift=0,sleep=off` a tick is an instruction, of program and kernel together; on a real
 * machine it is nothing to compare, and --native asks the clock for nanoseconds instead.
 *
 * An operation is a row of a table. Its functions are called in this order:
 *
 *      begin
 *      once a repeat: setup, run (this is what is measured), undo
 *      end
 *
 * Each may be NULL, but for `run`. They end the program with a sentence if what they need fails,
 * except `run`, which returns an errno: then the kernel does not have this operation.
 */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <stddef.h>
#include <stdint.h>

#define PAGE 4096UL
#define KIB  1024UL
#define MIB  (1024 * KIB)
#define GIB  (1024 * MIB)

/* Two stretches of address space that nothing else uses, aligned to the spans of upper tables. */
#define PLACE_A 0x100000000000UL
#define PLACE_B 0x180000000000UL

struct op {
        const char *name, *what;
        const char *family; /* of operations that differ in n alone, or NULL */
        unsigned long n;    /* bytes or mappings, as `what` says; 0: neither */
        unsigned units;     /* operations in one run */
        void (*begin)(const struct op *op);
        void (*setup)(const struct op *op);
        int (*run)(const struct op *op);
        void (*undo)(const struct op *op);
        void (*end)(const struct op *op);
};

struct op_table {
        const struct op *ops;
        size_t nr;
};

extern const struct op_table call_ops, process_ops, map_ops, fault_ops, move_ops, many_ops;

/* End the program: what could not be done, and errno. */
_Noreturn void bench_failed(const char *what);

/* Memory at a place; with pages, if `populate`. */
void bench_map(unsigned long place, unsigned long bytes, int populate);
void bench_unmap(unsigned long place, unsigned long bytes);

/* `pages` mappings of one page each, side by side: every second one is read-only. */
void bench_stripes(unsigned long place, unsigned long pages, int populate);

/* Print what memory there is, and what the kernel takes of it for things. */
void bench_ram(void);
void bench_memory(void);

/* For begin: raise vm.max_map_count if it is lower. */
void bench_raise_map_count(unsigned long count);

#define bench_table(ops)                       \
        {                                      \
                ops, sizeof(ops) / sizeof *ops \
        }

#endif
