// UDP on a dual-stack socket with the local address of each datagram: ancillary data is made of macros.
#pragma once
#include <netinet/in.h>
#include <sys/types.h>

/* Asks for the destination address of received datagrams. 0, or -1 and errno. */
int apus_want_local_address(int fd);

/* Receives one datagram, its sender and the address it was sent to. The length, or -1 and errno. */
ssize_t apus_receive_datagram(int fd, void *buffer, size_t size, struct sockaddr_in6 *peer, struct in6_addr *local);

/* Sends one datagram from `local`. The length, or -1 and errno. */
ssize_t apus_send_datagram(int fd, const void *bytes, size_t size, const struct sockaddr_in6 *peer,
                           const struct in6_addr *local);
