// epoll and eventfd, which Glibc's module leaves out, and accept4, which it hides behind _GNU_SOURCE.
#pragma once
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Accepts without asking for the peer; the new socket does not block. */
static inline int apus_accept(int listener) {
    return (int)syscall(SYS_accept4, listener, 0, 0, SOCK_NONBLOCK | SOCK_CLOEXEC);
}
