/* SPDX-License-Identifier: MIT */
#include "userland/tests/uffd_api/parts.h"

void api_misuse(void)
{
}
