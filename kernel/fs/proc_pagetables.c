/* SPDX-License-Identifier: MIT */
/*
 * /proc/PID/pagetables: the user half of a process' page tables, as Linux shows page tables in
 * debugfs (mm/ptdump.h has the form). It tells where memory lies in tables, so it is open to whom
 * pagemap is. A record is a run of entries; the cookie is the address of the next.
 */
#include "kernel/fs/proc.h"
#include "mm/ptdump.h"

int proc_show_pagetables(struct seq *seq, const struct proc_node *node, u64 *cookie)
{
        struct mm *mm = proc_mm(node);
        char line[PTDUMP_LINE];
        struct ptdump_run run;
        bool found;

        if (!mm)
                return 0;
        found = mm_next_ptdump_run(mm, *cookie, &run);
        mm_put(mm);
        if (!found)
                return 0;
        if (*cookie == 0)
                seq_printf(seq, "---[ User Space ]---\n");
        seq_put(seq, line, ptdump_line(&run, line));
        *cookie = run.end;
        return 1;
}
