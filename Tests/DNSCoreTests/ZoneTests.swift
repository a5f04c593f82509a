import KubeAPI
import NetTypes
import TestRandom
import Testing

@testable import DNSCore

/// What is answered for every kind of name (Kubernetes DNS-Based Service Discovery 1.1.0).
@Suite struct ZoneTests {
    static let zone = Shop.state(
        [
            Shop.web, Shop.db, Shop.service("none", headless: true),
            Shop.service("dual", headless: true),
            Shop.service("plain", ips: ["10.96.0.8"], ports: [("", .tcp, 8080)]),
            Shop.alias("site", to: "www.example.com"), Shop.alias("near", to: "Web.shop.svc.cluster.local"),
            Shop.alias("lost", to: "gone.shop.svc.cluster.local"),
            Shop.alias("ring", to: "ring.shop.svc.cluster.local"),
            Shop.service("kube-dns", namespace: "kube-system", ips: ["10.96.0.10"]),
        ],
        [
            Shop.dbSlice,
            Shop.slice(
                "web-1", of: "web", endpoints: [Shop.endpoint("10.0.0.9"), Shop.endpoint("10.0.0.8", isReady: false)]),
            Shop.slice("none-1", of: "none", endpoints: [Shop.endpoint("10.0.0.5", isReady: false)]),
            Shop.slice("dual-4", of: "dual", endpoints: [Shop.endpoint("10.0.1.1", hostname: "d-0")]),
            Shop.slice("dual-6", of: "dual", type: .ipv6, endpoints: [Shop.endpoint("fd00::1:1", hostname: "d-0")]),
        ]
    ).zone

    static let soa = "NS cluster.local 5 SOA ns.dns.cluster.local hostmaster.cluster.local 5"
    static let noData = ["NOERROR", soa]
    static let missing = ["NXDOMAIN", soa]

    struct Case: CustomTestStringConvertible, Sendable {
        let question: String
        let type: RecordType
        let lines: [String]

        init(_ question: String, _ type: RecordType, _ lines: [String]) {
            (self.question, self.type, self.lines) = (question, type, lines)
        }

        var testDescription: String { "\(question) \(type)" }
    }

