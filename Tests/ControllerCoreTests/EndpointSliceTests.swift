import ControllerCore
import KubeAPI
import TestRandom
import Testing

@Suite struct EndpointSliceTests {
    private static func service(_ more: [String: JSONValue] = [:]) -> JSONValue {
        var spec: JSONValue = [
            "selector": ["app": "web"], "clusterIP": "10.0.0.1", "ipFamilies": ["IPv4"],
            "ports": [["name": "http", "port": 80, "targetPort": "http", "protocol": "TCP"]],
        ]
        for (key, value) in more { spec[path: key] = value }
        return ["metadata": ["name": "web", "labels": ["team": "a"]], "spec": spec]
    }

    private static func addPod(_ cluster: inout MiniCluster, _ number: Int, ready: Bool = true, port: Int64 = 8080) {
        let name = "p\(number)"
        cluster.add(
            .pod,
            [
                "metadata": ["name": .string(name), "labels": ["app": "web"]],
                "spec": [
                    "nodeName": .string("node-\(number % 3)"),
                    "containers": [["name": "c", "ports": [["name": "http", "containerPort": .integer(port)]]]],
                ],
            ])
        cluster.setReady(name, ready, ip: "10.1.\(number / 250).\(number % 250 + 1)")
    }

    private static func run(_ cluster: inout MiniCluster, limit: Int = 100) throws {
        let service = try #require(cluster[.service, "web"])
        try cluster.perform(
            EndpointSlices.decide(service, pods: cluster[.pod], slices: cluster[.endpointSlice], limit: limit) {
                "zone-\($0.last.map(String.init) ?? "")"
            })
    }

    private static func addresses(_ cluster: MiniCluster) -> [String] {
        cluster[.endpointSlice].flatMap { $0["endpoints"]?.array ?? [] }
            .compactMap { $0["addresses"]?.array?.first?.string }
    }

    @Test func aSliceSaysWhatItsPodsAre() throws {
        var cluster = MiniCluster()
        cluster.add(.service, Self.service(["trafficDistribution": "PreferClose"]))
        Self.addPod(&cluster, 1)
        Self.addPod(&cluster, 2, ready: false)
        Self.addPod(&cluster, 3)
        cluster.change(.pod, "p3") { $0[path: "metadata", "deletionTimestamp"] = "2026-01-01T00:00:00Z" }
        try Self.run(&cluster)
        let slice = try #require(cluster[.endpointSlice].first)
        #expect(slice.label("kubernetes.io/service-name") == "web" && slice.label("team") == "a")
        #expect(slice.label("endpointslice.kubernetes.io/managed-by") == EndpointSlices.manager)
        #expect(slice.label("service.kubernetes.io/headless") == nil && slice["addressType"] == "IPv4")
        #expect(slice["ports"] == [["name": "http", "protocol": "TCP", "port": 8080]])
        let endpoints = try #require(slice["endpoints"]?.array)
        let conditions = endpoints.map { endpoint in
            ["ready", "serving", "terminating"].map { endpoint["conditions"]?[$0]?.bool }
        }
        #expect(conditions == [[true, true, false], [false, false, false], [false, true, true]])
        #expect(endpoints[0]["hints"] == ["forZones": [["name": "zone-1"]]] && endpoints[1]["hints"] == nil)
        #expect(endpoints[0]["nodeName"] == "node-1" && endpoints[0]["targetRef"]?["name"] == "p1")
        let before = cluster.writes.count
        try Self.run(&cluster)
        #expect(cluster.writes.count == before, "at rest nothing is written")
    }

