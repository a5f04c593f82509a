// Many UDP datagrams with one call each way: recvmmsg(2) and sendmmsg(2), whose messages are made of pointers to each other.
#pragma once
#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/types.h>

/* Room for a number of datagrams and an answer to each. */
struct apus_batch;

/* Where a datagram came from, and the address it was sent to, which answers come from. */
struct apus_origin {
    struct sockaddr_storage peer;
    socklen_t peer_length;
    /* A control message for sendmsg(2); 0 bytes when the kernel did not say. */
    size_t control_length;
    _Alignas(size_t) unsigned char control[40];
};

/* Asks for the destination address of received datagrams, which `origin`s need. 0, or -1 and errno. */
int apus_want_origin(int fd, int is_ipv6);

/* `size`: of the largest datagram, either way. NULL without memory. */
struct apus_batch *apus_batch_make(unsigned count, size_t size);
void apus_batch_free(struct apus_batch *batch);

/* Receives what is there, one datagram at least unless it may not wait; forgets all answers. Their number, or -1 and
   errno. */
int apus_batch_receive(struct apus_batch *batch, int fd, int may_wait);

/* A received datagram; NULL when it was larger than the room for it, or from nobody. */
const unsigned char *apus_batch_bytes(const struct apus_batch *batch, unsigned index, size_t *length);
void apus_batch_origin(const struct apus_batch *batch, unsigned index, struct apus_origin *origin);

/* Sets the answer to a datagram; 0, or -1 when it is too large. */
int apus_batch_answer(struct apus_batch *batch, unsigned index, const void *bytes, size_t length);

/* Sends all answers; one that cannot be sent is left out. Their number. */
int apus_batch_send(struct apus_batch *batch, int fd);

/* Sends one answer to a datagram of another time. The length, or -1 and errno. */
ssize_t apus_answer_origin(int fd, const struct apus_origin *origin, const void *bytes, size_t length);
