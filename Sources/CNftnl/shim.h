// netinet/in.h goes first: linux/in.h then leaves what Glibc's module already defines alone.
#include <netinet/in.h>
#include <sys/socket.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_nat.h>
#include <libmnl/libmnl.h>
#include <libnftnl/batch.h>
#include <libnftnl/chain.h>
#include <libnftnl/common.h>
#include <libnftnl/expr.h>
#include <libnftnl/gen.h>
#include <libnftnl/object.h>
#include <libnftnl/rule.h>
#include <libnftnl/ruleset.h>
#include <libnftnl/set.h>
#include <libnftnl/table.h>
#include <libnftnl/udata.h>

// Messages of linux/netfilter/nf_tables.h that came with Linux 6.3; Debian 12's headers are of 6.1.
#define APUS_NFT_MSG_DESTROYTABLE 26
#define APUS_NFT_MSG_DESTROYSETELEM 30