    @Test(
        arguments: [
            ("PreferSameZone", ["forZones": [["name": "zone-1"]]]),
            ("PreferSameNode", ["forNodes": [["name": "node-1"]], "forZones": [["name": "zone-1"]]]),
            ("PreferFarAway", nil), (nil, nil),
        ] as [(String?, JSONValue?)])
    func hintsSayWhichClientsAnEndpointIsFor(distribution: String?, hints: JSONValue?) throws {
        var cluster = MiniCluster()
        cluster.add(.service, Self.service(distribution.map { ["trafficDistribution": .string($0)] } ?? [:]))
        Self.addPod(&cluster, 1)
        Self.addPod(&cluster, 4, ready: false)
        try Self.run(&cluster)
        let endpoints = try #require(cluster[.endpointSlice].first?["endpoints"]?.array)
        #expect(endpoints.map { $0["hints"] } == [hints, nil], "one that is not ready is for nobody")
    }

    @Test func addressesThatAreNotReadyCanBePublished() throws {
        var cluster = MiniCluster()
        let service = cluster.add(.service, Self.service(["publishNotReadyAddresses": true]))
        Self.addPod(&cluster, 1, ready: false)
        Self.addPod(&cluster, 2)
        cluster.change(.pod, "p2") { $0[path: "metadata", "deletionTimestamp"] = "2026-01-01T00:00:00Z" }
        try Self.run(&cluster)
        let conditions = (cluster[.endpointSlice].first?["endpoints"]?.array ?? []).map { $0["conditions"] }
        #expect(
            conditions == [
                ["ready": true, "serving": false, "terminating": false],
                ["ready": true, "serving": true, "terminating": true],
            ])
        try cluster.perform(EndpointsObjects.decide(service, pods: cluster[.pod], current: nil))
        let subset = cluster[.endpoints, "web"]?["subsets"]?.array?.first
        let addresses = subset?["addresses"]?.array?.compactMap { $0["ip"]?.string }
        #expect(addresses == ["10.1.0.2", "10.1.0.3"] && subset?["notReadyAddresses"] == nil)
    }

    /// Old clients learn of a thousand, and that there are more.
    @Test func endpointsAreCutAtAThousand() throws {
        var cluster = MiniCluster()
        let service = cluster.add(.service, Self.service())
        for number in 0..<1001 { Self.addPod(&cluster, number) }
        func annotation() -> String? {
            cluster[.endpoints, "web"]?.annotation("endpoints.kubernetes.io/over-capacity")
        }
        try cluster.perform(EndpointsObjects.decide(service, pods: cluster[.pod], current: nil))
        let subsets = cluster[.endpoints, "web"]?["subsets"]?.array ?? []
        #expect(subsets.count == 1 && subsets.first?["addresses"]?.array?.count == 1000 && annotation() == "truncated")
        cluster.remove(.pod, "p3")
        try cluster.perform(
            EndpointsObjects.decide(service, pods: cluster[.pod], current: cluster[.endpoints, "web"]))
        #expect(annotation() == nil)
    }

    @Test func oneChangeWritesOneSlice() throws {
        var cluster = MiniCluster()
        cluster.add(.service, Self.service())
        for number in 0..<350 { Self.addPod(&cluster, number) }
        try Self.run(&cluster)
        #expect(cluster[.endpointSlice].count == 4)
        #expect(cluster[.endpointSlice].allSatisfy { ($0["endpoints"]?.array?.count ?? 0) <= 100 })
        var before = cluster.writes.count
        cluster.setReady("p7", false, ip: "10.1.0.8")
        try Self.run(&cluster)
        #expect(cluster.writes.count == before + 1)
        before = cluster.writes.count
        Self.addPod(&cluster, 400)
        try Self.run(&cluster)
        #expect(cluster.writes.count == before + 1 && cluster[.endpointSlice].count == 4, "there was room")
        #expect(Set(Self.addresses(cluster)).count == 351 && Self.addresses(cluster).count == 351)
    }

    /// By the annotation clients measure how long a change took to reach them.
    @Test func whatIsWrittenSaysSinceWhenItWasDue() throws {
        var cluster = MiniCluster()
        cluster.add(.service, Self.service())
        func due() -> JSONValue? {
            let annotations = cluster[.endpointSlice].first?.metadata?["annotations"]
            return annotations?["endpoints.kubernetes.io/last-change-trigger-time"]
        }
        let created = Timestamp.text(cluster.now)
        cluster.pass(seconds: 5)
        try Self.run(&cluster)
        #expect(due() == created, "an empty slice is due since there is a Service")
        Self.addPod(&cluster, 1)
        Self.addPod(&cluster, 2)
        let ready = Timestamp.text(cluster.now)
        cluster.pass(seconds: 3)
        try Self.run(&cluster)
        #expect(due() == ready)
        cluster.pass(seconds: 3)
        cluster.setReady("p2", false, ip: "10.1.0.3")
        let unready = Timestamp.text(cluster.now)
        try Self.run(&cluster)
        #expect(due() == unready)
        // Of what is gone nobody knows since when.
        cluster.remove(.pod, "p2")
        try Self.run(&cluster)
        #expect(due() == nil && Self.addresses(cluster) == ["10.1.0.2"])
        let before = cluster.writes.count
        cluster.pass(seconds: 3)
        try Self.run(&cluster)
        #expect(cluster.writes.count == before, "the time alone is no reason to write")
    }

    @Test func noPodsIsOneEmptySlice() throws {
        var cluster = MiniCluster()
        cluster.add(.service, Self.service(["clusterIP": "None"]))
        try Self.run(&cluster)
        #expect(cluster[.endpointSlice].count == 1 && Self.addresses(cluster).isEmpty)
        #expect(cluster[.endpointSlice].first?.label("service.kubernetes.io/headless") == "")
        Self.addPod(&cluster, 1)
        try Self.run(&cluster)
        #expect(Self.addresses(cluster) == ["10.1.0.2"])
        cluster.remove(.pod, "p1")
        try Self.run(&cluster)
        #expect(cluster[.endpointSlice].count == 1 && Self.addresses(cluster).isEmpty)
        let before = cluster.writes.count
        try Self.run(&cluster)
        #expect(cluster.writes.count == before)
    }

    @Test func podsWithOtherNumbersForAPortHaveSlicesOfTheirOwn() throws {
        var cluster = MiniCluster()
        cluster.add(.service, Self.service())
        Self.addPod(&cluster, 1)
        Self.addPod(&cluster, 2, port: 9090)
        try Self.run(&cluster)
        let ports = cluster[.endpointSlice].compactMap { $0["ports"]?.array?.first?["port"]?.integer }
        #expect(ports.sorted() == [8080, 9090])
    }

    /// Whatever happens to the pods: every one is in one slice, with what is true of it now.
    @Test(arguments: 0..<15) func slicesSayWhatIs(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var cluster = MiniCluster()
        cluster.add(.service, Self.service())
        var number = 0
        for _ in 0..<120 {
            switch random.next() % 4 {
            case 0, 1:
                number += 1
                Self.addPod(&cluster, number, ready: random.next() % 2 == 0, port: random.next() % 5 == 0 ? 1 : 2)
            case 2:
                if let pod = cluster[.pod].randomElement(using: &random) { cluster.remove(.pod, pod.name) }
            default:
                if let pod = cluster[.pod].randomElement(using: &random), let ip = pod.podIPs.first {
                    cluster.setReady(pod.name, !pod.isReadyPod, ip: ip)
                }
            }
            if random.next() % 3 == 0 { try Self.run(&cluster, limit: 5) }
        }
        try Self.run(&cluster, limit: 5)
        var found: [String: Bool] = [:]
        for slice in cluster[.endpointSlice] {
            let endpoints = slice["endpoints"]?.array ?? []
            #expect(endpoints.count <= 5, "seed \(seed)")
            for endpoint in endpoints {
                let name = endpoint["targetRef"]?["name"]?.string ?? ""
                #expect(found[name] == nil, "seed \(seed): \(name) is there twice")
                found[name] = endpoint["conditions"]?["ready"]?.bool
            }
        }
        let expected = Dictionary(uniqueKeysWithValues: cluster[.pod].map { ($0.name, $0.isReadyPod) })
        #expect(found == expected, "seed \(seed)")
    }

    @Test func endpointsListWhatIsReadyAndWhatIsNot() throws {
        var cluster = MiniCluster()
        let service = cluster.add(.service, Self.service())
        Self.addPod(&cluster, 1)
        Self.addPod(&cluster, 2, ready: false)
        try cluster.perform(EndpointsObjects.decide(service, pods: cluster[.pod], current: nil))
        let endpoints = try #require(cluster[.endpoints, "web"])
        let subset = endpoints["subsets"]?.array?.first
        #expect(subset?["addresses"]?.array?.first?["ip"] == "10.1.0.2")
        #expect(subset?["notReadyAddresses"]?.array?.first?["ip"] == "10.1.0.3")
        #expect(EndpointsObjects.decide(service, pods: cluster[.pod], current: endpoints).actions.isEmpty)
    }

    @Test func endpointsGoWithTheirService() {
        var cluster = MiniCluster()
        let ours = cluster.add(
            .endpoints,
            ["metadata": ["name": "a", "labels": ["endpoints.kubernetes.io/managed-by": "endpoint-controller"]]])
        let hand = cluster.add(.endpoints, ["metadata": ["name": "b"]])
        let lock = cluster.add(
            .endpoints,
            ["metadata": ["name": "c", "annotations": ["control-plane.alpha.kubernetes.io/leader": "{}"]]])
        let fates = [ours, hand, lock].map { endpoints in
            [false, true].map { EndpointsObjects.goWithService(endpoints, hasSeenItGo: $0) }
        }
        #expect(fates == [[true, true], [false, true], [false, false]])
    }

    @Test func endpointsWrittenByHandAreMirrored() throws {
        var cluster = MiniCluster()
        let service = cluster.add(.service, ["metadata": ["name": "db"], "spec": ["ports": [["port": 5432]]]])
        let endpoints = cluster.add(
            .endpoints,
            [
                "metadata": ["name": "db"],
                "subsets": [
                    [
                        "addresses": [["ip": "10.9.0.1"], ["ip": "fd00::1"]], "notReadyAddresses": [["ip": "10.9.0.2"]],
                        "ports": [["port": 5432, "protocol": "TCP"]],
                    ]
                ],
            ])
        try cluster.perform(MirroredSlices.decide(endpoints, service: service, slices: []))
        #expect(cluster[.endpointSlice].compactMap { $0["addressType"]?.string }.sorted() == ["IPv4", "IPv6"])
        let slices = cluster[.endpointSlice]
        #expect(MirroredSlices.decide(endpoints, service: service, slices: slices).actions.isEmpty)
        #expect(MirroredSlices.decide(nil, service: service, slices: slices).actions.count == 2)
    }

    /// Its pods serve nobody any more; whoever publishes all wants them nevertheless.
    @Test(arguments: [(false, ["10.1.0.2"]), (true, ["10.1.0.2", "10.1.0.3"])])
    func aNodeThatIsGoneTakesItsEndpointsAlong(publishesAll: Bool, expected: [String]) throws {
        var cluster = MiniCluster()
        let service = cluster.add(.service, Self.service(["publishNotReadyAddresses": .bool(publishesAll)]))
        for number in 1...2 { Self.addPod(&cluster, number) }
        try cluster.perform(
            EndpointSlices.decide(
                service, pods: cluster[.pod], slices: [], isKnownNode: { $0 == "node-1" }, zone: { _ in nil }))
        #expect(Self.addresses(cluster) == expected)
    }

    @Test func whatIsCutIsNotReady() throws {
        var cluster = MiniCluster()
        let service = cluster.add(.service, Self.service())
        for number in 0..<600 { Self.addPod(&cluster, number, ready: false) }
        for number in 600..<1200 { Self.addPod(&cluster, number) }
        try cluster.perform(EndpointsObjects.decide(service, pods: cluster[.pod], current: nil))
        let subset = cluster[.endpoints, "web"]?["subsets"]?.array?.first
        #expect(
            subset?["addresses"]?.array?.count == 600 && subset?["notReadyAddresses"]?.array?.count == 400)
    }
}
