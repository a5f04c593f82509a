// Kernel constants and calls that Swift cannot import by itself: macros with casts, variadics, setns(2).
#pragma once
// netinet/in.h goes first: linux/in.h then leaves what Glibc's module already defines alone.
#include <netinet/in.h>
#include <sys/socket.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/fib_rules.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include "namespaces.h"
#include "datagrams.h"
#include "batches.h"
#include "polling.h"
#include "relay.h"
#include "links.h"
#include "memory.h"
#include "processors.h"
#include "conntrack.h"
#include "trees.h"
#include "paths.h"
#include "files.h"
#include "processes.h"
