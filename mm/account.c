/* SPDX-License-Identifier: MIT */
/* Commit limit, totals of an address space, resource limits. account.h says what for. */
#include "mm/account.h"

#include "kernel/base/assert.h"
#include "kernel/base/atomic.h"
#include "kernel/base/errno.h"
#include "mm/mm_types.h"
#include "mm/page_impl.h"
#include "mm/vma_flags.h"

enum overcommit { OVERCOMMIT_GUESS, OVERCOMMIT_ALWAYS, OVERCOMMIT_NEVER };

static atomic_t committed; /* pages */

/* What is set aside as hugetlb pages cannot be committed. */
static u64 common_pages(void)
{
        struct memory_stats stats;

        memory_stats(&stats);
        return stats.total - stats.hugetlb;
}

static u64 kib_to_pages(u64 kib)
{
        return kib >> (PAGE_SHIFT - 10);
}

u64 mm_commit_limit(void)
{
        if (mm_sysctl.overcommit_kbytes)
                return kib_to_pages(mm_sysctl.overcommit_kbytes);
        return common_pages() * mm_sysctl.overcommit_ratio / 100;
}

u64 mm_committed(void)
{
        return (u64)atomic_get(&committed);
}

/* What mode 2 lets this caller commit, all in all. */
static __attribute__((noinline)) u64 strict_limit(const struct mm *mm, const struct mm_caller *who)
{
        u64 allowed = mm_commit_limit(), keep = 0;

        if (!who || !(who->caps & MM_CAP_SYS_ADMIN))
                keep = kib_to_pages(mm_sysctl.admin_reserve_kbytes);
        if (mm)
                keep += min_u64(mm->total_vm / 32, kib_to_pages(mm_sysctl.user_reserve_kbytes));
        return allowed > keep ? allowed - keep : 0;
}

bool commit_allows(const struct mm *mm, const struct mm_caller *who, u64 pages, u64 credit)
{
        if (pages == 0 || mm_sysctl.overcommit_memory == OVERCOMMIT_ALWAYS)
                return true;
        if (mm_sysctl.overcommit_memory == OVERCOMMIT_GUESS)
                return pages <= page_total_ever;
        ASSERT(credit <= mm_committed());
        return mm_committed() - credit + pages < strict_limit(mm, who);
}

void commit_take(u64 pages)
{
        atomic_add(&committed, (s64)pages);
}

int commit_charge(const struct mm *mm, const struct mm_caller *who, u64 pages)
{
        if (!commit_allows(mm, who, pages, 0))
                return -ENOMEM;
        commit_add(pages);
        return 0;
}

void commit_give_back(u64 pages)
{
        s64 now = atomic_add(&committed, -(s64)pages);

        CHECK(now >= 0);
}

/* ------------------------------------------------------------------ one address space */

/* Pages with such flags come or go, in all totals but total_vm. */
static inline void count_kinds(struct mm *mm, u64 vm_flags, u64 pages)
{
        if (vm_flags & VM_GROWSDOWN)
                mm->stack_vm += pages;
        else if ((vm_flags & (VM_EXEC | VM_WRITE)) == VM_EXEC)
                mm->exec_vm += pages;
        else if (account_is_data(vm_flags))
                mm->data_vm += pages;
        if (vm_flags & VM_LOCKED)
                mm->locked_vm += pages;
}

void account_vma(struct mm *mm, u64 vm_flags, s64 pages)
{
        mm->hiwater_vm = max_u64(mm->hiwater_vm, mm->total_vm);
        mm->total_vm += (u64)pages;
        count_kinds(mm, vm_flags, (u64)pages);
}

void account_flags(struct mm *mm, u64 from, u64 to, u64 pages)
{
        count_kinds(mm, from, -pages);
        count_kinds(mm, to, pages);
}

bool account_may_grow(const struct mm *mm, const struct mm_caller *who, u64 vm_flags, u64 pages,
                      const struct account_credit *credit)
{
        u64 total = mm->total_vm + pages - (credit ? credit->total : 0);
        u64 data = mm->data_vm + pages - (credit ? credit->data : 0);

        if (total > bytes_to_pages(who->rlimit_as))
                return false;
        if (!account_is_data(vm_flags))
                return true;
        if (data <= bytes_to_pages(who->rlimit_data))
                return true;
        /* Valgrind sets the soft limit to 0 and still expects mmap() to work. */
        return who->rlimit_data == 0 && data <= bytes_to_pages(who->rlimit_data_max);
}

bool account_may_lock(const struct mm *mm, const struct mm_caller *who, u64 pages)
{
        if (who->caps & MM_CAP_IPC_LOCK)
                return true;
        return mm->locked_vm + pages <= bytes_to_pages(who->rlimit_memlock);
}

bool account_can_lock(const struct mm_caller *who)
{
        return who->rlimit_memlock != 0 || (who->caps & MM_CAP_IPC_LOCK);
}
