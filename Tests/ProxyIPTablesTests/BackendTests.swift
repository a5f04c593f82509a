import Glibc
import IPSet
import IPTables
import KubeAPI
import NetTypes
import Namespaces
import ProxyCore
import Routes
import TestThreads
import Testing

@testable import ProxyIPTables

/// The backend against the kernel; iptables-save is the witness.
@Suite(.ownThread, .enabled(if: geteuid() == 0, "needs root: makes network namespaces"))
struct BackendTests {
    private static let node = NodeFacts(
        name: "node", nodePortAddresses: [IPAddress(192, 0, 2, 1)],
        detector: .cidrs([CIDR(host: IPAddress(10, 1, 0, 0))]))

    private static func options(_ variant: IPTablesVariant) -> IPTablesOptions {
        IPTablesOptions(variant: variant == .nft ? .nft : .legacy)
    }

    private static func endpoint(_ number: Int) -> AddressPort { AddressPort(IPAddress(10, 1, 0, UInt8(number)), 8080) }

    /// A service port whose shape follows from two numbers.
    private static func port(_ index: Int, _ shape: UInt64) -> ServicePort {
        let endpoints = EndpointSet((0..<Int(shape % 4)).map { endpoint(index * 4 + $0 + 1) })
        let isLocal = shape >> 2 & 1 == 1
        let byte = UInt8(index + 1)
        return ServicePort(
            name: ServicePortName(
                service: NamespacedName(namespace: "test", name: "svc-\(index)"), port: "", proto: .tcp, family: .ipv4),
            frontends: [
                Frontend(.clusterIP(IPAddress(10, 96, 0, byte)), 80),
                Frontend(.loadBalancerIP(IPAddress(10, 4, 0, byte)), 80),
                Frontend(.nodePort, 30000 + UInt16(index)),
            ],
            internalEndpoints: endpoints, clusterEndpoints: endpoints,
            localEndpoints: isLocal ? EndpointSet(Array(endpoints.endpoints.prefix(1))) : .empty,
            externalPolicyIsLocal: isLocal, hasAnyEndpoint: !endpoints.isEmpty,
            hairpinAddresses: shape >> 3 & 1 == 1 ? endpoints.endpoints.map(\.address) : [],
            affinityTimeout: shape >> 4 & 3 == 0 ? 600 : nil, balance: BalanceAlgorithm.allCases[Int(shape >> 6 & 3)],
            sourceRanges: shape >> 8 & 3 == 0 ? [CIDR(host: IPAddress(1, 2, 3, 4))] : nil,
            sourceRangesGuardNodePort: shape >> 10 & 1 == 0,
            healthCheckNodePort: shape >> 11 & 1 == 0 ? 31000 + UInt16(index) : nil)
    }

    /// Everything that the mode keeps: chains of both tables, entries of all sets.
    private static func picture(_ programs: IPTablesPrograms) throws -> [String: [String]] {
        var sets = try IPSetSocket()
        var picture: [String: [String]] = [:]
        for (table, text) in try programs.save() {
            for (chain, rules) in text.chains { picture["\(table) \(chain)"] = rules }
        }
        for set in SetName.allCases {
            picture[set.rawValue] = try sets.contents(of: set.name(.ipv4))?.entries.map { "\($0.key)" }.sorted()
        }
        return picture
    }

    @Test(arguments: IPTablesVariant.allCases, [1, 2, 3] as [UInt64])
    func anyOrderOfEventsEndsInTheSameTables(variant: IPTablesVariant, seed: UInt64) throws {
        let programs = IPTablesPrograms(.ipv4, variant)
        var generator = Seeded(state: seed)
        var ports: [Int: ServicePort] = [:]
        var node = Self.node
        let walked = try withNetworkNamespace {
            var backend = try IPTablesBackend(family: .ipv4, options: Self.options(variant))
            _ = try backend.synchronise([], node: node)
            for step in 0..<12 {
                var delta = ProxyDelta()
                var changed: Set<Int> = []
                for _ in 0..<6 {
                    let index = Int(generator.next() % 20)
                    guard changed.insert(index).inserted else { continue }
                    let new = generator.next() % 4 == 0 ? nil : Self.port(index, generator.next() >> 8)
                    if ports[index] == new { continue }
                    delta.servicePorts.append(ServicePortChange(old: ports[index], new: new))
                    ports[index] = new
                }
                if step == 6 {
                    let old = node
                    node.masqueradeAll = true
                    node.nodePortAddresses.append(IPAddress(192, 0, 2, 2))
                    delta.node = (old, node)
                }
                _ = try backend.apply(delta)
                #expect(try backend.isIntact())
            }
            #expect(try backend.synchronise(ports.values, node: node).operations == 0, "seed \(seed)")
            return try Self.picture(programs)
        }
        let fresh = try withNetworkNamespace {
            var backend = try IPTablesBackend(family: .ipv4, options: Self.options(variant))
            _ = try backend.synchronise(ports.values, node: node)
            return try Self.picture(programs)
        }
        #expect(walked == fresh, "seed \(seed)")
    }