    static let cases: [Case] = [
        // Services with cluster IPs.
        Case("web.shop.svc.cluster.local", .a, ["NOERROR", "AN web.shop.svc.cluster.local 5 A 10.96.0.7"]),
        Case("web.shop.svc.cluster.local", .aaaa, ["NOERROR", "AN web.shop.svc.cluster.local 5 AAAA fd00::7"]),
        Case("plain.shop.svc.cluster.local", .aaaa, noData),
        Case("web.shop.svc.cluster.local", .txt, noData),
        Case("web.shop.svc.cluster.local", .cname, noData),
        Case("web.shop.svc.cluster.local", .any, ["NOERROR", "AN web.shop.svc.cluster.local 5 TYPE13 9"]),
        Case("WEB.shop.svc.Cluster.LOCAL", .a, ["NOERROR", "AN WEB.shop.svc.Cluster.LOCAL 5 A 10.96.0.7"]),
        Case(
            "_http._tcp.web.shop.svc.cluster.local", .srv,
            [
                "NOERROR", "AN _http._tcp.web.shop.svc.cluster.local 5 SRV 0 100 80 web.shop.svc.cluster.local",
                "AR web.shop.svc.cluster.local 5 A 10.96.0.7", "AR web.shop.svc.cluster.local 5 AAAA fd00::7",
            ]),
        Case(
            "web.shop.svc.cluster.local", .srv,
            [
                "NOERROR", "AN web.shop.svc.cluster.local 5 SRV 0 50 80 web.shop.svc.cluster.local",
                "AN web.shop.svc.cluster.local 5 SRV 0 50 53 web.shop.svc.cluster.local",
                "AR web.shop.svc.cluster.local 5 A 10.96.0.7", "AR web.shop.svc.cluster.local 5 AAAA fd00::7",
            ]),
        Case("_http._udp.web.shop.svc.cluster.local", .srv, missing),
        Case("_tcp.web.shop.svc.cluster.local", .srv, noData),
        Case("_sctp.web.shop.svc.cluster.local", .srv, missing),
        Case("_http._tcp.web.shop.svc.cluster.local", .a, noData),
        Case("http._tcp.web.shop.svc.cluster.local", .srv, missing),
        Case("_._tcp.plain.shop.svc.cluster.local", .srv, missing),
        Case("x._http._tcp.web.shop.svc.cluster.local", .srv, missing),
        // An endpoint of such a Service has a name, without records that name it.
        Case(
            "10-0-0-9.web.shop.svc.cluster.local", .a,
            ["NOERROR", "AN 10-0-0-9.web.shop.svc.cluster.local 5 A 10.0.0.9"]),
        Case("10-0-0-8.web.shop.svc.cluster.local", .a, missing),
        // Headless.
        Case(
            "db.shop.svc.cluster.local", .a,
            ["NOERROR"] + (1...3).map { "AN db.shop.svc.cluster.local 5 A 10.0.0.\($0)" }),
        Case("db.shop.svc.cluster.local", .aaaa, noData),
        Case("db-0.db.shop.svc.cluster.local", .a, ["NOERROR", "AN db-0.db.shop.svc.cluster.local 5 A 10.0.0.1"]),
        Case("db-1.db.shop.svc.cluster.local", .a, ["NOERROR", "AN db-1.db.shop.svc.cluster.local 5 A 10.0.0.2"]),
        Case(
            "10-0-0-3.db.shop.svc.cluster.local", .a, ["NOERROR", "AN 10-0-0-3.db.shop.svc.cluster.local 5 A 10.0.0.3"]),
        // It has a hostname, and that alone.
        Case("10-0-0-1.db.shop.svc.cluster.local", .a, missing),
        Case("db-9.db.shop.svc.cluster.local", .a, missing),
        Case(
            "_sql._tcp.db.shop.svc.cluster.local", .srv,
            ["NOERROR"]
                + ["db-0", "db-1", "10-0-0-3"].map {
                    "AN _sql._tcp.db.shop.svc.cluster.local 5 SRV 0 33 15432 \($0).db.shop.svc.cluster.local"
                }
                + [
                    "AR db-0.db.shop.svc.cluster.local 5 A 10.0.0.1", "AR db-1.db.shop.svc.cluster.local 5 A 10.0.0.2",
                    "AR 10-0-0-3.db.shop.svc.cluster.local 5 A 10.0.0.3",
                ]),
        Case(
            "d-0.dual.shop.svc.cluster.local", .aaaa,
            ["NOERROR", "AN d-0.dual.shop.svc.cluster.local 5 AAAA fd00::1:1"]),
        Case("none.shop.svc.cluster.local", .a, missing),
        // Aliases.
        Case(
            "site.shop.svc.cluster.local", .a,
            ["NOERROR", "AN site.shop.svc.cluster.local 5 CNAME www.example.com", "→ www.example.com"]),
        Case(
            "site.shop.svc.cluster.local", .cname,
            ["NOERROR", "AN site.shop.svc.cluster.local 5 CNAME www.example.com"]),
        Case(
            "near.shop.svc.cluster.local", .a,
            [
                "NOERROR", "AN near.shop.svc.cluster.local 5 CNAME Web.shop.svc.cluster.local",
                "AN Web.shop.svc.cluster.local 5 A 10.96.0.7",
            ]),
        Case(
            "lost.shop.svc.cluster.local", .a,
            ["NXDOMAIN", "AN lost.shop.svc.cluster.local 5 CNAME gone.shop.svc.cluster.local", soa]),
        Case("x.site.shop.svc.cluster.local", .a, missing),
        // Pods.
        Case("10-1-2-3.shop.pod.cluster.local", .a, ["NOERROR", "AN 10-1-2-3.shop.pod.cluster.local 5 A 10.1.2.3"]),
        Case("10-1-2-3.shop.pod.cluster.local", .aaaa, noData),
        Case(
            "fd00--1-2.shop.pod.cluster.local", .aaaa,
            ["NOERROR", "AN fd00--1-2.shop.pod.cluster.local 5 AAAA fd00::1:2"]),
        Case("10-1-2-300.shop.pod.cluster.local", .a, missing),
        Case("web.shop.pod.cluster.local", .a, missing),
        Case("x.10-1-2-3.shop.pod.cluster.local", .a, missing),
        Case("shop.pod.cluster.local", .a, noData),
        // Names between.
        Case("shop.svc.cluster.local", .a, noData),
        Case("unknown.svc.cluster.local", .a, missing),
        Case("svc.cluster.local", .a, noData),
        Case("pod.cluster.local", .a, noData),
        Case("web.other.svc.cluster.local", .a, missing),
        Case("*.shop.svc.cluster.local", .a, missing),
        // What the search list makes of names elsewhere.
        Case("example.com.shop.svc.cluster.local", .a, missing),
        Case("example.com.svc.cluster.local", .a, missing),
        Case("example.com.cluster.local", .a, missing),
        // The zone itself.
        Case("cluster.local", .a, noData),
        Case(
            "cluster.local", .soa,
            ["NOERROR", "AN cluster.local 5 SOA ns.dns.cluster.local hostmaster.cluster.local 5"]),
        Case("cluster.local", .ns, ["NOERROR", "AN cluster.local 5 NS ns.dns.cluster.local"]),
        Case("ns.dns.cluster.local", .a, ["NOERROR", "AN ns.dns.cluster.local 5 A 10.96.0.10"]),
        Case("dns.cluster.local", .a, noData),
        Case("dns-version.cluster.local", .txt, ["NOERROR", "AN dns-version.cluster.local 28800 TXT 1.1.0"]),
        Case("dns-version.cluster.local", .a, noData),
        // Elsewhere.
        Case("example.com", .a, ["→ elsewhere", "REFUSED"]),
        Case("mycluster.local", .a, ["→ elsewhere", "REFUSED"]),
        Case("local", .a, ["→ elsewhere", "REFUSED"]),
        Case(".", .ns, ["→ elsewhere", "REFUSED"]),
        // Addresses.
        Case(
            "7.0.96.10.in-addr.arpa", .ptr, ["NOERROR", "AN 7.0.96.10.in-addr.arpa 5 PTR web.shop.svc.cluster.local"]),
        Case(
            "2.0.0.10.in-addr.arpa", .ptr, ["NOERROR", "AN 2.0.0.10.in-addr.arpa 5 PTR db-1.db.shop.svc.cluster.local"]),
        Case(
            "3.0.0.10.in-addr.arpa", .ptr,
            ["NOERROR", "AN 3.0.0.10.in-addr.arpa 5 PTR 10-0-0-3.db.shop.svc.cluster.local"]),
        Case(
            "7.0.0.0.\(String(repeating: "0.", count: 24))0.0.d.f.ip6.arpa", .ptr,
            [
                "NOERROR",
                "AN 7.0.0.0.\(String(repeating: "0.", count: 24))0.0.d.f.ip6.arpa 5 PTR web.shop.svc.cluster.local",
            ]),
        Case(
            "7.0.96.10.in-addr.arpa", .a,
            ["NOERROR", "NS in-addr.arpa 5 SOA ns.dns.cluster.local hostmaster.cluster.local 5"]),
        // Endpoints of Services with a cluster IP have no PTR record.
        Case(
            "9.0.0.10.in-addr.arpa", .ptr,
            ["→ elsewhere", "NXDOMAIN", "NS in-addr.arpa 5 SOA ns.dns.cluster.local hostmaster.cluster.local 5"]),
        Case(
            "0.10.in-addr.arpa", .ptr,
            ["→ elsewhere", "NXDOMAIN", "NS in-addr.arpa 5 SOA ns.dns.cluster.local hostmaster.cluster.local 5"]),
    ]

