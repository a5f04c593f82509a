// The kernel's ipset protocol. netinet/in.h goes first: linux/in.h then leaves what Glibc's module defines alone.
#include <netinet/in.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/ipset/ip_set.h>
#include <linux/netfilter/ipset/ip_set_hash.h>
#include <linux/netfilter/ipset/ip_set_bitmap.h>
