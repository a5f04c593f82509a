import Conntrack
import Glibc
import Lab
import NetTypes
import PacketFlows
import ProxyCore
import ProxyIPVS

/// One line of the report; out before anything that a child process writes.
func report(_ word: String, _ text: String) {
    print("guest \(word): \(text)")
    fflush(nil)
}

enum GuestChecks {
    static func run(_ lab: FlowProbe) throws {
        for group in FlowGroup.all { try check(group.without(isKnownDifference), lab) }
        try lab.inside(.node) { try lifecycle(FlowGroup.all[0]) }
    }

    /// What docs/ipvs.md lists: an external address is the node's own.
    private static func isKnownDifference(_ flowCase: FlowCase) -> Bool {
        flowCase.name.contains("unknown port of an external IP")
    }

    private static func check(_ group: FlowGroup, _ lab: FlowProbe) throws {
        let state = group.state
        try lab.inside(.node) {
            for family in IPFamily.allCases {
                var backend = try IPVSBackend(family: family)
                for sentence in try backend.missingFeatures() { report("missing", sentence) }
                let first = try backend.synchronise(state.servicePorts, node: state.node)
                let second = try backend.synchronise(state.servicePorts, node: state.node)
                report("sync", "\(group) \(family): \(first.operations) operations, again \(second.operations)")
            }
            // Flows of the group before would keep their translation.
            var conntrack = try ConntrackSocket()
            try conntrack.deleteAll { _ in true }
        }
        var failures = try KernelCheck.failures(of: group, in: lab)
        if !failures.isEmpty {
            // An emulated machine loses a packet now and then; what is wrong is wrong twice.
            let failed = group.without { flowCase in !failures.contains { $0.hasPrefix("\(flowCase): ") } }
            for failure in failures { report("again", "\(group): \(failure)") }
            failures = try KernelCheck.failures(of: failed, in: lab)
        }
        for failure in failures { report("flow", "\(group): \(failure)") }
        report("group", "\(group): \(group.cases.count - failures.count) of \(group.cases.count)")
    }

    /// A change, what the tools show, and that nothing is left.
    private static func lifecycle(_ group: FlowGroup) throws {
        let state = group.state
        for family in IPFamily.allCases {
            var backend = try IPVSBackend(family: family)
            _ = try backend.synchronise(state.servicePorts, node: state.node)
            report("intact", "\(try backend.isIntact())")
            for port in state.servicePorts where port.name.family == family {
                let account = try backend.audit(port, source: nil, node: state.node)
                if !account.isAsDesired { report("audit", "\(account)") }
            }
            if family == .ipv6 { show() }
        }
        for family in IPFamily.allCases {
            var backend = try IPVSBackend(family: family)
            try backend.cleanup()
        }
        report("left", "after cleanup")
        system("ipvsadm -ln | tail -n +4; ipset list -n; iptables-save | grep KUBE; /usr/sbin/ip -br link | grep ipvs")
        report("end", "of what is left")
    }

    private static func show() {
        report("tools", "begin")
        system(
            "ipvsadm -ln | head -12; ipset list KUBE-CLUSTER-IP | head -14; /usr/sbin/ip -br -4 address show kube-ipvs0"
        )
        report("tools", "end")
    }
}
