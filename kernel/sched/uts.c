/* SPDX-License-Identifier: MIT */
/* The names of uts.h. Programs look at system and release to learn what they may use, so these are
 * Linux's, whose interface this is. */
#include "kernel/sched/uts.h"

#include "kernel/base/string.h"

static struct utsname names = {
        .sysname = "Linux",
        .nodename = "terrane",
        .release = "6.18.0-terrane",
        .version = "#1 Terrane",
        .machine = "x86_64",
        .domainname = "(none)",
};

const struct utsname *uts_name(void)
{
        return &names;
}

static void name_set(char *to, const char *name, size_t len)
{
        memset(to, 0, UTS_LEN);
        memcpy(to, name, len);
}

void uts_set_nodename(const char *name, size_t len)
{
        name_set(names.nodename, name, len);
}

void uts_set_domainname(const char *name, size_t len)
{
        name_set(names.domainname, name, len);
}
