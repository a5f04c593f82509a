import Conntrack
import Glibc
import Lab
import NetTypes
import PacketFlows
import ProxyCore
import ProxyIPVS

// What runs inside the guest: the checks of the ipvs mode, and of cgroup v2. Each line of the report begins with a word that the test on
// the outside looks for. The argument `lifecycle` leaves the packet-flow table out.

do {
    let lab = try FlowLab.start()
    report("lab", "ready")
    if !CommandLine.arguments.contains("lifecycle") { try GuestChecks.run(lab) }
    try LifecycleChecks.run(lab)
    try SwitchChecks(lab: lab).run()
    try CgroupChecks.run()
    report("done", "all checks ran")
} catch {
    report("error", "\(error)")
}
