// libnl and libnl-genl. netinet/in.h goes first: linux/in.h then leaves what Glibc's module defines alone.
#include <netinet/in.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <netlink/msg.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/genl/ctrl.h>
