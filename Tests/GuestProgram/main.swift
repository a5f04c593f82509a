import Conntrack
import Glibc
import Lab
import NetTypes
import PacketFlows
import ProxyCore
import ProxyIPVS

// What runs inside the guest: the packet-flow table against the ipvs mode. Each line of the report begins with a
// word that the test on the outside looks for.

do {
    try GuestChecks.run()
    report("done", "all checks ran")
} catch {
    report("error", "\(error)")
}
