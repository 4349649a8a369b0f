/* SPDX-License-Identifier: MIT */
/*
 * Making mappings and letting them grow: mmap's flags and low addresses, the mark of guard pages,
 * stacks, the heap, /proc/self/mem. The names of the cases are those of the rules.
 */
#include "userland/tests/lib/script.h"

static const struct script_case mapping[] = {
        { "mmap.low",
          "map 0x0 1 rw; unmap 0x0 1; nobody; map 0x0 1 rw; map 0x1000 1 rw; look 0x1000 1; unmap 0x1000 1" },
        { "mmap.noreplace",
          "map 0 2 rw; write 0 2 A; map 1 2 rw noreplace; map 0 1 r noreplace; map 2 1 r noreplace; map 3.1 1 r noreplace" },
        { "mmap.noreplace_low",
          "map 0x0 1 r noreplace; unmap 0x0 1; nobody; map 0x0 1 r noreplace; map 0x1000 1 r noreplace; unmap 0x1000 1" },
        { "mmap.populate",
          "map 0 4 rw populate; incore 0 4; map 4 4 r populate nonblock; incore 4 4; map 8 4 rw locked nonblock; incore 8 4" },
        { "mmap.future_onfault",
          "lockall 6; map 0 2 rw populate; incore 0 2; map 4 2 rw locked; incore 4 2; flags 4; map 8 2 rw; flags 8; incore 8 2" },
        { "mmap.droppable",
          "mark; map 0 2 rw droppable; counts; flags 0; map 4 2 rw droppable locked; map 8 2 rw droppable down; map 12 2 r droppable" },
        { "mmap.read_only_shared",
          "object file 2; map 0 2 r shared file; flags 0; map 4 2 rw shared file; flags 4; map 8 2 rw shared; flags 8" },
        { "mmap.overlap_of_several",
          "map 0 2 rw; map 2 2 r; map 6 2 rw shared; write 0 2 A; map 1 6 rwx" },
        { "mmap.length_rounds_up", "map 0 0.1 rw; map 4 1.4095 rw; unmap 4 0.1" },
        { "munmap.first_and_last",
          "map 0 2 rw; map 2 2 r; map 4 2 rw; write 0 2 A; write 4 2 E; unmap 1 4" },
        { "merge.anon.set.guard",
          "map 0 2 rw; advise 0 1 102; advise 0 1 103; move 0 2 2 MF 10; map 12 2 rw" },
        { "merge.anon.set.guard_shared",
          "map 0 2 rw shared; advise 0 1 102; advise 0 1 103; move 0 2 2 MF 10; touch w 10" },
        { "merge.guard.spreads",
          "map 0 2 rw; advise 0 1 102; map 2 2 rw; flags 2; protect 3 1 r; flags 3; advise 0 4 103; flags 0; unmap 0 2; flags 2" },
        { "merge.guard.closed_gap",
          "map 0 2 rw; map 4 2 rw; advise 4 1 102; move 0 2 4 0; flags 0; touch r 4; touch r 3" },
        { "madvise.kernel",
          "advise 0xffff888000000000 1 dontneed; advise top 1 normal; map 0 1 rw; advise 0 top random; flags 0; advise top 1 102; advise top 1 22" },
};

static const struct script_case growing[] = {
        { "stack.locked",
          "map 300 2 rw down locked; mark; touch w 296; incore 296 6; flags 296; counts" },
        { "stack.locked_onfault",
          "map 300 2 rw down; onfault 300 2; mark; touch w 296; incore 296 6; counts" },
        { "stack.kernel_copy", "map 300 2 rw down; map 0 2 rw; vector 0 2 298.4; incore 298 4" },
        { "stack.mlock", "map 300 2 rw down; lock 298 2; incore 300 2; touch w 298; lock 298 2" },
        { "stack.proc_mem", "map 300 2 rw down; poke 297 A; peek 297; peek 296; incore 296 6" },
        { "stack.read_only", "map 300 2 r down; touch r 298; touch w 297; flags 298" },
        { "stack.no_access", "map 300 2 - down; touch r 298; touch r 300" },
        { "stack.neighbour",
          "map 0 2 rw; map 300 2 rw down; touch w 258; touch w 257; unmap 0 2; touch w 257" },
        { "stack.shared_neighbour", "map 0 2 - ; map 300 2 rw down; touch w 2; touch w 1" },
        { "stack.cut", "map 300 4 rw down; write 300 4 A; unmap 300 2; touch w 301; flags 301" },
        { "heap.grows",
          "heap 4; write heap 4 A; look heap 4; heap 2; look heap 3; heap 0; look heap 1" },
        { "heap.overhang",
          "heap 4; write heap 4 A; move heap 4 8 0; heap 5; heap 9; heap 3; look heap 8; heap 4" },
        { "heap.moved",
          "heap 4; write heap 4 A; move heap+2 2 2 MF 10; heap 6; look heap 6; write heap+4 2 E" },
        { "heap.nothing_to_unmap", "heap 4; unmap heap+2 2; heap 2; heap 1; heap 0" },
        { "heap.sealed", "heap 4; seal heap+2 1; heap 1; heap 3; heap 5" },
        { "heap.read_only", "heap 2; protect heap 2 r; heap 4; write heap+2 2 C; look heap 4" },
        { "heap.locked", "lockall 2; heap 2; incore heap 2; flags heap" },
        { "heap.limit", "limit as 2; heap 3; heap 2; heap 3" },
        { "heap.data_limit", "limit data 2; heap 3; heap 2; heap 3; heap 1" },
};

static const struct script_case other_access[] = {
        { "mem.no_access",
          "map 0 2 rw; write 0 2 A; protect 0 2 -; peek 0; poke 0 X; peek 0; touch r 0" },
        { "mem.read_only",
          "object memfd 2; map 0 2 r memfd; map 4 2 r shared memfd; poke 0 X; poke 1 Y" },
        { "mem.shared",
          "object file 2; map 0 2 r shared file; peek 0; poke 0 X; map 4 2 rw shared; poke 4 Z; peek 4" },
        { "mem.sealed", "map 0 2 rw; write 0 2 A; protect 0 2 r; seal 0 2; poke 0 X; peek 0" },
        { "mem.guard", "map 0 2 rw; advise 0 1 102; peek 0; poke 0 X; peek 1" },
        { "mem.nothing",
          "peek 0; poke 0 X; map 0 1 rw; peek 1; object memfd 1; map 4 2 rw shared memfd; peek 5; poke 5 X" },
        { "mem.child",
          "map 0 2 rw; write 0 2 A; protect 0 2 r; child; poke 0 X; peek 0; end; peek 0" },
        { "rss.fork_shared",
          "object memfd 4; map 0 4 rw shared; write 0 4 A; map 4 4 rw memfd; write 4 1 P; read 5 3; mark; child; counts; read 0 1; counts; end" },
};

int main(void)
{
        RUN_CASES(mapping);
        RUN_CASES(growing);
        RUN_CASES(other_access);
        return 0;
}
