/* SPDX-License-Identifier: MIT */
/*
 * The reference model: ref.h. Each rule of Linux 6.18's behaviour is stated where it is followed.
 */
#include "tests/model/ref.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

/* ------------------------------------------------------------------ VMAs */

unsigned ref_vma_start(const struct ref *r, unsigned p)
{
        while (!r->page[p].starts)
                p--;
        return p;
}

unsigned ref_vma_end(const struct ref *r, unsigned p)
{
        do
                p++;
        while (p < r->pages && r->page[p].mapped && !r->page[p].starts);
        return p;
}

static unsigned lower(unsigned a, unsigned b)
{
        return a < b ? a : b;
}

/* A VMA is cut in two at page p: both halves keep flags, page numbers and owner. */
static void cut(struct ref *r, unsigned p)
{
        if (p < r->pages && r->page[p].mapped)
                r->page[p].starts = true;
}

/* Nothing is mapped in [s, e) afterwards. What is left of VMAs is not merged with anything. */
static void unmap(struct ref *r, unsigned s, unsigned e)
{
        for (unsigned p = s; p < e; p++)
                r->page[p] = (struct ref_page){ 0 };
        cut(r, e);
}

/* An anon number, or an object's, that no page refers to. */
static unsigned unused(const struct ref *r, bool object)
{
        unsigned used = 1;

        for (unsigned p = 0; p < r->pages; p++)
                used |= 1u << (object ? r->page[p].object : r->page[p].anon);
        return (unsigned)__builtin_ctz(~used);
}

static bool is_inherited(const struct ref *r, unsigned anon)
{
        return anon && (r->inherited >> (anon - 1) & 1);
}

/* ------------------------------------------------------------------ merging */

/*
 * Page p and the page below it could be in one VMA as far as what they map is concerned: the flags
 * are equal (but for `ignore`), the object is the same or there is none, the page numbers run on.
 */
static bool runs_on(const struct ref *r, unsigned p, unsigned ignore)
{
        const struct ref_page *low = &r->page[p - 1], *high = &r->page[p];

        return low->mapped && high->mapped && !((low->flags ^ high->flags) & ~ignore) &&
               low->object == high->object && low->pgoff + 1 == high->pgoff;
}

/*
 * A range whose pages are `own`'s may join a VMA whose pages are `other`'s: if they are the same,
 * or if one of the two has no pages yet. But whoever inherited pages through fork does not share
 * them with a VMA that has none, except by growing in place.
 */
static bool owners_agree(const struct ref *r, unsigned own, unsigned other, bool grows)
{
        if (own == other)
                return true;
        if (own && other)
                return false;
        return own ? grows || !is_inherited(r, own) : !is_inherited(r, other);
}

/* The VMA that contains page p has become one: an owner of a part is the owner of all. */
static void share_owner(struct ref *r, unsigned p)
{
        unsigned s = ref_vma_start(r, p), e = ref_vma_end(r, p), anon = 0;

        for (unsigned i = s; i < e; i++)
                if (r->page[i].anon)
                        anon = r->page[i].anon;
        for (unsigned i = s; i < e; i++)
                r->page[i].anon = (uint8_t)anon;
}

/*
 * The VMA [s, e) is new, or has got new flags, or has moved here, or is what another grows by:
 * Linux tries to merge it with both neighbours. Where these belong to two different owners, it goes
 * to the lower one.
 */
static void join(struct ref *r, unsigned s, unsigned e, bool grows)
{
        unsigned own = r->page[s].anon;
        unsigned below = s > 0 ? r->page[s - 1].anon : 0;
        unsigned above = e < r->pages ? r->page[e].anon : 0;
        bool low = s > 0 && runs_on(r, s, 0) && owners_agree(r, own, below, grows);
        bool high = e < r->pages && runs_on(r, e, 0) && owners_agree(r, own, above, grows);

        if (low && high && below && above && below != above)
                high = false;
        if (low)
                r->page[s].starts = false;
        if (high)
                r->page[e].starts = false;
        share_owner(r, s);
}

