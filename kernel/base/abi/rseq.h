/* SPDX-License-Identifier: MIT */
/* Restartable sequences: structures of the Linux ABI. */
#ifndef KERNEL_BASE_ABI_RSEQ_H
#define KERNEL_BASE_ABI_RSEQ_H

#include "kernel/base/types.h"

/* In the thread's memory, 32-byte aligned; the kernel keeps the numbers current. */
struct rseq {
        u32 cpu_id_start, cpu_id;
        u64 rseq_cs; /* address of the struct rseq_cs that is being run, or 0 */
        u32 flags;
        u32 node_id, mm_cid;
        u32 padding;
};
#define RSEQ_SIZE_MIN     32 /* of the first version, which everybody may register */
#define RSEQ_ALIGN        32
#define RSEQ_FEATURE_SIZE 28 /* up to the end of mm_cid */

/* One critical section: [start_ip, start_ip + post_commit_offset) goes on at abort_ip if cut. */
struct rseq_cs {
        u32 version, flags;
        u64 start_ip, post_commit_offset, abort_ip;
};

#define RSEQ_FLAG_UNREGISTER      1
#define RSEQ_CPU_ID_UNINITIALIZED 0xffffffffU

#define AT_RSEQ_FEATURE_SIZE 27
#define AT_RSEQ_ALIGN        28

#endif
