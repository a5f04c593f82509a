// What a layer-4 proxy asks of its sockets: original destination, splice(2), which Glibc's module hides or leaves out.
#pragma once
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Where a redirected connection was going: SO_ORIGINAL_DST of linux/netfilter_ipv4.h, which redefines what
   netinet/in.h defines. IP6T_SO_ORIGINAL_DST has the same number. 0, or -1 and errno. */
static inline int apus_original_destination(int fd, int is_ipv6, struct sockaddr_storage *destination) {
    socklen_t length = sizeof *destination;
    return getsockopt(fd, is_ipv6 ? SOL_IPV6 : SOL_IP, 80, destination, &length);
}

/* Accepts with the peer's address; the new socket does not block. */
static inline int apus_accept_from(int listener, struct sockaddr_storage *peer) {
    socklen_t length = sizeof *peer;
    return (int)syscall(SYS_accept4, listener, peer, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

/* Moves up to `size` bytes between a socket and a pipe without copying them to user space; never waits. */
static inline ssize_t apus_splice(int from, int to, size_t size) {
    return syscall(SYS_splice, from, 0, to, 0, size, 0x01 | 0x02 /* SPLICE_F_MOVE | SPLICE_F_NONBLOCK */);
}

static inline int apus_pipe(int ends[2]) { return (int)syscall(SYS_pipe2, ends, 02000000 | 04000 /* CLOEXEC, NONBLOCK */); }

/* Watches `fd`, level-triggered; `token` comes back with its events. 0, or -1 and errno. */
static inline int apus_watch_level(int epoll, int fd, uint32_t events, uint64_t token) {
    struct epoll_event event = {.events = events, .data.u64 = token};
    return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

/* The same, edge-triggered. */
static inline int apus_watch(int epoll, int fd, uint32_t events, uint64_t token) {
    return apus_watch_level(epoll, fd, events | EPOLLET, token);
}
