// What rtnetlink needs beyond linux/rtnetlink.h.
#pragma once
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/veth.h>
#include <net/if.h>
