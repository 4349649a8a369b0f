/* SPDX-License-Identifier: MIT */
/*
 * Cases about protection keys, written as scripts. Places and lengths are pages from ARENA on. Each
 * case runs in a process of its own and prints commands with their results; a line of the arena's
 * mappings with their keys ends it, and what the thread's register denies, if that is not what it
 * was at first:
 *
 *      0-2 rw- k1 | 2-3 r-x k0    1:w
 *
 *      alloc [FLAGS RIGHTS]     pkey_alloc()            free K      pkey_free()
 *      map A N PERMS [KIND]     at a fixed place        unmap A N
 *      prot A N PERMS           mprotect()              key A N PERMS K: pkey_mprotect()
 *      deny K [rw]              RDPKRU, WRPKRU: deny access, with w writing alone, with - nothing
 *      denied                   what the register denies
 *      touch A r|w|x            the signal it gives     write A [N], find A N B: as in huge_pages
 *      out A, in A              the kernel reads from there (write()), writes there (read())
 *      remote A r|w             process_vm_readv(), process_vm_writev() of this process itself
 *      mem A r|w                /proc/self/mem
 *      futex A                  a shared FUTEX_WAKE
 *      lock A N, unlock A N     adv A N ADVICE          remap A N M FLAGS [B]
 *      fork                     a child does what follows, up to parent, and is waited for
 *      thread COMMAND...        a thread does it, then what the register of that thread denies
 *      exec COMMAND...          this program once more, as a process of its own, which does it
 *      look                     the line in between
 *      signal, nested, change, stack, legacy: signals.c
 */
#ifndef TESTS_KEYS_H
#define TESTS_KEYS_H

#define PAGE  4096UL
#define HUGE  (512 * PAGE)
#define ARENA 0x4000000000UL

#define PKEYS     16
#define PKRU_INIT 0x55555554u /* what a program starts with */

struct keys_case {
        const char *name, *script;
};
extern const struct keys_case call_cases[], access_cases[], memory_cases[], signal_cases[];

unsigned pkru_read(void);
void pkru_write(unsigned pkru);

/* "1:rw 2:w", the keys that deny access or writing: of those that a program may use at first (key
 * 0), and those that the register has opened. */
const char *pkru_text(unsigned pkru);

/* The words of the command that is run. */
extern char *word[8];
extern int words;
unsigned long place(const char *text);
void result(long r);

/* signals.c */
void do_signal(void);
void do_nested(void);
void do_change(void);
void do_stack(void);
void do_legacy(void);

#endif
