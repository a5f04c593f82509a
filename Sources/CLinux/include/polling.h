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

/* Gives the calling thread a descriptor table of its own: it keeps 0 to 2 and `kept`, and the process' other threads keep
   all of theirs. 0, or -1 and errno; Linux 5.9. */
static inline int apus_own_descriptors(int kept) {
    const unsigned unshare = 1U << 1; /* CLOSE_RANGE_UNSHARE of linux/close_range.h */
    if (kept < 3) return (int)syscall(SYS_close_range, 3U, ~0U, unshare);
    if (syscall(SYS_close_range, (unsigned)kept + 1, ~0U, unshare) != 0) return -1;
    return kept == 3 ? 0 : (int)syscall(SYS_close_range, 3U, (unsigned)kept - 1, 0U);
}
