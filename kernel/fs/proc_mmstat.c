/* SPDX-License-Identifier: MIT */
/*
 * /proc/PID/mmstat: lines "name value", one for each counter of mm/mmstat.h, which says what they
 * count. The format is this kernel's own.
 */
#include "kernel/fs/proc.h"
#include "mm/mm.h"
#include "mm/mmstat.h"

int proc_show_mmstat(struct seq *seq, const struct proc_node *node, u64 *cookie)
{
        struct mm *mm;

        if (!proc_first(cookie))
                return 0;
        mm = proc_mm(node);
        if (!mm)
                return 0;
        for (unsigned i = 0; i < MMSTAT_COUNT; i++)
                seq_printf(seq, "%s %llu\n", mmstat_name(i), (unsigned long long)mmstat_get(mm, i));
        mm_put(mm);
        return 1;
}
