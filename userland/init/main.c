/* SPDX-License-Identifier: MIT */
/*
 * init: process 1 of a guest, the same file on Terrane and on Linux.
 *
 *      /etc/run is there       run that one job, report through ports, end the machine (agent.c)
 *      run=COMMAND             run `sh -c COMMAND` on the console, end the machine with its status
 *      otherwise               a shell on the console, again when it exits (console.c)
 *
 * Called as `poweroff` it ends the machine at once.
 */
#include "userland/init/guest.h"

#include <string.h>

int main(int argc, char **argv)
{
        const char *name = argc > 0 ? strrchr(argv[0], '/') : NULL;
        char *description;
        size_t len;

        if (argc > 0 && strcmp(name ? name + 1 : argv[0], "poweroff") == 0)
                guest_end(0);
        guest_mount();
        description = guest_read_file("/etc/run", &len);
        if (description)
                agent(description, len);
        console_shell();
}
