/* SPDX-License-Identifier: MIT */
/* User code on the host machine: see user.h. */
#include "arch/host/user.h"
#include "arch/host/host.h"
#include "arch/trap.h"
#include "kernel/base/assert.h"
#include "kernel/base/string.h"
#include "kernel/sync/trace.h"
#include "mm/mm_types.h"

/* As often may one access fault: a page, a table and a race or two explain fewer. */
#define FAULTS_MAX 8

u64 host_page_faults;

/* The byte at `addr`, made accessible; NULL and the signal in *out. */
static u8 *user_byte(struct mm *mm, const struct mm_caller *who, uaddr addr, unsigned access,
                     struct mm_fault *out)
{
        *out = (struct mm_fault){ 0 };
        for (int i = 0; i < FAULTS_MAX; i++) {
                unsigned fault;
                u8 *byte;

                lock_trace_check_none();
                byte = host_translate(&mm->mmu, addr, access, &fault);
                if (byte)
                        return byte;
                host_page_faults++;
                *out = mm_fault(mm, who, addr, fault);
                if (out->signo)
                        return NULL;
        }
        panic("the fault at %#lx (access %#x) is resolved again and again", (unsigned long)addr,
              access);
}

/* Bytes from `addr` to the end of its page, `len` at most. */
static size_t page_rest(uaddr addr, size_t len)
{
        return min_u64(len, PAGE_SIZE - (addr & ~PAGE_MASK));
}

struct mm_fault host_load(struct mm *mm, const struct mm_caller *who, uaddr addr, void *buf,
                          size_t len)
{
        struct mm_fault fault = { 0 };

        for (size_t done = 0, n; done < len; done += n) {
                const u8 *byte = user_byte(mm, who, addr + done, 0, &fault);

                if (!byte)
                        break;
                n = page_rest(addr + done, len - done);
                memcpy((u8 *)buf + done, byte, n);
        }
        return fault;
}

struct mm_fault host_store(struct mm *mm, const struct mm_caller *who, uaddr addr, const void *buf,
                           size_t len)
{
        struct mm_fault fault = { 0 };

        for (size_t done = 0, n; done < len; done += n) {
                u8 *byte = user_byte(mm, who, addr + done, FAULT_WRITE, &fault);

                if (!byte)
                        break;
                n = page_rest(addr + done, len - done);
                memcpy(byte, (const u8 *)buf + done, n);
        }
        return fault;
}

struct mm_fault host_fetch(struct mm *mm, const struct mm_caller *who, uaddr addr)
{
        struct mm_fault fault;

        user_byte(mm, who, addr, FAULT_EXEC, &fault);
        return fault;
}
