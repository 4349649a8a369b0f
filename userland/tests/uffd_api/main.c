/* SPDX-License-Identifier: MIT */
/* userfaultfd's calls, used well and badly: what each answers, and what it leaves. */
#include "userland/tests/uffd_api/parts.h"

int main(void)
{
        api_handshake();
        api_register();
        api_fill();
        api_misuse();
        return 0;
}
