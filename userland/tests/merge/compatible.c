/* SPDX-License-Identifier: MIT */
/* What two ranges must have in common, one thing at a time. */
#include "userland/tests/lib/script.h"
#include "userland/tests/merge/parts.h"

static const struct script_case cases[] = {
        { "merge.perms", "map 0 2 rw; map 2 2 r; map 4 2 rwx; map 6 2 x; map 8 2 x" },
        { "merge.flags.locked",
          "map 0 2 rw; map 2 2 rw locked; map 4 2 rw locked; onfault 6 2; map 6 2 rw; onfault 6 2; "
          "show; lock 6 2" },
        { "merge.flags.dontfork",
          "map 0 4 rw; advise 2 2 dontfork; map 4 2 rw; show; advise 4 2 dontfork; show; "
          "advise 0 6 dofork" },
        { "merge.flags.wipe",
          "map 0 4 rw; advise 1 2 wipe; show; advise 0 4 wipe; show; advise 0 4 keep" },
        { "merge.flags.dontdump", "map 0 4 rw; advise 1 2 dontdump; show; advise 1 2 dodump" },
        { "merge.flags.random",
          "map 0 6 rw; advise 0 2 random; advise 4 2 sequential; show; advise 0 6 normal" },
        { "merge.flags.nohugepage", "map 0 4 rw; advise 2 2 nohugepage; show; map 4 2 rw stack" },
        { "merge.flags.mergeable", "map 0 4 rw; advise 2 2 mergeable; map 4 2 rw" },
        { "merge.flags.sealed",
          "map 0 4 rw; seal 2 2; map 4 2 rw; show; seal 4 2; show; seal 0 6" },
        { "merge.flags.account", "map 0 2 r; map 2 2 rw; protect 2 2 r; show; protect 0 4 rw" },
        { "merge.flags.may_write",
          "object memfd 8; map 0 2 r shared memfd; map 2 2 rw shared memfd @2; show; "
          "protect 2 2 r" },
        { "merge.file.same",
          "object memfd 8; map 0 2 rw shared memfd; map 2 2 rw shared memfd @2" },
        { "merge.file.offset",
          "object memfd 8; map 0 2 rw shared memfd; map 2 2 rw shared memfd @3" },
        { "merge.file.other",
          "object memfd 8; object other 8; map 0 2 rw shared memfd; map 2 2 rw shared other @2" },
        { "merge.file.private",
          "object memfd 8; map 0 2 rw memfd; map 2 2 rw memfd @2; write 1 2 P; map 4 2 rw memfd @4" },
        { "merge.file.private_shared",
          "object memfd 8; map 0 2 rw memfd; map 2 2 rw shared memfd @2" },
        { "merge.file.fill",
          "object memfd 8; map 0 2 rw shared memfd; map 4 2 rw shared memfd @4; map 2 2 rw shared memfd @2" },
        { "merge.file.reversed",
          "object memfd 8; map 2 2 rw shared memfd; map 0 2 rw shared memfd @2" },
        { "merge.file.tmpfs",
          "object file 8; map 0 2 r file; map 2 2 r file @2; map 4 2 r shared file @4" },
        { "merge.file.grow",
          "object memfd 8; map 0 2 rw shared memfd; map 4 2 rw shared memfd @4; move 0 2 4 0" },
        { "merge.file.grow_private",
          "object memfd 8; map 0 2 rw memfd; write 0 2 P; map 4 2 rw memfd @4; move 0 2 4 0" },
        { "merge.file.grow_offset",
          "object memfd 8; map 0 2 rw shared memfd; map 4 2 rw shared memfd @5; move 0 2 4 0" },
        { "merge.file.back",
          "object memfd 8; map 0 6 rw memfd; write 1 4 P; move 2 2 2 MF 12; show; move 12 2 2 MF 2" },
        { "merge.file.beside",
          "object memfd 8; map 0 2 rw shared memfd; map 10 2 rw shared memfd @2; move 10 2 2 MF 2" },
        { "merge.shared.apart", "map 0 2 rw shared; map 2 2 rw shared" },
        { "merge.shared.halves",
          "map 0 4 rw shared; write 0 4 A; protect 2 2 r; show; protect 2 2 rw" },
        { "merge.shared.moved",
          "map 0 6 rw shared; write 0 6 A; move 2 2 2 MF 12; show; move 12 2 2 MF 2" },
        { "merge.zero", "map 0 2 rw zero; map 2 2 rw zero @2; map 4 2 rw" },
        { "merge.zero.moved", "map 0 2 rw zero; move 0 2 2 MF 10; map 12 2 rw" },
        { "merge.zero.faulted", "map 0 2 rw zero; write 0 2 A; move 0 2 2 MF 10" },
        { "merge.pgoff.before_and_behind",
          "map 10 2 rw; write 10 2 A; move 10 2 2 MF 20; map 18 2 rw; map 22 2 rw" },
        { "merge.special", "map 0 2 rw; map 2 2 rw droppable; map 4 2 rw droppable" },
        { "merge.pkey", "map 0 2 r; map 2 2 x; map 4 2 x; protect 2 2 r" },
};

void merge_compatible(void)
{
        RUN_CASES(cases);
}
