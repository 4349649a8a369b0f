/* SPDX-License-Identifier: MIT */
/* System V shared memory and sockets. */
#include <stddef.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include "raw.h"

int shmget(key_t key, size_t size, int flags)
{
        return (int)call3(SYS_shmget, key, size, flags);
}

void *shmat(int id, const void *addr, int flags)
{
        return (void *)call3(SYS_shmat, id, addr, flags);
}

int shmdt(const void *addr)
{
        return (int)call1(SYS_shmdt, addr);
}

int shmctl(int id, int cmd, struct shmid_ds *buf)
{
        return (int)call3(SYS_shmctl, id, cmd, buf);
}

int socket(int domain, int type, int protocol)
{
        return (int)call3(SYS_socket, domain, type, protocol);
}

int socketpair(int domain, int type, int protocol, int fds[2])
{
        return (int)call4(SYS_socketpair, domain, type, protocol, fds);
}

int bind(int fd, const struct sockaddr *addr, socklen_t len)
{
        return (int)call3(SYS_bind, fd, addr, len);
}

int connect(int fd, const struct sockaddr *addr, socklen_t len)
{
        return (int)call3(SYS_connect, fd, addr, len);
}

int listen(int fd, int backlog)
{
        return (int)call2(SYS_listen, fd, backlog);
}

int accept(int fd, struct sockaddr *addr, socklen_t *len)
{
        return (int)call3(SYS_accept, fd, addr, len);
}

int accept4(int fd, struct sockaddr *addr, socklen_t *len, int flags)
{
        return (int)call4(SYS_accept4, fd, addr, len, flags);
}

int shutdown(int fd, int how)
{
        return (int)call2(SYS_shutdown, fd, how);
}

int getsockname(int fd, struct sockaddr *addr, socklen_t *len)
{
        return (int)call3(SYS_getsockname, fd, addr, len);
}

int getpeername(int fd, struct sockaddr *addr, socklen_t *len)
{
        return (int)call3(SYS_getpeername, fd, addr, len);
}

int getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
        return (int)call5(SYS_getsockopt, fd, level, name, value, len);
}

int setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
        return (int)call5(SYS_setsockopt, fd, level, name, value, len);
}

ssize_t sendto(int fd, const void *buf, size_t len, int flags, const struct sockaddr *addr,
               socklen_t addr_len)
{
        return call6(SYS_sendto, fd, buf, len, flags, addr, addr_len);
}

ssize_t recvfrom(int fd, void *buf, size_t len, int flags, struct sockaddr *addr,
                 socklen_t *addr_len)
{
        return call6(SYS_recvfrom, fd, buf, len, flags, addr, addr_len);
}

ssize_t send(int fd, const void *buf, size_t len, int flags)
{
        return sendto(fd, buf, len, flags, NULL, 0);
}

ssize_t recv(int fd, void *buf, size_t len, int flags)
{
        return recvfrom(fd, buf, len, flags, NULL, NULL);
}

ssize_t sendmsg(int fd, const struct msghdr *msg, int flags)
{
        return call3(SYS_sendmsg, fd, msg, flags);
}

ssize_t recvmsg(int fd, struct msghdr *msg, int flags)
{
        return call3(SYS_recvmsg, fd, msg, flags);
}

struct cmsghdr *cmsg_next(struct msghdr *msg, struct cmsghdr *c)
{
        char *end = (char *)msg->msg_control + msg->msg_controllen;
        char *next = (char *)c + CMSG_ALIGN(c->cmsg_len);

        if (c->cmsg_len < sizeof(*c) || next + sizeof(*c) > end)
                return NULL;
        return (struct cmsghdr *)next;
}