/* Part of a VMA, [s, e), gets other flags: it is cut out, and may join its neighbours. */
static void change(struct ref *r, unsigned s, unsigned e, unsigned flags)
{
        if (r->page[s].flags == flags)
                return; /* and nothing is cut or joined */
        cut(r, s);
        cut(r, e);
        for (unsigned p = s; p < e; p++)
                r->page[p].flags = (uint8_t)flags;
        join(r, s, e, false);
}

/* ------------------------------------------------------------------ pages */

/*
 * The first private page of a VMA: from now on the VMA has an owner. It is that of the next or of
 * the previous VMA if they could be one but for the access rights, so that they can be one later;
 * but no owner with ancestors is shared this way.
 */
static void make_owner(struct ref *r, unsigned p)
{
        unsigned s = ref_vma_start(r, p), e = ref_vma_end(r, p), anon = 0;

        if (r->page[p].anon)
                return;
        if (e < r->pages && runs_on(r, e, REF_ACCESS) && !is_inherited(r, r->page[e].anon))
                anon = r->page[e].anon;
        if (!anon && s > 0 && runs_on(r, s, REF_ACCESS) && !is_inherited(r, r->page[s - 1].anon))
                anon = r->page[s - 1].anon;
        if (!anon) {
                anon = unused(r, false);
                r->inherited &= (uint8_t) ~(1u << (anon - 1));
        }
        for (unsigned i = s; i < e; i++)
                r->page[i].anon = (uint8_t)anon;
}

/* The object has a page for p, if it is long enough. */
static bool has_object_page(const struct ref *r, unsigned p)
{
        const struct ref_page *page = &r->page[p];

        return page->pgoff < r->object_size[page->object] &&
               (r->object_has[page->object] >> page->pgoff & 1);
}

/*
 * An access to shared memory maps the page, which comes into being if need be; an access behind the
 * end of the object is SIGBUS. A read first maps what else the object has in the same VMA (within
 * 64 KiB, which is all of the arena).
 */
static int fault_object(struct ref *r, unsigned p, bool write)
{
        struct ref_page *page = &r->page[p];
        unsigned s = ref_vma_start(r, p), e = ref_vma_end(r, p);

        if (page->content == REF_OBJECT)
                return 0;
        for (unsigned i = s; i < e && !write; i++)
                if (has_object_page(r, i))
                        r->page[i].content = REF_OBJECT;
        if (page->pgoff >= r->object_size[page->object])
                return REF_SIGNAL(SIGBUS, BUS_ADRERR);
        r->object_has[page->object] |= (uint8_t)(1u << page->pgoff);
        page->content = REF_OBJECT;
        return 0;
}

/* One access by the program. A read of private memory that is empty finds the page of zeros, and
 * that gives the VMA no owner. */
static int fault(struct ref *r, unsigned p, bool write)
{
        struct ref_page *page = &r->page[p];

        if (!page->mapped)
                return REF_SIGNAL(SIGSEGV, SEGV_MAPERR);
        if (!(page->flags & (write ? REF_WRITE : REF_READ)))
                return REF_SIGNAL(SIGSEGV, SEGV_ACCERR);
        if (page->flags & REF_SHARED)
                return fault_object(r, p, write);
        if (write) {
                make_owner(r, p);
                page->content = REF_OWN;
        } else if (page->content == REF_EMPTY) {
                page->content = REF_ZERO;
        }
        return 0;
}

/* Pages are faulted in: for writing where they are private and writable. The first that cannot be
 * ends it. */
static bool populate(struct ref *r, unsigned s, unsigned e)
{
        for (unsigned p = s; p < e; p++) {
                unsigned kind = r->page[p].flags & (REF_WRITE | REF_SHARED);

                if (fault(r, p, kind == REF_WRITE) != 0)
                        return false;
        }
        return true;
}

/* ------------------------------------------------------------------ mmap, munmap, mprotect */

/*
 * What was there is unmapped first. Private memory that is writable is charged, unless it is
 * NORESERVE. The page number of private memory is its address; each shared mapping is of an object
 * of its own.
 */
