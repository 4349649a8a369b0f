/* SPDX-License-Identifier: MIT */
/* The part of the socket interface that local socket pairs need. */
#ifndef KERNEL_BASE_ABI_SOCKET_H
#define KERNEL_BASE_ABI_SOCKET_H

#define AF_UNIX 1
#define AF_MAX  46

#define SOCK_STREAM    1
#define SOCK_DGRAM     2
#define SOCK_RAW       3
#define SOCK_SEQPACKET 5
#define SOCK_MAX       11
#define SOCK_TYPE_MASK 0xf
#define SOCK_NONBLOCK  04000
#define SOCK_CLOEXEC   02000000

#define SHUT_RD   0
#define SHUT_WR   1
#define SHUT_RDWR 2

#endif
