import NetTypes
import Testing

@testable import PodNetwork

@Suite struct AddressPoolTests {
    private func range(_ text: String) throws -> CIDR { try #require(CIDR(text)) }

    private func ip(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }

    private func held(_ texts: String...) throws -> [IPAddress: AddressPool.Lease] {
        Dictionary(uniqueKeysWithValues: try texts.map { (try ip($0), .init(container: "c", interface: "eth0")) })
    }

    private func choose(
        _ text: String, _ leases: [IPAddress: AddressPool.Lease] = [:], last: String? = nil, now: Int64 = 1000
    ) throws -> AddressPool.Choice {
        AddressPool.choose(
            try range(text), leases: leases, last: try last.map(ip), now: now, coolDown: 30)
    }

    @Test func goesInACircle() throws {
        #expect(try choose("10.0.0.0/29") == .address(ip("10.0.0.1")))
        #expect(try choose("10.0.0.0/29", last: "10.0.0.3") == .address(ip("10.0.0.4")))
        #expect(try choose("10.0.0.0/29", last: "10.0.0.6") == .address(ip("10.0.0.1")))
        #expect(try choose("10.0.0.0/29", held("10.0.0.4", "10.0.0.5"), last: "10.0.0.3") == .address(ip("10.0.0.6")))
        // The note of another range says nothing.
        #expect(try choose("10.0.0.0/29", last: "10.9.0.3") == .address(ip("10.0.0.1")))
    }

    @Test func whatWasGivenBackRests() throws {
        var leases = try held("10.0.0.1")
        leases[try ip("10.0.0.2")] = .init(container: "c", interface: "eth0", released: 980)
        #expect(try choose("10.0.0.0/30", leases) == .exhausted(held: 1, coolingDown: 1))
        #expect(try choose("10.0.0.0/30", leases, now: 1010) == .address(ip("10.0.0.2")))
        // A clock that began again.
        #expect(try choose("10.0.0.0/30", leases, now: 5) == .address(ip("10.0.0.2")))
    }

    @Test func smallAndLargeRanges() throws {
        #expect(try choose("10.0.0.7/32") == .address(ip("10.0.0.7")))
        #expect(try choose("10.0.0.7/32", held("10.0.0.7")) == .exhausted(held: 1, coolingDown: 0))
        #expect(try choose("10.0.0.6/31", held("10.0.0.6")) == .address(ip("10.0.0.7")))
        #expect(try choose("fd00::/64", held("fd00::1")) == .address(ip("fd00::2")))
        #expect(try choose("fd00::/64", last: "fd00::ffff:ffff:ffff:ffff") == .address(ip("fd00::1")))
        #expect(try choose("::/0", last: "ff:ffff:ffff:ffff:ffff:ffff:ffff:ffff") == .address(ip("100::")))
    }

    /// Every address is given once before any is given again.
    @Test func noAddressIsLostOrDoubled() throws {
        var leases: [IPAddress: AddressPool.Lease] = [:]
        var last: String?
        for _ in 0..<254 {
            guard case .address(let address) = try choose("10.1.0.0/24", leases, last: last) else {
                Issue.record("exhausted after \(leases.count)")
                return
            }
            #expect(leases[address] == nil)
            leases[address] = .init(container: "c", interface: "eth0")
            last = "\(address)"
        }
        #expect(try choose("10.1.0.0/24", leases, last: last) == .exhausted(held: 254, coolingDown: 0))
    }
}

@Suite struct NodeRoutesTests {
    private func peer(_ name: String, _ ranges: [String], _ addresses: [String]) -> NodeRoutes.Peer {
        NodeRoutes.Peer(
            name: name, podCIDRs: ranges.compactMap { CIDR($0) }, addresses: addresses.compactMap { IPAddress($0) })
    }

    private func observed(_ range: String, _ gateway: String) throws -> NodeRoutes.Observed {
        .init(try #require(CIDR(range)), gateway: IPAddress(gateway))
    }

    private func texts(
        _ peers: [NodeRoutes.Peer], own: [String] = [], _ observed: [NodeRoutes.Observed] = []
    ) -> [String] {
        NodeRoutes.plan(desired: peers, own: own.compactMap { CIDR($0) }, observed: observed).changes.map(\.description)
    }

    @Test func routesEachFamilyThroughItsOwnAddress() {
        #expect(
            texts([peer("b", ["10.2.0.0/24", "fd02::/64"], ["192.168.0.2", "2001:db8::2"])]) == [
                "route 10.2.0.0/24 via 192.168.0.2", "route fd02::/64 via 2001:db8::2",
            ])
    }

    @Test func doesNothingWhenAllIsThere() throws {
        #expect(
            texts([peer("b", ["10.2.0.0/24"], ["192.168.0.2"])], [try observed("10.2.0.0/24", "192.168.0.2")]).isEmpty)
    }

    @Test func movedAndVanishedNodes() throws {
        let there = [try observed("10.2.0.0/24", "192.168.0.2"), try observed("10.3.0.0/24", "192.168.0.3")]
        #expect(
            texts([peer("b", ["10.2.0.0/24"], ["192.168.0.9"])], there) == [
                "no route 10.2.0.0/24 via 192.168.0.2", "no route 10.3.0.0/24 via 192.168.0.3",
                "route 10.2.0.0/24 via 192.168.0.9",
            ])
    }

    @Test func refusesWhatWouldLeadAstray() {
        let plan = NodeRoutes.plan(
            desired: [
                peer("b", ["10.1.0.0/16"], ["192.168.0.2"]), peer("c", ["10.5.0.0/24"], ["2001:db8::3"]),
                peer("d", ["10.6.0.0/24"], ["192.168.0.4"]), peer("e", ["10.6.0.0/24"], ["192.168.0.5"]),
            ], own: [CIDR("10.1.7.0/24")].compactMap { $0 }, observed: [])
        #expect(plan.changes.map(\.description) == ["route 10.6.0.0/24 via 192.168.0.4"])
        #expect(plan.problems.count == 3)
    }
}
