/* SPDX-License-Identifier: MIT */
/* Only the types: getcontext() and its kin are not offered. */
#include <sys/ucontext.h>
