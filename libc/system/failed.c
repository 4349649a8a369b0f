/* SPDX-License-Identifier: MIT */
/* The last step of vfork.S and syscall.S when the kernel refuses. */
#include "raw.h"

long call_failed(long r);

long call_failed(long r)
{
        return system_result(r);
}
