/* SPDX-License-Identifier: MIT */
/*
 * userfaultfd(2): page faults that a program resolves itself.
 *
 * A context (struct uffd) is what one descriptor stands for. A VMA registered with it has
 * vma->uffd and says with flags which faults are handed over:
 *
 *      VM_UFFD_MISSING   um   nothing is there: no page, and in shared memory no page of the object
 *      VM_UFFD_MINOR     ui   the object has the page, the entry is none
 *      VM_UFFD_WP        uw   the entry is write-protected (pte_uffd_wp) and written to
 *
 * A fault that is handed over:
 *
 *      faulting thread                           handler
 *      fault_page(): FAULT_UFFD, in the queue    uffd_next()        the message
 *      mmap_lock dropped                         uffd_fill() ...    the page is there
 *      uffd_wait() ... sleeps ...            <-  uffd_wake()
 *      looks the VMA up again, faults again
 *
 * The record of a waiting fault (struct uffd_wait) lies on the stack of its thread. It is put into
 * the queue under pte_lock, while the entry is what the fault is about; whoever changes the entry
 * does so under pte_lock and wakes afterwards, so no wake-up is lost. A thread that is woken for
 * nothing faults again and is in the queue again.
 *
 * Events tell the handler that memory is changing: a fork, a move, memory dropped, memory unmapped.
 * The thread that makes the change (the producer) reserves the records before (they are in its
 * vma_kit), hangs them on mm->uffd_events while it holds mmap_lock for writing, and mm_unlock()
 * delivers them one after the other, waiting until each has been read. From the moment an event is
 * hung up until it has been read `changing` is raised, and ioctls that fill memory answer -EAGAIN.
 *
 * Life: the descriptor, every waiting thread and every undelivered event hold a reference. VMAs do
 * not: uffd_release() clears them all. A context does not keep its address space alive (mm_hold());
 * when that has ended, ioctls answer -ESRCH.
 *
 * Locks: vma->uffd and the VMA's flags are [M]. uffd->lock (RANK_UFFD) guards both queues. A wait
 * holds no lock. A VMA that waits for events may not be touched by its own reader.
 */
#ifndef MM_UFFD_H
#define MM_UFFD_H

#include "kernel/base/abi/userfaultfd.h"
#include "kernel/base/refcount.h"
#include "kernel/sync/wait.h"
#include "mm/fault.h"

/* A descriptor's context. */
struct uffd {
        struct refcount ref;
        struct mm *mm;     /* [I] held */
        unsigned flags;    /* [I] of userfaultfd(2); with UFFD_USER_MODE_ONLY faults of the kernel
                              are bus errors */
        u64 features;      /* UFFD_FEATURE_*, set once by uffd_set_features() */
        atomic_t agreed;   /* features are set */
        atomic_t changing; /* events that have not been read; raised under mmap_lock */
        u64 pass;          /* [M] of mm->listening_pass, the last that has met it */
        struct spinlock lock; /* RANK_UFFD */
        struct list pending;  /* faults nobody has read; under lock */
        struct list taken;    /* faults read, not woken */
        struct list events;   /* not read */
        bool released;        /* the descriptor is gone; under lock */
        struct waitq readers; /* read() and poll() */
};

/* ------------------------------------------------------------------ life */

/* A context for `mm` with one reference; NULL: no memory. */
struct uffd *uffd_create(struct mm *mm, unsigned flags);
void uffd_get(struct uffd *uffd);
void uffd_put(struct uffd *uffd);
/* UFFDIO_API has been agreed on; false: it has been before. */
bool uffd_set_features(struct uffd *uffd, u64 features);
static inline bool uffd_is_agreed(const struct uffd *uffd)
{
        return atomic_get(&uffd->agreed) != 0;
}

static inline bool uffd_has(const struct uffd *uffd, u64 feature)
{
        return uffd && (uffd->features & feature);
}

/* The descriptor is closed: every VMA is unregistered, everyone wakes. Drops its reference. */
void uffd_release(struct uffd *uffd);

