import Conntrack
import Glibc
import IPTables
import Lab
import NetTypes
import PacketFlows
import ProxyCore
import TestThreads
import Testing

@testable import ProxyIPTables

/// The table of packet flows against the kernel, in both variants and both families.
@Suite(.ownThread, .enabled(if: geteuid() == 0, "needs root: makes network namespaces"))
struct PacketFlowTests {
    @Test(arguments: [IPTablesOptions.Variant.nft, .legacy])
    func theKernelAgrees(variant: IPTablesOptions.Variant) throws {
        let lab = try FlowLab.start()
        for group in FlowGroup.all {
            let state = group.state
            try lab.inside(.node) {
                for family in IPFamily.allCases {
                    var backend = try IPTablesBackend(family: family, options: IPTablesOptions(variant: variant))
                    let report = try backend.synchronise(state.servicePorts, node: state.node)
                    #expect(report.operations > 0, "\(group)")
                    #expect(try backend.isIntact())
                    #expect(try backend.synchronise(state.servicePorts, node: state.node).operations == 0, "\(group)")
                }
                // Flows of the group before would keep their translation.
                var conntrack = try ConntrackSocket()
                try conntrack.deleteAll { _ in true }
            }
            #expect(try KernelCheck.failures(of: group, in: lab) == [], "\(group)")
        }
    }
}
