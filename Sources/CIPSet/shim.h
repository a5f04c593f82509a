// libipset, which brings the kernel's ipset protocol in headers of its own. netinet/in.h goes first: linux/in.h then
// leaves what Glibc's module defines alone.
#include <netinet/in.h>
// libipset defines the kernel's union nf_inet_addr and its protocol families anew, with other types; a program that imports
// libnftnl too may see one definition only. These are the kernel's, and libipset's own are left out.
#include <linux/netfilter.h>
#define LIBIPSET_NF_INET_ADDR_H
#define LIBIPSET_NFPROTO_H
#include <linux/netlink.h>
#include <linux/netfilter/nfnetlink.h>
#include <libipset/linux_ip_set.h>
#include <libipset/linux_ip_set_hash.h>
#include <libipset/data.h>
#include <libipset/errcode.h>
#include <libipset/session.h>
#include <libipset/types.h>

/* The type of the function that prints has a variable number of arguments, which Swift does not import. Nothing is
 * printed: see IPSetSession. NULL without memory. */
static inline struct ipset_session *apus_ipset_session(void) { return ipset_session_init(NULL, NULL); }