static int do_mmap(struct ref *r, const struct ref_call *c)
{
        unsigned s = c->page, e = s + c->len;
        struct ref_page page = { .mapped = true, .flags = c->flags & (uint8_t)~REF_POPULATE };

        unmap(r, s, e);
        if (c->flags & REF_SHARED) {
                page.object = (uint8_t)unused(r, true);
                r->object_size[page.object] = c->len;
                r->object_has[page.object] = 0;
        } else if ((c->flags & (REF_WRITE | REF_NORESERVE)) == REF_WRITE) {
                page.flags |= REF_ACCOUNT;
        }
        for (unsigned p = s; p < e; p++) {
                page.starts = p == s;
                page.pgoff = (int16_t)(c->flags & REF_SHARED ? p - s : p);
                r->page[p] = page;
        }
        join(r, s, e, false);
        if (c->flags & (REF_LOCKED | REF_POPULATE))
                populate(r, s, e);
        return (int)s;
}

/*
 * Private memory that becomes writable is charged from then on, unless NORESERVE; what becomes
 * read-only stays charged if its VMA has an owner, and is given back if not. Where the rights are
 * what they were, nothing is looked at.
 */
static unsigned protected_flags(const struct ref_page *page, unsigned access)
{
        unsigned flags = (page->flags & ~(unsigned)REF_ACCESS) | access;

        if (flags == page->flags)
                return flags;
        if (access & REF_WRITE) {
                if (!(page->flags & (REF_ACCOUNT | REF_WRITE | REF_SHARED | REF_NORESERVE)))
                        flags |= REF_ACCOUNT;
        } else if (!page->anon) {
                flags &= ~(unsigned)REF_ACCOUNT;
        }
        return flags;
}

/* VMA by VMA up to the first hole, and what is done stays done. Locked private memory that becomes
 * writable gets its pages at once. */
static int do_mprotect(struct ref *r, const struct ref_call *c)
{
        unsigned end = c->page + c->len;

        for (unsigned p = c->page, e; p < end; p = e) {
                struct ref_page old = r->page[p];

                if (!old.mapped)
                        return -ENOMEM;
                e = lower(ref_vma_end(r, p), end);
                change(r, p, e, protected_flags(&old, c->flags));
                if ((old.flags & (REF_WRITE | REF_SHARED | REF_LOCKED)) == REF_LOCKED &&
                    (c->flags & REF_WRITE))
                        populate(r, p, e);
        }
        return 0;
}

/* ------------------------------------------------------------------ mremap */

/* DONTUNMAP has emptied [s, e): the whole VMA there loses its lock, though VmLck does not notice.
 * If nothing is left of what it was, it has no owner any more. */
static void leave_behind(struct ref *r, unsigned s, unsigned e, bool merged_with_itself)
{
        unsigned from = ref_vma_start(r, s), to = ref_vma_end(r, s);

        for (unsigned p = from; p < to; p++) {
                if (r->page[p].flags & REF_LOCKED)
                        r->lost_locked++;
                r->page[p].flags &= (uint8_t)~REF_LOCKED;
                if (!merged_with_itself && from == s && to == e)
                        r->page[p].anon = 0;
        }
}

/*
 * `len` pages from s on, all of one VMA, move to `to`, where they become `new_len`: a VMA with the
 * same flags, owner and page numbers, but private memory without an owner is numbered anew. It may
 * merge there, even with the VMA that it comes from. Pages move along.
 */
static void move(struct ref *r, unsigned s, unsigned len, unsigned to, unsigned new_len, bool leave)
{
        unsigned from = ref_vma_start(r, s), till = ref_vma_end(r, s);
        struct ref_page first = r->page[s];

        if (!first.object && !first.anon)
                first.pgoff = (int16_t)to;
        for (unsigned i = 0; i < new_len; i++) {
                struct ref_page page = first;

                page.starts = i == 0;
                page.pgoff = (int16_t)(first.pgoff + (int)i);
                page.content = i < len ? r->page[s + i].content : REF_EMPTY;
                r->page[to + i] = page;
        }
        for (unsigned i = 0; i < len; i++)
                r->page[s + i].content = REF_EMPTY;
        join(r, to, to + new_len, false);
        if (leave)
                leave_behind(r, s, s + len,
                             from != ref_vma_start(r, s) || till != ref_vma_end(r, s));
        else if (len)
                unmap(r, s, s + len);
        if (first.flags & REF_LOCKED)
                populate(r, to + len, to + new_len);
}

