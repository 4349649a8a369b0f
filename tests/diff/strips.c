/* SPDX-License-Identifier: MIT */
/* Address spaces as strips of text: strips.h. */
#include "tests/diff/strips.h"

#define GAP_PAGES  16
#define LONG_PAGES 40
#define ENDS_PAGES 12

static char page_letter(struct snapshot *s, uint64_t addr, unsigned vma)
{
        const struct page_run *runs = snapshot_runs(s);

        for (unsigned i = 0; i < s->nr_runs; i++)
                if (runs[i].start <= addr && addr < runs[i].start + runs[i].pages * OP_PAGE)
                        return runs[i].bits & 0x8 ? '#' : (char)('A' + vma % 26);
        return (char)('a' + vma % 26);
}

static void draw_vma(FILE *out, struct snapshot *s, unsigned vma)
{
        const struct vma_note *note = &snapshot_vmas(s)[vma];
        uint64_t pages = (note->end - note->start) / OP_PAGE;

        for (uint64_t i = 0; i < pages; i++) {
                if (pages > LONG_PAGES && i == ENDS_PAGES) {
                        fprintf(out, "[%lu more]", (long)(pages - 2 * ENDS_PAGES));
                        i = pages - ENDS_PAGES;
                }
                putc(page_letter(s, note->start + i * OP_PAGE, vma), out);
        }
}

void strips_draw(FILE *out, struct snapshot *s)
{
        const struct vma_note *notes = snapshot_vmas(s);
        uint64_t at = 0;

        for (unsigned i = 0; i < s->nr_vmas; i++) {
                uint64_t gap = (notes[i].start - at) / OP_PAGE;

                if (i == 0 || gap > GAP_PAGES)
                        fprintf(out, "%s  %#14lx  ", i ? "\n" : "", (long)notes[i].start);
                else
                        for (; gap; gap--)
                                putc('.', out);
                draw_vma(out, s, i);
                at = notes[i].end;
        }
        fputs(s->nr_vmas ? "\n" : "  nothing is mapped\n", out);
}