    @Test(arguments: cases) func answers(_ question: Case) {
        #expect(Self.zone.lines(question.question, question.type) == question.lines)
    }

    @Test func aRingOfAliasesEnds() {
        let lines = Self.zone.lines("ring.shop.svc.cluster.local", .a)
        #expect(lines.first == "SERVFAIL")
        #expect(lines.count == 9)
    }

    @Test func nothingIsDeniedBeforeAllIsKnown() {
        var state = ZoneState(ZoneConfiguration(domain: name("cluster.local")))
        #expect(state.zone.lines("web.shop.svc.cluster.local", .a) == ["SERVFAIL"])
        state.apply(.listBegins(.services))
        state.apply(.listEnds(.services))
        #expect(state.zone.lines("web.shop.svc.cluster.local", .a) == ["SERVFAIL"])
        state.apply(.listBegins(.endpointSlices))
        state.apply(.listEnds(.endpointSlices))
        #expect(state.zone.lines("web.shop.svc.cluster.local", .a) == Self.missing)
    }

    @Test func unreadyEndpointsCountWhereTheServiceSaysSo() {
        var service = Shop.service("none", headless: true)
        service.spec.publishNotReadyAddresses = true
        let slice = Shop.slice("none-1", of: "none", endpoints: [Shop.endpoint("10.0.0.5", isReady: false)])
        let zone = Shop.state([service], [slice]).zone
        #expect(
            zone.lines("none.shop.svc.cluster.local", .a) == ["NOERROR", "AN none.shop.svc.cluster.local 5 A 10.0.0.5"])
    }

    /// Each address comes first as often as the others.
    @Test func answersRotate() {
        let first = (0..<300).map { Self.zone.lines("db.shop.svc.cluster.local", .a, rotation: $0)[1].suffix(8) }
        let counts = Dictionary(grouping: first) { $0 }.mapValues(\.count)
        #expect(counts == ["10.0.0.1": 100, "10.0.0.2": 100, "10.0.0.3": 100])
    }

    @Test func aListTakesAwayWhatItLacks() {
        var state = Shop.state([Shop.web, Shop.db], [Shop.dbSlice])
        state.apply(.listBegins(.services))
        state.apply(.service(Shop.web))
        state.apply(.malformed(.services, Shop.db.metadata.key))
        state.apply(.listEnds(.services))
        #expect(state.zone.lines("db.shop.svc.cluster.local", .a).count == 4)
        state.apply(.listBegins(.services))
        state.apply(.service(Shop.db))
        state.apply(.listEnds(.services))
        #expect(state.zone.lines("web.shop.svc.cluster.local", .a) == Self.missing)
        #expect(state.zone.lines("7.0.96.10.in-addr.arpa", .ptr).first == "→ elsewhere")
        state.apply(.listBegins(.endpointSlices))
        state.apply(.listEnds(.endpointSlices))
        #expect(state.zone.lines("db.shop.svc.cluster.local", .a) == Self.missing)
    }

    @Test func aNamespaceWithoutServicesExists() {
        var state = Shop.state([Shop.web], [])
        func code(_ name: String) -> String? { state.zone.lines("\(name).svc.cluster.local", .a).first }
        #expect(code("quiet") == "NXDOMAIN")
        for name in ["quiet", "shop"] { state.apply(.namespace(name)) }
        let serial = state.zone.serial
        state.apply(.namespace("quiet"))
        #expect(state.zone.serial == serial)
        #expect(code("quiet") == "NOERROR" && code("x.quiet") == "NXDOMAIN")
        // With the last Service goes a namespace that is not known to exist.
        state.apply(.serviceDeleted(Shop.web.metadata.key))
        #expect(code("shop") == "NOERROR")
        state.apply(.namespaceDeleted("shop"))
        #expect(code("shop") == "NXDOMAIN")
        state.apply(.listBegins(.namespaces))
        state.apply(.namespace("other"))
        state.apply(.listEnds(.namespaces))
        #expect(code("quiet") == "NXDOMAIN" && code("other") == "NOERROR")
    }

    @Test func aCopyDoesNotChange() {
        var state = Shop.state([Shop.web], [])
        let before = state.zone
        state.apply(.serviceDeleted(Shop.web.metadata.key))
        #expect(before.lines("web.shop.svc.cluster.local", .a).count == 2)
        #expect(state.zone.lines("web.shop.svc.cluster.local", .a) == Self.missing)
        #expect(state.zone.serial != before.serial)
    }

    /// Any sequence of changes leads to the same zone as a list of what is left.
    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func changesLeadWhereAListLeads(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var state = Shop.state([], [])
        var services: [NamespacedName: Service] = [:]
        var slices: [NamespacedName: EndpointSlice] = [:]
        for _ in 0..<400 {
            let number = Int.random(in: 0..<6, using: &random)
            if Bool.random(using: &random) {
                let service = Self.service(number, &random)
                services[service.metadata.key] = Bool.random(using: &random) ? service : nil
                state.apply(
                    services[service.metadata.key].map(ZoneEvent.service) ?? .serviceDeleted(service.metadata.key))
            } else {
                let slice = Self.slice(number, &random)
                slices[slice.metadata.key] = Bool.random(using: &random) ? slice : nil
                state.apply(slices[slice.metadata.key].map(ZoneEvent.slice) ?? .sliceDeleted(slice.metadata.key))
            }
        }
        let fresh = Shop.state(Array(services.values), Array(slices.values)).zone
        #expect(state.zone.serviceCount == fresh.serviceCount)
        let names =
            (0..<6).flatMap { ["s\($0).shop.svc.cluster.local", "_a._tcp.s\($0).shop.svc.cluster.local"] }
            + (0..<6).flatMap { host in (0..<6).map { "h\(host).s\($0).shop.svc.cluster.local" } }
        for name in names {
            for type in [RecordType.a, .srv] {
                #expect(
                    Set(state.zone.lines(name, type)) == Set(fresh.lines(name, type)),
                    "\(name) \(type), seed \(seed)")
            }
        }
        for last in 0..<6 {
            for pointer in ["\(last).0.0.10.in-addr.arpa", "\(last).0.96.10.in-addr.arpa"] {
                #expect(
                    Set(state.zone.lines(pointer, .ptr)) == Set(fresh.lines(pointer, .ptr)), "\(pointer), seed \(seed)")
            }
        }
    }

    private static func service(_ number: Int, _ random: inout SeededRandom) -> Service {
        switch Int.random(in: 0..<3, using: &random) {
        case 0: Shop.service("s\(number)", ips: ["10.96.0.\(number)"], ports: [("a", .tcp, 80)])
        case 1: Shop.service("s\(number)", headless: true, ports: [("a", .tcp, 80)])
        default: Shop.alias("s\(number)", to: "example.com")
        }
    }

    /// A slice may belong to another Service each time.
    private static func slice(_ number: Int, _ random: inout SeededRandom) -> EndpointSlice {
        let endpoints = (0..<Int.random(in: 0..<4, using: &random)).map { _ in
            let last = Int.random(in: 0..<6, using: &random)
            return Shop.endpoint(
                "10.0.0.\(last)", hostname: Bool.random(using: &random) ? "h\(last)" : nil,
                isReady: Int.random(in: 0..<4, using: &random) > 0)
        }
        return Shop.slice(
            "slice-\(number)", of: "s\(Int.random(in: 0..<6, using: &random))", endpoints: endpoints,
            ports: [("a", 8080)])
    }
}
