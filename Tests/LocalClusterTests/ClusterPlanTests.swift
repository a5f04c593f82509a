import Foundation
import NetTypes
import Testing

@testable import LocalCluster

struct ClusterPlanTests {
    private let layout = ClusterLayout(name: "lab", dataDirectory: "/data", program: "/bin/apus")

    @Test func everyNodeHasAnAgentAndAProxy() throws {
        var settings = ClusterSettings(nodes: 2, proxyMode: "ipvs", port: 6443)
        #expect(
            layout.components(settings).map(\.name) == [
                "apiserver", "controller-manager", "scheduler", "dns", "node-1/agent", "node-1/proxy", "node-2/agent",
                "node-2/proxy",
            ])
        try settings.change(1) { $0.isStopped = true }
        let left = layout.components(settings)
        #expect(!left.contains { $0.namespace == "lab-node-1" })
        let proxy = try #require(left.last)
        #expect(proxy.namespace == "lab-node-2" && proxy.arguments.contains("ipvs"))
    }

    /// Only the API server is reached from the machine, and it ends last.
    @Test func theAPIServerHasTheDoor() {
        let parts = layout.components(ClusterSettings(nodes: 1, proxyMode: "nftables", port: 6443))
        #expect(parts.filter(\.hasDoor).map(\.name) == ["apiserver"])
        #expect(parts.filter { $0.rank == 0 }.map(\.name) == ["apiserver"])
    }

    @Test func numbersOfNodesAreUsedAgain() throws {
        var settings = ClusterSettings(nodes: 3, proxyMode: "nftables", port: 1)
        settings.nodes.removeAll { $0.number == 2 }
        #expect(try settings.addNode() == 2)
        #expect(try settings.addNode() == 4)
        #expect(throws: ClusterFailure("there is no node 9; there are 1, 3, 2, 4")) {
            try settings.change(9) { $0.isCut = true }
        }
    }

    @Test(arguments: [
        ("lab-control", true), ("lab-node-1", true), ("lab-node-x", false), ("lab-2-control", false), ("lab", false),
        ("other-control", false),
    ])
    func tellsItsNamespacesFromOthers(_ name: String, _ isOurs: Bool) { #expect(layout.isMember(name) == isOurs) }

    @Test func settingsOutliveTheProcess() throws {
        let folder = NSTemporaryDirectory() + "apus-settings-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let layout = ClusterLayout(name: "lab", dataDirectory: folder, program: "/bin/apus")
        #expect(try ClusterSettings.read(layout) == nil)
        var settings = ClusterSettings(nodes: 2, proxyMode: "auto", port: 7000)
        try settings.change(2) { $0.isCut = true }
        try settings.write(layout)
        #expect(try ClusterSettings.read(layout) == settings)
        try Data("{".utf8).write(to: URL(filePath: layout.settings))
        #expect(throws: ClusterFailure.self) { try ClusterSettings.read(layout) }
    }
}
