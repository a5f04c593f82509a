// epoll and eventfd, which Glibc's module leaves out, and accept4, which it hides behind _GNU_SOURCE.
#pragma once
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Accepts without asking for the peer; the new socket does not block. */
static inline int apus_accept(int listener) {
    return (int)syscall(SYS_accept4, listener, 0, 0, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

/* epoll_wait for less than milliseconds (Linux 5.11). */
static inline int apus_wait(int epoll, struct epoll_event *events, int capacity, int64_t nanoseconds) {
    struct timespec time = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
    return (int)syscall(SYS_epoll_pwait2, epoll, events, capacity, &time, 0, 0);
}
