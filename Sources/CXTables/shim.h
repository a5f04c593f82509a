// The kernel's iptables-legacy control calls, and memfd_create, which Glibc's module hides behind _GNU_SOURCE.
#include <netinet/in.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter_ipv4/ip_tables.h>

#define APUS_IPT_SO_GET_INFO 64 /* IPT_SO_GET_INFO and IP6T_SO_GET_INFO: computed macros are not imported */
_Static_assert(APUS_IPT_SO_GET_INFO == IPT_SO_GET_INFO, "IPT_SO_GET_INFO has changed");

/* An anonymous file in memory, closed on exec. The descriptor, or -1 and errno. */
static inline int apus_memory_file(const char *name) { return (int)syscall(SYS_memfd_create, name, 1U); }
