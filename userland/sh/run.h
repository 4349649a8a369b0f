/* SPDX-License-Identifier: MIT */
/*
 * Between the parts of running: exec.c walks the tree; process.c knows children, functions and how
 * a file is executed.
 */
#ifndef USERLAND_SH_RUN_H
#define USERLAND_SH_RUN_H

#include "userland/sh/sh.h"

void background_add(int pid);

/* A function's body, which stays when the text that it came from is forgotten. */
const struct node *function_find(const char *name);
void function_define(const char *name, const struct node *body);

#endif
