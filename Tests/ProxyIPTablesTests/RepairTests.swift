import Glibc
import IPSet
import IPTables
import KubeAPI
import NetTypes
import Namespaces
import ProxyCore
import TestThreads
import Testing

@testable import ProxyIPTables

/// What others break, found and mended; the iptables programs and ipset are the others.
@Suite(.ownThread, .enabled(if: geteuid() == 0, "needs root: makes network namespaces"))
struct RepairTests {
    private static let node = NodeFacts(
        name: "node", nodePortAddresses: [IPAddress(192, 0, 2, 1)],
        detector: .cidrs([CIDR(host: IPAddress(10, 1, 0, 0))]))

    private static func port(_ index: Int, _ family: IPFamily) -> ServicePort {
        let byte = UInt8(index + 1)
        let address = family == .ipv4 ? IPAddress(10, 96, 0, byte) : IPAddress(high: 0xfd00 << 48, low: UInt64(byte))
        let endpoints = EndpointSet([AddressPort(address, 8080)])
        return ServicePort(
            name: ServicePortName(
                service: NamespacedName(namespace: "test", name: "svc-\(index)"), port: "", proto: .tcp, family: family),
            frontends: [Frontend(.clusterIP(address), 80), Frontend(.nodePort, 30000 + UInt16(index))],
            internalEndpoints: endpoints, clusterEndpoints: endpoints, hasAnyEndpoint: true,
            hairpinAddresses: [address], healthCheckNodePort: 31000)
    }

    private static let ports = (0..<30).flatMap { index in IPFamily.allCases.map { port(index, $0) } }

    private static func backend(_ variant: IPTablesVariant, _ family: IPFamily, _ watch: TableWatch) throws
        -> IPTablesBackend
    {
        try IPTablesBackend(
            family: family, options: IPTablesOptions(variant: variant == .nft ? .nft : .legacy), watch: watch)
    }

    /// All tables of a variant, and all sets.
    private static func picture(_ programs: IPTablesPrograms) throws -> [String: [String]] {
        var sets = try IPSetSocket()
        var picture: [String: [String]] = [:]
        for (table, text) in try programs.save() {
            for (chain, rules) in text.chains { picture["\(table) \(chain)"] = rules }
        }
        for set in SetName.allCases {
            let name = set.name(programs.family)
            picture[name] = try sets.contents(of: name)?.entries.map { "\($0.key)" }.sorted()
        }
        return picture
    }

    /// What somebody does, by the program's name and the name of a chain of a Service; and whether the repair may look
    /// at everything.
    private static func damage(_ programs: IPTablesPrograms) -> [(command: String, isWide: Bool)] {
        let tool = "\(programs.name) -w"
        let chain = "KUBE-SVC-\(ChainName.hash(port(7, programs.family).name))"
        let set = SetName.services.name(programs.family)
        let unhook = ["PREROUTING", "OUTPUT"].map {
            "\(tool) -t nat -D \($0) -m comment --comment 'kubernetes service portals' -j KUBE-SERVICES"
        }
        return [
            ("\(tool) -t nat -F", true),
            ("\(tool) -t filter -F", false),
            ("\(tool) -t filter -F && \(tool) -t filter -X", false),
            ("\(tool) -t mangle -F && \(tool) -t mangle -X", false),
            ("\(tool) -t nat -F PREROUTING", false),
            ("\(tool) -t nat -F KUBE-SERVICES", false),
            (
                unhook.joined(separator: " && ")
                    + " && \(tool) -t nat -F KUBE-SERVICES && \(tool) -t nat -X KUBE-SERVICES", false
            ),
            ("\(tool) -t nat -A KUBE-POSTROUTING -j RETURN", false),
            ("\(tool) -t nat -F \(chain)", false),
            ("\(tool) -t nat -I \(chain) -j RETURN", false),
            ("\(tool) -t nat -F KUBE-DST", false),
            ("\(tool) -t nat -N KUBE-SVC-AAAAAAAAAAAAAAAA", false),
            ("ipset flush \(set)", false),
        ]
    }