/* ------------------------------------------------------------------ VMAs */

/*
 * The VMA is a copy for a child, or moved, and loses its registration. Entries are the caller's.
 */
void uffd_forget(struct vma *vma);

/* mremap() has moved or is to move what `vma` has without the handler hearing of it: the
 * destination is not registered, and entries lose their write protection on the way. */
bool uffd_moves_silently(const struct vma *vma);

/* Memory of a kind that can be filled at all. */
bool uffd_fills(const struct vma *vma);

/* A write-protect registration whose empty entries are protected, too: by markers. */
bool uffd_wp_uses_markers(const struct vma *vma);
/* Writes to protected pages are noted, not handed over. */
bool uffd_wp_is_async(const struct vma *vma);

/* ------------------------------------------------------------------ faults */

struct uffd_wait {
        struct list node; /* in pending or taken, unless woken */
        struct uffd *uffd;
        struct task *task;
        struct uffd_msg msg;
        u64 page; /* address of the page */
        bool woken;
};

/*
 * Hand the fault over for `reason` (one VM_UFFD_*): FAULT_UFFD, and fault->wait is queued; or
 * FAULT_BUS, if features or the caller do not allow it. Under pte_lock, or where the absence of
 * what is missing is otherwise certain.
 */
enum fault_result uffd_handover(const struct fault *fault, u64 reason);

/* Sleep until woken. No lock is held. 0, or -EINTR: a signal (`user`), a fatal signal. */
int uffd_wait(struct uffd_wait *wait, bool user);

/* ------------------------------------------------------------------ events */

struct uffd_event {
        struct list node; /* in mm->uffd_events, then in uffd->events */
        struct uffd_event *next_spare;
        struct uffd *uffd;
        struct uffd *child; /* EVENT_FORK: the child's context, with its first reference */
        struct task *task;
        struct uffd_msg msg;
        enum { EVENT_QUEUED, EVENT_HELD, EVENT_READ } state; /* under uffd->lock */
};

/* Spare events, part of a vma_kit. `nr` more: 0 or -ENOMEM. */
int uffd_events_reserve(struct uffd_event **spare, unsigned nr);
void uffd_events_release(struct uffd_event **spare);

/* How many events unmapping [start, end) sends: contexts in it that want to hear of it. */
unsigned uffd_unmap_events(struct mm *mm, u64 start, u64 end);
/* Hang them up, before the VMAs go, for those that begin below `told`. mmap_lock for writing; so
 * all below. */
void uffd_raise_unmap(struct mm *mm, u64 start, u64 end, u64 told, struct uffd_event **spare);
/* Behind `after`, a node of mm->uffd_events or its head. */
void uffd_raise_remap(struct uffd *uffd, u64 from, u64 to, u64 len, struct list *after,
                      struct uffd_event **spare);

/*
 * [start, end) of `vma` is about to be dropped. If somebody wants to hear of it, mmap_lock is given
 * up until he has, and taken again: 1, and nothing is known of any VMA. Else 0; or -ENOMEM.
 */
int uffd_tell_remove(struct vma *vma, u64 start, u64 end);

/*
 * Fork: *out is the context that the copy of `vma` in `child` is registered with, or NULL. What
 * there is to tell goes on to `events`, to be delivered or cancelled when no lock is held. 0 or
 * -ENOMEM.
 */
int uffd_fork(struct mm *child, const struct vma *vma, struct list *events, struct uffd **out);

/* What mm_unlock() does with the list, without the lock. */
void uffd_deliver(struct list *events);
void uffd_events_cancel(struct list *events);

/* ------------------------------------------------------------------ the descriptor's side */

/*
 * The next message: 1, or 0 if there is none. Faults come before events. For a fork, *fork is its
 * record, and uffd_fork_read() is due: the message does not count as read before.
 * `thread_id` gives a thread's number, for UFFD_FEATURE_THREAD_ID.
 */
