// Calls that Glibc's module hides behind _GNU_SOURCE, or that need an ifreq union.
#pragma once
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define APUS_CLONE_NEWNET 0x40000000 /* linux/sched.h redefines what sched.h defines */

static inline int apus_unshare(int flags) { return (int)syscall(SYS_unshare, flags); }
static inline int apus_setns(int fd, int type) { return (int)syscall(SYS_setns, fd, type); }
static inline int apus_gettid(void) { return (int)syscall(SYS_gettid); }

/* Sets the loopback interface of the calling thread's namespace up. 0, or -1 and errno. */
static inline int apus_loopback_up(void) {
    struct ifreq request;
    memset(&request, 0, sizeof request);
    strcpy(request.ifr_name, "lo");
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    int result = ioctl(fd, SIOCGIFFLAGS, &request);
    if (result == 0) {
        request.ifr_flags |= IFF_UP;
        result = ioctl(fd, SIOCSIFFLAGS, &request);
    }
    close(fd);
    return result;
}