    /// A foreign rule may be taken for damage, but not for ever.
    @Test(arguments: IPTablesVariant.allCases)
    func foreignRulesAreNotMendedAgainAndAgain(variant: IPTablesVariant) throws {
        try withNetworkNamespace {
            var backend = try IPTablesBackend(family: .ipv4, options: Self.options(variant))
            _ = try backend.synchronise([], node: Self.node)
            #expect(system("\(backend.programs.name) -w -t nat -A PREROUTING -p tcp -j RETURN") == 0)
            #expect(try backend.synchronise([], node: Self.node).operations == 0)
            #expect(try backend.isIntact())
        }
    }

    @Test(arguments: IPTablesVariant.allCases)
    func anotherProgramsRulesStay(variant: IPTablesVariant) throws {
        try withNetworkNamespace {
            let programs = IPTablesPrograms(.ipv4, variant)
            let foreign = "-t nat -A PREROUTING -p tcp -m tcp --dport 9 -j RETURN"
            #expect(system("\(programs.name) -w -t nat -N KUBE-OTHERS; \(programs.name) -w \(foreign)") == 0)
            // Another version's jump, in other words: the chain that it leads to could not go without it.
            #expect(system("\(programs.name) -w -t nat -N KUBE-SERVICES") == 0)
            #expect(system("\(programs.name) -w -t nat -A OUTPUT -j KUBE-SERVICES") == 0)
            var backend = try IPTablesBackend(family: .ipv4, options: Self.options(variant))
            _ = try backend.synchronise((0..<10).map { Self.port($0, UInt64($0)) }, node: Self.node)
            try backend.cleanup()
            try backend.cleanup()
            let nat = try programs.save("nat")
            #expect(nat.chains.filter { $0.key.hasPrefix("KUBE") } == ["KUBE-OTHERS": []])
            #expect(nat.chains["PREROUTING"] == ["-p tcp -m tcp --dport 9 -j RETURN"])
            for table in ["filter", "mangle"] {
                #expect(try programs.save(table).chains.values.allSatisfy(\.isEmpty))
                #expect(try programs.save(table).chains.keys.allSatisfy { !$0.hasPrefix("KUBE") })
            }
            var sets = try IPSetSocket()
            #expect(try sets.sets().isEmpty)
        }
    }

    @Test func cleanupSetsBackWhatLoopbackNodePortsNeeded() throws {
        try withNetworkNamespace {
            let setting = "net.ipv4.conf.all.route_localnet"
            var node = Self.node
            node.nodePortAddresses.append(IPAddress(127, 0, 0, 1))
            #expect(try Sysctl.read(setting) == "0")
            var backend = try IPTablesBackend(family: .ipv4, options: Self.options(.nft))
            _ = try backend.synchronise([Self.port(1, 3)], node: node)
            #expect(try Sysctl.read(setting) == "1")
            // Another process, which finds the setting as it needs it.
            var later = try IPTablesBackend(family: .ipv4, options: Self.options(.nft))
            #expect(try later.synchronise([Self.port(1, 3)], node: node).operations == 0)
            try later.cleanup()
            #expect(try Sysctl.read(setting) == "0")
            var sets = try IPSetSocket()
            #expect(try sets.sets().isEmpty)
        }
    }

