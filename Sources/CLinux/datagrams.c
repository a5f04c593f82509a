#define _GNU_SOURCE
#include "datagrams.h"
#include <string.h>
#include <sys/socket.h>

union control {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(struct in6_pktinfo))];
};

int apus_want_local_address(int fd) {
    int on = 1;
    return setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on);
}

ssize_t apus_receive_datagram(int fd, void *buffer, size_t size, struct sockaddr_in6 *peer, struct in6_addr *local) {
    struct iovec part = {buffer, size};
    union control control;
    struct msghdr message = {
        .msg_name = peer, .msg_namelen = sizeof *peer, .msg_iov = &part, .msg_iovlen = 1,
        .msg_control = &control, .msg_controllen = sizeof control};
    memset(local, 0, sizeof *local);
    ssize_t length = recvmsg(fd, &message, 0);
    if (length < 0) return length;
    for (struct cmsghdr *item = CMSG_FIRSTHDR(&message); item; item = CMSG_NXTHDR(&message, item)) {
        if (item->cmsg_level != IPPROTO_IPV6 || item->cmsg_type != IPV6_PKTINFO) continue;
        struct in6_pktinfo info;
        memcpy(&info, CMSG_DATA(item), sizeof info);
        *local = info.ipi6_addr;
    }
    return length;
}

int apus_want_original_destination(int fd, int is_ipv6) {
    int on = 1;
    return is_ipv6 ? setsockopt(fd, SOL_IPV6, IPV6_RECVORIGDSTADDR, &on, sizeof on)
                   : setsockopt(fd, SOL_IP, IP_RECVORIGDSTADDR, &on, sizeof on);
}

ssize_t apus_receive_intercepted(int fd, void *buffer, size_t size, struct sockaddr_storage *peer,
                                 struct sockaddr_storage *destination) {
    struct iovec part = {buffer, size};
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(struct sockaddr_in6))];
    } control;
    struct msghdr message = {
        .msg_name = peer, .msg_namelen = sizeof *peer, .msg_iov = &part, .msg_iovlen = 1,
        .msg_control = &control, .msg_controllen = sizeof control};
    destination->ss_family = 0;
    ssize_t length = recvmsg(fd, &message, 0);
    if (length < 0) return length;
    for (struct cmsghdr *item = CMSG_FIRSTHDR(&message); item; item = CMSG_NXTHDR(&message, item)) {
        if (item->cmsg_level == SOL_IP && item->cmsg_type == IP_ORIGDSTADDR)
            memcpy(destination, CMSG_DATA(item), sizeof(struct sockaddr_in));
        else if (item->cmsg_level == SOL_IPV6 && item->cmsg_type == IPV6_ORIGDSTADDR)
            memcpy(destination, CMSG_DATA(item), sizeof(struct sockaddr_in6));
    }
    return length;
}

ssize_t apus_send_datagram(int fd, const void *bytes, size_t size, const struct sockaddr_in6 *peer,
                           const struct in6_addr *local) {
    struct iovec part = {(void *)bytes, size};
    union control control;
    memset(&control, 0, sizeof control);
    control.header.cmsg_level = IPPROTO_IPV6;
    control.header.cmsg_type = IPV6_PKTINFO;
    control.header.cmsg_len = CMSG_LEN(sizeof(struct in6_pktinfo));
    struct in6_pktinfo info = {.ipi6_addr = *local};
    memcpy(CMSG_DATA(&control.header), &info, sizeof info);
    struct msghdr message = {
        .msg_name = (void *)peer, .msg_namelen = sizeof *peer, .msg_iov = &part, .msg_iovlen = 1,
        .msg_control = &control, .msg_controllen = sizeof control};
    return sendmsg(fd, &message, 0);
}
