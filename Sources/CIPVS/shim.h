// The kernel's IPVS protocol. netinet/in.h goes first: linux/in.h then leaves what Glibc's module defines alone.
#include <netinet/in.h>
#include <linux/ip_vs.h>