/* One VMA's part, or with another length. The target is unmapped first, then what is cut off. */
static int move_to(struct ref *r, const struct ref_call *c, unsigned s, unsigned len,
                   unsigned new_len, unsigned to)
{
        if (!r->page[s].mapped)
                return -EFAULT;
        if (len == 0 && !(r->page[s].flags & REF_SHARED))
                return -EINVAL;
        if (lower(len, new_len) > ref_vma_end(r, s) - s)
                return -EFAULT;
        unmap(r, to, to + new_len);
        if (!r->page[s].mapped) /* a duplicate asked for where its original is */
                return -EFAULT;
        if (new_len < len)
                unmap(r, s + new_len, s + len);
        move(r, s, lower(len, new_len), to, new_len, c->flags & REF_DONTUNMAP);
        return (int)to;
}

/* Every VMA of the range moves, holes keep their places; what lies under a hole stays. */
static int move_range(struct ref *r, const struct ref_call *c)
{
        unsigned end = c->page + c->len;

        if (!r->page[c->page].mapped)
                return -EFAULT;
        for (unsigned p = c->page, e; p < end; p = e) {
                int err;

                e = p + 1;
                if (!r->page[p].mapped)
                        continue;
                e = lower(ref_vma_end(r, p), end);
                err = move_to(r, c, p, e - p, e - p, c->to + (p - c->page));
                if (err < 0)
                        return err;
        }
        return c->to;
}

/* The pages above the VMA become part of it; that may close the gap to the next. */
static int grow(struct ref *r, unsigned s, unsigned e, unsigned new_end)
{
        if (ref_vma_end(r, s) != e)
                return -ENOMEM;
        for (unsigned p = e; p < new_end; p++)
                if (r->page[p].mapped)
                        return -ENOMEM;
        for (unsigned p = e; p < new_end; p++) {
                r->page[p] = r->page[p - 1];
                r->page[p].starts = p == e;
                r->page[p].pgoff++;
                r->page[p].content = REF_EMPTY;
        }
        join(r, e, new_end, true);
        if (r->page[s].flags & REF_LOCKED)
                populate(r, e, new_end);
        return (int)s;
}

static int remap_in_place(struct ref *r, const struct ref_call *c)
{
        unsigned s = c->page, e = s + c->len;

        if (!r->page[s].mapped)
                return -EFAULT;
        if (c->new_len == c->len)
                return (int)s; /* however far it runs past the VMA */
        if (c->new_len < c->len) {
                unmap(r, s + c->new_len, e);
                return (int)s;
        }
        if (c->len == 0)
                return r->page[s].flags & REF_SHARED ? -ENOMEM : -EINVAL;
        if (e > ref_vma_end(r, s))
                return -EFAULT;
        return grow(r, s, e, s + c->new_len);
}

static int do_mremap(struct ref *r, const struct ref_call *c)
{
        if (c->new_len == 0)
                return -EINVAL;
        if (!(c->flags & REF_FIXED))
                return remap_in_place(r, c);
        if ((c->flags & REF_DONTUNMAP) && c->len != c->new_len)
                return -EINVAL;
        if (c->page + c->len > c->to && c->to + c->new_len > c->page)
                return -EINVAL; /* they overlap */
        if (c->len == c->new_len)
                return move_range(r, c);
        return move_to(r, c, c->page, c->len, c->new_len, c->to);
}

/* ------------------------------------------------------------------ madvise, mlock */

/* Pages are dropped; the object keeps its. Locked memory refuses. */
static int drop(struct ref *r, unsigned s, unsigned e)
{
        if (r->page[s].flags & REF_LOCKED)
                return -EINVAL;
        for (unsigned p = s; p < e; p++)
                r->page[p].content = REF_EMPTY;
        return 0;
}

/* VMA by VMA; holes are passed over and remembered, a refusal ends it. */
static int do_madvise(struct ref *r, const struct ref_call *c)
{
        unsigned end = c->page + c->len;
        int result = 0;

        for (unsigned p = c->page, e; p < end; p = e) {
                unsigned flags = r->page[p].flags;

                e = p + 1;
                if (!r->page[p].mapped) {
                        result = -ENOMEM;
                        continue;
                }
                e = lower(ref_vma_end(r, p), end);
                if (c->kind == REF_DONTNEED && drop(r, p, e) != 0)
                        return -EINVAL;
                if (c->kind == REF_DONTFORK)
                        change(r, p, e, flags | REF_DONTCOPY);
                if (c->kind == REF_DOFORK)
                        change(r, p, e, flags & ~(unsigned)REF_DONTCOPY);
        }
        return result;
}

