// The kernel's iptables-legacy control calls.
#include <netinet/in.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter_ipv4/ip_tables.h>

#define APUS_IPT_SO_GET_INFO 64 /* IPT_SO_GET_INFO and IP6T_SO_GET_INFO: computed macros are not imported */
_Static_assert(APUS_IPT_SO_GET_INFO == IPT_SO_GET_INFO, "IPT_SO_GET_INFO has changed");
