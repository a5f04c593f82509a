// The kernel's IPVS protocol over generic netlink. netinet/in.h goes first: linux/in.h then leaves what Glibc's module
// defines alone.
#include <netinet/in.h>
#include <linux/genetlink.h>
#include <linux/ip_vs.h>
