import Conntrack
import Glibc
import Lab
import NetTypes
import PacketFlows
import ProxyCore
import TestThreads
import Testing

@testable import ProxyNftables

/// The table of packet flows against the oracle and against the kernel.
@Suite(.ownThread) struct PacketFlowTests {
    @Test(arguments: FlowGroup.all)
    func theOracleAgrees(group: FlowGroup) {
        #expect(group.oracleFailures() == [])
    }

    @Test(.enabled(if: geteuid() == 0, "needs root: makes network namespaces"))
    func theKernelAgrees() throws {
        let lab = try FlowLab.start()
        for group in FlowGroup.all {
            let state = group.state
            try lab.inside(.node) {
                for family in IPFamily.allCases {
                    var backend = try NftablesBackend(family: family)
                    #expect(try backend.synchronise(state.servicePorts, node: state.node).cleanupFailure == nil)
                }
                // Flows of the group before would keep their translation.
                var conntrack = try ConntrackSocket()
                try conntrack.deleteAll { _ in true }
            }
            let failures = try KernelCheck.failures(of: group, in: lab)
            #expect(failures == [], "\(group)")
        }
    }
}