/* VMA by VMA up to the first hole. Pages are faulted in if there was none; if that is refused, the
 * memory is locked all the same. */
static int do_mlock(struct ref *r, const struct ref_call *c)
{
        unsigned end = c->page + c->len;

        for (unsigned p = c->page, e; p < end; p = e) {
                unsigned flags = r->page[p].flags;

                if (!r->page[p].mapped)
                        return -ENOMEM;
                e = lower(ref_vma_end(r, p), end);
                if (c->kind == REF_MLOCK)
                        change(r, p, e, flags | REF_LOCKED);
                else
                        change(r, p, e, flags & ~(unsigned)REF_LOCKED);
        }
        if (c->kind == REF_MLOCK && !populate(r, c->page, end))
                return -ENOMEM;
        return 0;
}

/* ------------------------------------------------------------------ fork */

/*
 * The child has the same VMAs, but those marked DONTCOPY, and no locks. Each VMA that has an owner
 * gets one of its own that descends from it. Pages of VMAs without an owner are not copied: they
 * can be faulted in again.
 */
static void become_child(struct ref *r)
{
        struct ref old = *r;
        unsigned anon = 0;

        r->inherited = 0;
        r->lost_locked = 0;
        for (unsigned p = 0; p < r->pages; p++) {
                struct ref_page *page = &r->page[p];

                page->flags &= (uint8_t)~REF_LOCKED;
                if (!old.page[p].anon)
                        page->content = REF_EMPTY;
                if (page->flags & REF_DONTCOPY) {
                        *page = (struct ref_page){ 0 };
                        continue;
                }
                if (!page->anon)
                        continue;
                if (page->starts)
                        anon++;
                page->anon = (uint8_t)anon;
                r->inherited |= (uint8_t)(1u << (anon - 1));
        }
}

/* ------------------------------------------------------------------ all of it */

void ref_init(struct ref *r, unsigned pages)
{
        memset(r, 0, sizeof(*r));
        r->pages = (uint8_t)pages;
}

int ref_do(struct ref *r, const struct ref_call *c)
{
        switch ((enum ref_kind)c->kind) {
        case REF_MMAP: return do_mmap(r, c);
        case REF_MUNMAP: unmap(r, c->page, c->page + c->len); return 0;
        case REF_MPROTECT: return do_mprotect(r, c);
        case REF_MREMAP: return do_mremap(r, c);
        case REF_DONTNEED:
        case REF_DONTFORK:
        case REF_DOFORK: return do_madvise(r, c);
        case REF_MLOCK:
        case REF_MUNLOCK: return do_mlock(r, c);
        case REF_LOAD: return fault(r, c->page, false);
        case REF_STORE: return fault(r, c->page, true);
        case REF_CHILD: become_child(r); return 0;
        case REF_PARENT: return 0; /* whatever the child shared is the parent's alone again */
        case REF_KINDS: break;
        }
        return -ENOSYS;
}

/* Shared memory is charged in full while any of it is mapped. */
struct ref_counts ref_count(const struct ref *r)
{
        struct ref_counts n = { 0 };
        unsigned objects = 0;

        for (unsigned p = 0; p < r->pages; p++) {
                const struct ref_page *page = &r->page[p];

                if (!page->mapped)
                        continue;
                n.vmas += page->starts;
                n.total++;
                n.data += (page->flags & (REF_WRITE | REF_SHARED)) == REF_WRITE;
                n.locked += (page->flags & REF_LOCKED) != 0;
                n.rss_anon += page->content == REF_OWN;
                n.rss_shmem += page->content == REF_OBJECT;
                n.committed += (page->flags & REF_ACCOUNT) != 0;
                if (page->object && !(objects >> page->object & 1)) {
                        objects |= 1u << page->object;
                        n.committed += r->object_size[page->object];
                }
        }
        return n;
}