    @Test(arguments: IPTablesVariant.allCases, IPFamily.allCases)
    func whatOthersChangeIsNoticedAndMended(variant: IPTablesVariant, family: IPFamily) throws {
        try withNetworkNamespace {
            let programs = IPTablesPrograms(family, variant)
            var backend = try Self.backend(variant, family, TableWatch())
            _ = try backend.synchronise(Self.ports, node: Self.node)
            let before = try Self.picture(programs)
            let state = ProxyState(node: Self.node)
            for (command, isWide) in Self.damage(programs) {
                #expect(try backend.isIntact(), "before \(command)")
                #expect(system(command) == 0, "\(command)")
                #expect(try !backend.isIntact(), "\(command)")
                let repair = try backend.repair(state)
                if variant == .legacy || !isWide { #expect(repair != nil, "\(command)") }
                let report = try repair ?? backend.synchronise(Self.ports, node: Self.node)
                #expect(report.operations > 0, "\(command)")
                #expect(try Self.picture(programs) == before, "\(command)")
                #expect(try backend.isIntact(), "after \(command)")
            }
        }
    }

    /// A set and a table are gone altogether.
    @Test func evenWhatIsGoneComesBack() throws {
        try withNetworkNamespace {
            let programs = IPTablesPrograms(.ipv4, .nft)
            var backend = try Self.backend(.nft, .ipv4, TableWatch())
            _ = try backend.synchronise(Self.ports, node: Self.node)
            let before = try Self.picture(programs)
            #expect(system("nft delete table ip nat; nft delete table ip filter; ipset destroy") == 0)
            #expect(try !backend.isIntact())
            #expect(try backend.repair(ProxyState(node: Self.node)) == nil)
            _ = try backend.synchronise(Self.ports, node: Self.node)
            #expect(try Self.picture(programs) == before)
            #expect(try backend.isIntact())
        }
    }

    /// Families share what they hear; what one does is not foreign to the other, and foreign changes come to theirs.
    @Test func familiesDoNotDisturbEachOther() throws {
        try withNetworkNamespace {
            let watch = TableWatch()
            var first = try Self.backend(.nft, .ipv4, watch)
            var second = try Self.backend(.nft, .ipv6, watch)
            for _ in 0..<2 {
                _ = try first.synchronise(Self.ports, node: Self.node)
                _ = try second.synchronise(Self.ports, node: Self.node)
                #expect(try first.isIntact())
                #expect(try second.isIntact())
            }
            #expect(system("ip6tables-nft -t nat -F PREROUTING") == 0)
            #expect(try first.isIntact())
            #expect(try !second.isIntact())
            #expect(try second.repair(ProxyState(node: Self.node))?.operations == 1)
            #expect(try second.isIntact())
            var delta = ProxyDelta()
            delta.servicePorts = [ServicePortChange(old: Self.port(3, .ipv4), new: nil)]
            _ = try first.apply(delta)
            #expect(try first.isIntact())
            #expect(try second.isIntact())
        }
    }

    /// What others do in chains of their own, or as they may in built-in ones, is none of the mode's business.
    @Test func othersWorkDisturbsNobody() throws {
        try withNetworkNamespace {
            var backend = try Self.backend(.nft, .ipv4, TableWatch())
            _ = try backend.synchronise(Self.ports, node: Self.node)
            #expect(system("iptables-nft -t nat -N CNI-HOSTPORT && iptables-nft -t nat -A CNI-HOSTPORT -j RETURN") == 0)
            #expect(system("iptables-nft -t raw -N OTHERS && nft add table ip others") == 0)
            #expect(try backend.isIntact())
            #expect(system("iptables-nft -t nat -A PREROUTING -j CNI-HOSTPORT") == 0)
            #expect(try backend.repair(ProxyState(node: Self.node))?.operations == 0)
            #expect(try backend.isIntact())
        }
    }
}
