/* SPDX-License-Identifier: MIT */
/* The program's parts, and what they share: settings of the whole system. */
#ifndef TESTS_SYSTEM_LIMITS_PARTS_H
#define TESTS_SYSTEM_LIMITS_PARTS_H

void limits_count(void);
void limits_random(void);
void limits_charge(void);
void limits_refusal(void);
void limits_settings(void);

/* Files of /proc/sys/vm: the result of the write, and the number that is read. */
long set_number(const char *name, long value);
long set_text(const char *name, const char *text);
long get_number(const char *name);

/* A line of /proc/meminfo, in KiB. */
long meminfo(const char *name);

/* Mappings of this process. */
long count_mappings(void);

#endif