int uffd_next(struct uffd *uffd, struct uffd_msg *msg, struct uffd_event **fork,
              u32 (*thread_id)(struct task *task));
/* The child's context has got a descriptor (which has its reference now), or could not. */
void uffd_fork_read(struct uffd *uffd, struct uffd_event *fork, bool success);
bool uffd_has_message(struct uffd *uffd);
/* Faults that nobody has read, and all that wait. */
void uffd_counts(struct uffd *uffd, u64 *pending, u64 *total);

/* ------------------------------------------------------------------ ioctls */

/* A range as every ioctl checks it: 0 or -EINVAL. uffd_check_length() does not ask for an aligned
 * start. */
int uffd_check_range(u64 start, u64 len);
int uffd_check_length(u64 start, u64 len);

/* UFFDIO_REGISTER with VM_UFFD_* `modes`: 0, -EINVAL, -EPERM, -EBUSY, -ENOMEM. */
int uffd_register(struct uffd *uffd, u64 start, u64 len, u64 modes);
/* UFFDIO_UNREGISTER: 0, -EINVAL, -ENOMEM. */
int uffd_unregister(struct uffd *uffd, u64 start, u64 len);

/* Wake whoever waits for a page of [start, start + len); ~0: everyone. */
void uffd_wake(struct uffd *uffd, u64 start, u64 len);

enum uffd_fill_kind { UFFD_COPY, UFFD_ZEROPAGE, UFFD_CONTINUE, UFFD_POISON };

struct uffd_fill {
        enum uffd_fill_kind kind;
        u64 dst, len;
        bool wp; /* the new entries are write-protected */
        /* UFFD_COPY: fill `page`, which lies `offset` from the start. No lock is held. 0 or
         * -EFAULT. */
        int (*source)(void *arg, u64 offset, void *page);
        /* Asked before each page: whether to end with what is done. NULL: never. */
        bool (*stop)(void);
        void *arg;
};

/*
 * Bytes filled, or if that is none: -ENOENT (no one registered VMA), -EINVAL (one that does not
 * allow it), -EEXIST, -EFAULT, -EINTR (stop), -ENOMEM, -EAGAIN (memory is changing), -ESRCH (no
 * address space). Wakes nobody.
 */
s64 uffd_fill(struct uffd *uffd, const struct uffd_fill *fill);

/* UFFDIO_WRITEPROTECT: 0, -ENOENT, -EAGAIN, -ENOMEM, -ESRCH. */
int uffd_writeprotect(struct uffd *uffd, u64 start, u64 len, bool protect);
/*
 * Protect or unprotect [start, end) of one VMA. 0 or -ENOMEM. mmap_lock at least for reading.
 */
int uffd_wp_range(struct vma *vma, u64 start, u64 end, bool protect);

/*
 * Payload of a guard or poison: a scan has protected it. Nobody can write there, so that is only
 * seen by the next scan; as on Linux it stays until the marker goes or moves.
 */
#define UFFD_MARKED 1

/* A leaf or a marker: write-protected. */
static inline bool uffd_is_protected(pte_t entry)
{
        if (!pte_is_marker(entry))
                return pte_uffd_wp(entry, PT_PTE);
        switch (pte_marker_kind(entry)) {
        case PTE_MARKER_UFFD_WP: return true;
        case PTE_MARKER_SWAP: return false;
        default: return pte_marker_payload(entry) & UFFD_MARKED;
        }
}

/* Protect one entry of a VMA, of whatever kind, for a scan; the caller flushes. pte_lock. */
void uffd_protect_entry(const struct vma *vma, pte_t *pte);
/* What becomes of an entry of `vma` that loses the protection: none, if it was but that. */
pte_t uffd_unprotected(const struct vma *vma, pte_t entry);

/* UFFDIO_MOVE within uffd->mm. As uffd_fill(), and -EBUSY (not the source's alone). */
s64 uffd_move(struct uffd *uffd, u64 dst, u64 src, u64 len, bool holes);

#endif
