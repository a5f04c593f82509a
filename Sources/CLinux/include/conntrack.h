// The values ctnetlink carries, and the filter bits that the kernel keeps in its own net/netfilter/nf_internals.h.
#pragma once
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_tcp.h>

#define APUS_CT_FILTER_DESTINATION (1u << 1)      /* CTA_FILTER_F_CTA_IP_DST */
#define APUS_CT_FILTER_PROTOCOL (1u << 3)         /* CTA_FILTER_F_CTA_PROTO_NUM */
#define APUS_CT_FILTER_DESTINATION_PORT (1u << 5) /* CTA_FILTER_F_CTA_PROTO_DST_PORT */
