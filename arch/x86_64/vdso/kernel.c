/* SPDX-License-Identifier: MIT */
/* The kernel's side of the vdso: its bytes, and the data page. arch/vdso.h is the contract. */
#include "arch/vdso.h"
#include "arch/cpu.h"
#include "arch/x86_64/local.h"
#include "arch/x86_64/vdso/data.h"

extern const char vdso_image_start[], vdso_image_end[];

const void *vdso_image(size_t *size)
{
        *size = (size_t)(vdso_image_end - vdso_image_start);
        return vdso_image_start;
}

void vdso_data_write(void *page)
{
        struct vdso_data *data = page;

        __atomic_store_n(&data->seq, data->seq + 1, __ATOMIC_RELAXED);
        __atomic_thread_fence(__ATOMIC_RELEASE);
        clock_tsc(&data->tsc_base, &data->ns_per_tsc);
        data->mode = VDSO_CLOCK_TSC;
        data->boot_unix = clock_boot_unix_ns();
        __atomic_store_n(&data->seq, data->seq + 1, __ATOMIC_RELEASE);
}
