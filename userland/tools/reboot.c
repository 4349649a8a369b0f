/* SPDX-License-Identifier: MIT */
/* reboot: starts the machine anew. */
#include <sys/syscall.h>
#include <unistd.h>

#include "userland/lib/tool.h"

int main(int argc, char **argv)
{
        tool_options(&argc, &argv, "", "usage: reboot\n\nStarts the machine anew.\n");
        sync();
        syscall(SYS_reboot, 0xfee1deadu, 672274793, 0x01234567u, 0);
        return tool_error("reboot");
}
