// UDP on a dual-stack socket with the local address of each datagram: ancillary data is made of macros.
#pragma once
#include <netinet/in.h>
#include <sys/types.h>

/* Asks for the destination address of received datagrams. 0, or -1 and errno. */
int apus_want_local_address(int fd);

/* Receives one datagram, its sender and the address it was sent to. The length, or -1 and errno. */
ssize_t apus_receive_datagram(int fd, void *buffer, size_t size, struct sockaddr_in6 *peer, struct in6_addr *local);

/* Asks for the original destination of received datagrams, which a transparent socket gets from tproxy. The socket is of
   one family. 0, or -1 and errno. */
int apus_want_original_destination(int fd, int is_ipv6);

/* Receives one datagram, its sender and its original destination (family 0 when the kernel does not say). The length, or
   -1 and errno. */
ssize_t apus_receive_intercepted(int fd, void *buffer, size_t size, struct sockaddr_storage *peer,
                                 struct sockaddr_storage *destination);

/* Sends one datagram from `local`. The length, or -1 and errno. */
ssize_t apus_send_datagram(int fd, const void *bytes, size_t size, const struct sockaddr_in6 *peer,
                           const struct in6_addr *local);
