/* SPDX-License-Identifier: MIT */
#include <sys/userfaultfd.h>
