import Conntrack
import Glibc
import Lab
import NetTypes
import PacketFlows
import ProxyCore
import ProxyUserspace
import TestThreads
import Testing

/// The table of packet flows against the proxy and its rules.
@Suite(.ownThread) struct PacketFlowTests {
    /// The explicit difference to the other modes: the proxy connects to endpoints itself, so that each sees an address
    /// of the node as its client, also where the others keep the client's.
    @Test(.enabled(if: geteuid() == 0, "needs root: makes network namespaces"))
    func theKernelAgrees() throws {
        let lab = try FlowLab.start()
        for group in FlowGroup.all {
            let state = group.state
            let engine = UserspaceEngine()
            defer { engine.stop() }
            try lab.inside(.node) {
                for family in IPFamily.allCases {
                    var backend = try UserspaceBackend(family: family, engine: engine)
                    #expect(try backend.synchronise(state.servicePorts, node: state.node).operations > 0)
                    let isIntact = try backend.isIntact()
                    #expect(isIntact)
                    // The second time there is nothing to do.
                    #expect(try backend.synchronise(state.servicePorts, node: state.node).operations == 0)
                }
                // Flows of the group before would keep their translation.
                var conntrack = try ConntrackSocket()
                try conntrack.deleteAll { _ in true }
            }
            let failures = try KernelCheck.failures(of: group, in: lab, hidesClients: true)
            #expect(failures == [], "\(group)")
        }
    }
}
