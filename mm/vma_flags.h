/* SPDX-License-Identifier: MIT */
/*
 * vm_flags: what one VMA is. Bit numbers are those of Linux, because /proc/PID/smaps prints a
 * two-letter name for each in ascending order (VmFlags). Bits that nothing here sets keep their
 * place all the same.
 */
#ifndef MM_VMA_FLAGS_H
#define MM_VMA_FLAGS_H

#include "kernel/base/types.h"

#define VM_READ     (1ULL << 0)
#define VM_WRITE    (1ULL << 1)
#define VM_EXEC     (1ULL << 2)
#define VM_SHARED   (1ULL << 3) /* writes reach the object */
#define VM_MAYREAD  (1ULL << 4) /* the most that mprotect() may give */
#define VM_MAYWRITE (1ULL << 5)
#define VM_MAYEXEC  (1ULL << 6)
#define VM_MAYSHARE (1ULL << 7) /* mapped with MAP_SHARED, if only for reading */

#define VM_GROWSDOWN    (1ULL << 8)
#define VM_UFFD_MISSING (1ULL << 9)  /* faults that go to userfaultfd: uffd.h */
#define VM_PFNMAP       (1ULL << 10) /* frames without struct page */
#define VM_MAYBE_GUARD  (1ULL << 11) /* may hold guard markers; sticky */
#define VM_UFFD_WP      (1ULL << 12)
#define VM_LOCKED       (1ULL << 13)
#define VM_IO           (1ULL << 14)
#define VM_SEQ_READ     (1ULL << 15)
#define VM_RAND_READ    (1ULL << 16)
#define VM_DONTCOPY     (1ULL << 17) /* not in fork's child */
#define VM_DONTEXPAND   (1ULL << 18)
#define VM_LOCKONFAULT  (1ULL << 19)
#define VM_ACCOUNT      (1ULL << 20) /* its pages are charged to the commit limit */
#define VM_NORESERVE    (1ULL << 21)
#define VM_HUGETLB      (1ULL << 22) /* hugetlb.h */
#define VM_WIPEONFORK   (1ULL << 25)
#define VM_DONTDUMP     (1ULL << 26)
#define VM_SOFTDIRTY    (1ULL << 27) /* all pages count as written: soft_dirty.h */
#define VM_MIXEDMAP     (1ULL << 28)
#define VM_HUGEPAGE     (1ULL << 29)
#define VM_NOHUGEPAGE   (1ULL << 30)
#define VM_MERGEABLE    (1ULL << 31)
#define VM_PKEY_SHIFT   32
#define VM_PKEY         (0xfULL << VM_PKEY_SHIFT) /* the protection key: keys.h */
#define VM_DROPPABLE    (1ULL << 40)
#define VM_UFFD_MINOR   (1ULL << 41)
#define VM_SEALED       (1ULL << 42)

#define VM_UFFD_ANY (VM_UFFD_MISSING | VM_UFFD_WP | VM_UFFD_MINOR)

#define VM_ACCESS_FLAGS (VM_READ | VM_WRITE | VM_EXEC)
#define VM_LOCKED_MASK  (VM_LOCKED | VM_LOCKONFAULT)

/* Never merged with a neighbour. */
#define VM_SPECIAL (VM_IO | VM_DONTEXPAND | VM_PFNMAP | VM_MIXEDMAP)

/* Ignored when neighbours are compared; a merged VMA has what any of its parts had. */
#define VM_STICKY VM_MAYBE_GUARD

static inline unsigned vm_key(u64 flags)
{
        return (unsigned)((flags & VM_PKEY) >> VM_PKEY_SHIFT);
}

/* "rd", "wr", ... for a bit number; NULL for a bit that has no name. */
static inline const char *vm_flag_letters(unsigned bit)
{
        static const char letters[44][3] = {
                [0] = "rd",  [1] = "wr",  [2] = "ex",  [3] = "sh",  [4] = "mr",  [5] = "mw",
                [6] = "me",  [7] = "ms",  [8] = "gd",  [9] = "um",  [10] = "pf", [11] = "gu",
                [12] = "uw", [13] = "lo", [14] = "io", [15] = "sr", [16] = "rr", [17] = "dc",
                [18] = "de", [19] = "lf", [20] = "ac", [21] = "nr", [22] = "ht", [23] = "sf",
                [24] = "ar", [25] = "wf", [26] = "dd", [27] = "sd", [28] = "mm", [29] = "hg",
                [30] = "nh", [31] = "mg", [37] = "ss", [40] = "dp", [41] = "ui", [42] = "sl",
        };

        return bit < 44 && letters[bit][0] ? letters[bit] : NULL;
}

#endif
