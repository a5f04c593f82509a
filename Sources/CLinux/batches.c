#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "include/batches.h"

_Static_assert(sizeof(((struct apus_origin *)0)->control) >= CMSG_SPACE(sizeof(struct in6_pktinfo)),
               "an origin holds either family's control message");

struct apus_batch {
    unsigned count;
    size_t size;
    struct mmsghdr *received;
    struct mmsghdr *answers;
    struct iovec *parts;        /* of datagrams, then of answers */
    struct apus_origin *origins;
    unsigned char *bytes;       /* of datagrams, then of answers */
};

int apus_want_origin(int fd, int is_ipv6) {
    int on = 1;
    return is_ipv6 ? setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on)
                   : setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
}

struct apus_batch *apus_batch_make(unsigned count, size_t size) {
    struct apus_batch *batch = calloc(1, sizeof *batch);
    if (!batch) return NULL;
    batch->count = count;
    batch->size = size;
    batch->received = calloc(count, sizeof *batch->received);
    batch->answers = calloc(count, sizeof *batch->answers);
    batch->parts = calloc(2 * (size_t)count, sizeof *batch->parts);
    batch->origins = calloc(count, sizeof *batch->origins);
    batch->bytes = calloc(2 * (size_t)count, size);
    if (batch->received && batch->answers && batch->parts && batch->origins && batch->bytes) return batch;
    apus_batch_free(batch);
    return NULL;
}

void apus_batch_free(struct apus_batch *batch) {
    if (!batch) return;
    free(batch->received);
    free(batch->answers);
    free(batch->parts);
    free(batch->origins);
    free(batch->bytes);
    free(batch);
}

static unsigned char *answer_bytes(const struct apus_batch *batch, unsigned index) {
    return batch->bytes + ((size_t)batch->count + index) * batch->size;
}

int apus_batch_receive(struct apus_batch *batch, int fd, int may_wait) {
    for (unsigned i = 0; i < batch->count; i++) {
        struct apus_origin *origin = &batch->origins[i];
        batch->parts[i] = (struct iovec){batch->bytes + i * batch->size, batch->size};
        batch->parts[batch->count + i] = (struct iovec){answer_bytes(batch, i), 0};
        batch->received[i].msg_len = 0;
        batch->received[i].msg_hdr = (struct msghdr){
            .msg_name = &origin->peer, .msg_namelen = sizeof origin->peer, .msg_iov = &batch->parts[i],
            .msg_iovlen = 1, .msg_control = origin->control, .msg_controllen = sizeof origin->control};
    }
    return recvmmsg(fd, batch->received, batch->count, may_wait ? MSG_WAITFORONE : MSG_DONTWAIT, NULL);
}

const unsigned char *apus_batch_bytes(const struct apus_batch *batch, unsigned index, size_t *length) {
    const struct mmsghdr *message = &batch->received[index];
    if (message->msg_hdr.msg_flags & MSG_TRUNC || message->msg_hdr.msg_namelen == 0) return NULL;
    *length = message->msg_len;
    return batch->parts[index].iov_base;
}

/* The control message as it was received names the interface too, which routing chooses anew; but the interface of a
   link-local address is part of the address. */
static void address_only(const struct msghdr *header, struct apus_origin *origin) {
    origin->control_length = 0;
    struct cmsghdr *item = CMSG_FIRSTHDR(header);
    if (!item) return;
    if (item->cmsg_level == IPPROTO_IP && item->cmsg_type == IP_PKTINFO) {
        struct in_pktinfo info;
        memcpy(&info, CMSG_DATA(item), sizeof info);
        info.ipi_ifindex = 0;
        memcpy(CMSG_DATA(item), &info, sizeof info);
        origin->control_length = CMSG_SPACE(sizeof info);
    } else if (item->cmsg_level == IPPROTO_IPV6 && item->cmsg_type == IPV6_PKTINFO) {
        struct in6_pktinfo info;
        memcpy(&info, CMSG_DATA(item), sizeof info);
        if (!IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr)) info.ipi6_ifindex = 0;
        memcpy(CMSG_DATA(item), &info, sizeof info);
        origin->control_length = CMSG_SPACE(sizeof info);
    }
}

static struct msghdr header_to(const struct apus_origin *origin, struct iovec *part) {
    return (struct msghdr){
        .msg_name = (void *)&origin->peer, .msg_namelen = origin->peer_length, .msg_iov = part, .msg_iovlen = 1,
        .msg_control = origin->control_length ? (void *)origin->control : NULL,
        .msg_controllen = origin->control_length};
}

/* Completes the origin of a datagram in place. */
static struct apus_origin *complete_origin(const struct apus_batch *batch, unsigned index) {
    struct apus_origin *origin = &batch->origins[index];
    origin->peer_length = batch->received[index].msg_hdr.msg_namelen;
    address_only(&batch->received[index].msg_hdr, origin);
    return origin;
}

void apus_batch_origin(const struct apus_batch *batch, unsigned index, struct apus_origin *origin) {
    *origin = *complete_origin(batch, index);
}

int apus_batch_answer(struct apus_batch *batch, unsigned index, const void *bytes, size_t length) {
    if (length > batch->size) return -1;
    memcpy(answer_bytes(batch, index), bytes, length);
    batch->parts[batch->count + index].iov_len = length;
    return 0;
}

int apus_batch_send(struct apus_batch *batch, int fd) {
    unsigned count = 0;
    for (unsigned i = 0; i < batch->count; i++) {
        struct iovec *part = &batch->parts[batch->count + i];
        if (part->iov_len == 0) continue;
        batch->answers[count++].msg_hdr = header_to(complete_origin(batch, i), part);
    }
    unsigned next = 0, sent = 0;
    while (next < count) {
        int result = sendmmsg(fd, batch->answers + next, count - next, MSG_NOSIGNAL);
        if (result < 0 && errno == EINTR) continue;
        if (result > 0) sent += (unsigned)result;
        next += result > 0 ? (unsigned)result : 1;
    }
    return (int)sent;
}

ssize_t apus_answer_origin(int fd, const struct apus_origin *origin, const void *bytes, size_t length) {
    struct iovec part = {(void *)bytes, length};
    struct msghdr header = header_to(origin, &part);
    return sendmsg(fd, &header, MSG_NOSIGNAL);
}
