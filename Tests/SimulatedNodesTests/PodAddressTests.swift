import KubeAPI
import NetTypes
import Testing

@testable import SimulatedNodes

@Suite struct PodAddressTests {
    private let range = CIDR("10.1.0.0/29")

    @Test func noTwoPodsHaveTheSame() throws {
        let range = try #require(range)
        var addresses = PodAddresses()
        let first = addresses.addresses(of: "a", in: [range])
        #expect(first.map(\.description) == ["10.1.0.1"] && addresses.addresses(of: "a", in: [range]) == first)
        let all = (0..<5).flatMap { addresses.addresses(of: "\($0)", in: [range]) }
        #expect(Set(all + first).count == 6)
        #expect(addresses.addresses(of: "late", in: [range]).isEmpty, "neither the first nor the last is a pod's")
        addresses.release("3")
        #expect(addresses.addresses(of: "late", in: [range]) == [all[3]])
    }

    /// A simulation that starts anew finds pods with addresses.
    @Test func whatAPodHasItKeeps() throws {
        let range = try #require(range)
        let second = try #require(CIDR("fd00::/64"))
        var addresses = PodAddresses()
        addresses.note(["10.1.0.2", "fd00::2"], of: "old")
        addresses.note(["10.1.0.5"], of: "old")
        let new = (0..<3).map { addresses.addresses(of: "\($0)", in: [range, second]).map(\.description) }
        #expect(new == [["10.1.0.1", "fd00::1"], ["10.1.0.3", "fd00::3"], ["10.1.0.4", "fd00::4"]])
        #expect(addresses.addresses(of: "old", in: [range]).map(\.description) == ["10.1.0.2", "fd00::2"])
    }

    @Test func nodesHaveRangesOfTheirOwn() throws {
        func node(_ prefix: String, _ index: Int) -> SimulatedNode {
            SimulatedNode(name: "\(prefix)\(index)", index: index, block: SimulatedNode.block(ofPrefix: prefix))
        }
        let nodes = ["sim-", "a-", "b-"].flatMap { prefix in [0, 1, 255].map { node(prefix, $0) } }
        #expect(Set(nodes.map(\.address)).count == 9)
        #expect(Set(nodes.flatMap { $0.podRanges(nil) }).count == 9)
        #expect(nodes[1].address == "172.16.0.1" && nodes[1].podRanges(nil).map(\.description) == ["10.128.1.0/24"])
        let given = try APIObject(json: [
            "apiVersion": "v1", "kind": "Node", "metadata": ["name": "sim-0"],
            "spec": ["podCIDR": "10.244.3.0/24", "podCIDRs": ["10.244.3.0/24", "fd00::/64"]],
        ])
        #expect(nodes[0].podRanges(given).map(\.description) == ["10.244.3.0/24", "fd00::/64"])
    }
}
