/* SPDX-License-Identifier: MIT */
/* What the model, mm/ and Linux have, as text: report.h. */
#include "tests/model/report.h"

#include <string.h>

#include "tests/model/canonical.h"

struct outcome outcome_of(const struct ref *model, int result)
{
        struct outcome o = { .result = result, .seen = *model, .counts = ref_count(model) };

        canonical_names(&o.seen);
        o.seen.lost_locked = 0;
        return o;
}

bool outcome_equal(const struct outcome *a, const struct outcome *b)
{
        return a->result == b->result && memcmp(&a->seen, &b->seen, sizeof(a->seen)) == 0 &&
               memcmp(&a->counts, &b->counts, sizeof(a->counts)) == 0;
}

static char page_letter(const struct ref_page *page)
{
        if (!page->mapped)
                return '.';
        switch ((enum ref_content)page->content) {
        case REF_ZERO: return '0';
        case REF_OWN: return page->anon ? (char)('A' + page->anon - 1) : '+';
        case REF_OBJECT: return '*';
        default: return '-';
        }
}

static void report_vma(FILE *out, const struct ref *r, unsigned s)
{
        const struct ref_page *page = &r->page[s];
        static const char *const names[] = { "r", "w", " sh", " lo", " nr", " ac", " dc", " ?" };
        unsigned end = ref_vma_end(r, s);

        fprintf(out, " |%u-%u ", s, end);
        for (unsigned bit = 0; bit < 8; bit++) {
                if (page->flags >> bit & 1)
                        fputs(names[bit], out);
                else if (bit < 2)
                        fputc('-', out);
        }
        if (page->anon)
                fprintf(out, " %c%s", 'A' + page->anon - 1,
                        r->inherited >> (page->anon - 1) & 1 ? "'" : "");
        if (page->object)
                fprintf(out, " #%u", page->object);
        if (page->pgoff != (page->object ? 0 : (int)s))
                fprintf(out, " (%d)", page->pgoff);
        fputc('|', out);
}

static void report_count(FILE *out, const char *name, int count)
{
        if (count != REF_UNKNOWN)
                fprintf(out, ", %s %d", name, count);
}

void report_outcome(FILE *out, const char *side, const struct outcome *o)
{
        const struct ref_counts *n = &o->counts;

        fprintf(out, "# %-7s", side);
        for (unsigned p = 0; p < o->seen.pages; p++)
                fputc(page_letter(&o->seen.page[p]), out);
        fputc(' ', out);
        for (unsigned p = 0; p < o->seen.pages; p++)
                if (o->seen.page[p].mapped && o->seen.page[p].starts)
                        report_vma(out, &o->seen, p);
        fprintf(out, "\n#         -> %s; VMAs %d", call_result_text(o->result), n->vmas);
        report_count(out, "pages", n->total);
        report_count(out, "data", n->data);
        report_count(out, "locked", n->locked);
        report_count(out, "private", n->rss_anon);
        report_count(out, "shared", n->rss_shmem);
        report_count(out, "charged", n->committed);
        fputc('\n', out);
}