    /// kubelet guards 127.0.0.0/8 in a chain of its own; with and without localhost node ports that is not ours.
    @Test(arguments: IPTablesVariant.allCases, [true, false])
    func kubeletsFirewallStays(variant: IPTablesVariant, localhostNodePorts: Bool) throws {
        try withNetworkNamespace {
            let programs = IPTablesPrograms(.ipv4, variant)
            for words in [
                "-N KUBE-FIREWALL", "-A INPUT -j KUBE-FIREWALL", "-A OUTPUT -j KUBE-FIREWALL",
                "-A KUBE-FIREWALL ! -s 127.0.0.0/8 -d 127.0.0.0/8 -j DROP",
            ] {
                #expect(system("\(programs.name) -w -t filter \(words)") == 0)
            }
            var options = Self.options(variant)
            options.localhostNodePorts = localhostNodePorts
            var node = Self.node
            node.nodePortAddresses.append(IPAddress(127, 0, 0, 1))
            var backend = try IPTablesBackend(family: .ipv4, options: options)
            _ = try backend.synchronise([Self.port(1, 3)], node: node)
            let guarding = ["! -s 127.0.0.0/8 -d 127.0.0.0/8 -j DROP"]
            #expect(try programs.save("filter").chains["KUBE-FIREWALL"] == guarding)
            try backend.cleanup()
            let left = try programs.save("filter").chains.filter { !$0.value.isEmpty }
            #expect(
                left == [
                    "KUBE-FIREWALL": guarding, "INPUT": ["-j KUBE-FIREWALL"], "OUTPUT": ["-j KUBE-FIREWALL"],
                ])
        }
    }

    /// A node that went from one variant to the other has rules of both.
    @Test(arguments: IPTablesVariant.allCases)
    func cleanupIsOfBothVariants(variant: IPTablesVariant) throws {
        try withNetworkNamespace {
            let programs = IPTablesPrograms(.ipv4, variant)
            var backend = try IPTablesBackend(family: .ipv4, options: Self.options(variant))
            _ = try backend.synchronise((0..<10).map { Self.port($0, UInt64($0)) }, node: Self.node)
            let other: IPTablesVariant = variant == .nft ? .legacy : .nft
            var cleaner = try IPTablesBackend(family: .ipv4, options: Self.options(other))
            try cleaner.cleanup()
            #expect(try programs.save().values.flatMap(\.chains.keys).allSatisfy { !$0.hasPrefix("KUBE") })
            #expect(try programs.save().values.flatMap(\.chains.values).allSatisfy(\.isEmpty))
        }
    }

    @Test func lookingForLeftOversMakesNoTables() throws {
        try withNetworkNamespace {
            var backend = try IPTablesBackend(family: .ipv4, options: Self.options(.nft))
            try backend.cleanup()
            #expect(system("test -z \"$(cat /proc/thread-self/net/ip_tables_names)\"") == 0)
            #expect(system("test -z \"$(nft list tables)\"") == 0)
        }
    }

    @Test(arguments: IPTablesVariant.allCases)
    func nothingIsMissingHere(variant: IPTablesVariant) throws {
        try withNetworkNamespace {
            var backend = try IPTablesBackend(family: .ipv4, options: Self.options(variant))
            #expect(try backend.missingFeatures() == [])
            let nat = try backend.programs.save("nat").chains
            #expect(nat.values.allSatisfy(\.isEmpty) && !nat.keys.contains { $0.hasPrefix("KUBE") })
        }
    }

    @Test(arguments: IPTablesVariant.allCases)
    func theAuditSeesWhatDiffers(variant: IPTablesVariant) throws {
        try withNetworkNamespace {
            var backend = try IPTablesBackend(family: .ipv4, options: Self.options(variant))
            let port = Self.port(1, 3 | 1 << 4)
            _ = try backend.synchronise([port], node: Self.node)
            #expect(try backend.audit(port, source: nil, node: Self.node).isAsDesired)
            let chain = "KUBE-SVC-\(ChainName.hash(port.name))"
            #expect(system("\(backend.programs.name) -w -t nat -F \(chain)") == 0)
            let account = try backend.audit(port, source: nil, node: Self.node)
            #expect(!account.isAsDesired)
            #expect(account.missing.contains { $0.hasPrefix("-A \(chain) ") })
        }
    }

    @Test func applyComesAfterSynchronise() throws {
        try withNetworkNamespace {
            var backend = try IPTablesBackend(family: .ipv4, options: Self.options(.nft))
            #expect(throws: BackendNotSynchronised.self) { try backend.apply(ProxyDelta()) }
        }
    }

    /// What `program` prints, the tools read, and it is what the backend makes.
    @Test func whatIsPrintedCanBeRestored() throws {
        let ports = (0..<20).map { Self.port($0, UInt64($0) * 37) }
        let programs = IPTablesPrograms(.ipv4, .nft)
        let (setText, tableText) = IPTablesBackend.program(ports, node: Self.node, family: .ipv4)
        let restored = try withNetworkNamespace {
            for (text, program) in [(setText, "ipset restore"), (tableText, "iptables-nft-restore --noflush")] {
                let stream = try #require(popen(program, "we"))
                fputs(text, stream)
                #expect(pclose(stream) == 0)
            }
            return try Self.picture(programs)
        }
        let made = try withNetworkNamespace {
            var backend = try IPTablesBackend(family: .ipv4, options: Self.options(.nft))
            _ = try backend.synchronise(ports, node: Self.node)
            return try Self.picture(programs)
        }
        #expect(restored == made)
    }
}
