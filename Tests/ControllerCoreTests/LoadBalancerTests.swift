import ControllerCore
import KubeAPI
import Testing

@Suite struct LoadBalancerTests {
    private static func run(_ cluster: inout MiniCluster, _ pools: inout LoadBalancers) throws {
        for service in cluster[.service] { try cluster.perform(pools.decide(service)) }
    }

    private static func address(_ cluster: MiniCluster, _ name: String) -> [String] {
        (cluster[.service, name]?.status?["loadBalancer"]?["ingress"]?.array ?? []).compactMap { $0["ip"]?.string }
    }

    private static func add(_ cluster: inout MiniCluster, _ name: String, _ more: [String: JSONValue] = [:]) {
        var spec: JSONValue = ["type": "LoadBalancer", "ipFamilies": ["IPv4"]]
        for (key, value) in more { spec[path: key] = value }
        cluster.add(.service, ["metadata": ["name": .string(name)], "spec": spec])
    }

    @Test func everyServiceHasAnAddressOfItsOwn() throws {
        var pools = try LoadBalancers(["192.0.2.10-192.0.2.11", "fd00::/126"])
        var cluster = MiniCluster()
        Self.add(&cluster, "a")
        Self.add(&cluster, "b", ["ipFamilies": ["IPv4", "IPv6"]])
        Self.add(&cluster, "c")
        Self.add(&cluster, "other", ["loadBalancerClass": "example.org/cloud"])
        for _ in 0..<2 { try Self.run(&cluster, &pools) }
        #expect(Self.address(cluster, "a") == ["192.0.2.10"])
        #expect(Self.address(cluster, "b") == ["192.0.2.11", "fd00::"])
        #expect(Self.address(cluster, "c").isEmpty && Self.address(cluster, "other").isEmpty)
        #expect(cluster.events.contains { $0.contains("no address is free in the pools") })
        // After a restart everyone keeps what it has.
        var anew = try LoadBalancers(["192.0.2.10-192.0.2.11", "fd00::/126"])
        for service in cluster[.service] { anew.note(service) }
        let before = cluster.writes.count
        try Self.run(&cluster, &anew)
        #expect(cluster.writes.count == before)
        // What is given back is given again.
        cluster.change(.service, "a") { $0[path: "spec", "type"] = "ClusterIP" }
        for _ in 0..<3 { try Self.run(&cluster, &anew) }
        #expect(Self.address(cluster, "a").isEmpty && cluster[.service, "a"]?.finalizers.isEmpty == true)
        #expect(Self.address(cluster, "c") == ["192.0.2.10"])
    }

    @Test func anAddressThatIsAskedForIsGivenOnce() throws {
        var pools = try LoadBalancers(["192.0.2.0/28"])
        var cluster = MiniCluster()
        Self.add(&cluster, "a", ["loadBalancerIP": "192.0.2.7"])
        Self.add(&cluster, "b", ["loadBalancerIP": "192.0.2.7"])
        Self.add(&cluster, "c", ["loadBalancerIP": "10.0.0.1"])
        for _ in 0..<2 { try Self.run(&cluster, &pools) }
        #expect(Self.address(cluster, "a") == ["192.0.2.7"])
        #expect(Self.address(cluster, "b").isEmpty && Self.address(cluster, "c").isEmpty)
    }

    @Test func whatAServiceHasFollowsWhatItWants() throws {
        var pools = try LoadBalancers(["192.0.2.0/28", "fd00::/126"])
        var cluster = MiniCluster()
        Self.add(&cluster, "a")
        func settle() throws { for _ in 0..<2 { try Self.run(&cluster, &pools) } }
        try settle()
        #expect(Self.address(cluster, "a") == ["192.0.2.0"])
        cluster.change(.service, "a") { $0[path: "spec", "ipFamilies"] = ["IPv4", "IPv6"] }
        try settle()
        #expect(Self.address(cluster, "a") == ["192.0.2.0", "fd00::"])
        cluster.change(.service, "a") { $0[path: "spec", "loadBalancerIP"] = "192.0.2.7" }
        try settle()
        #expect(Set(Self.address(cluster, "a")) == ["192.0.2.7", "fd00::"])
        cluster.change(.service, "a") { $0[path: "spec", "ipFamilies"] = ["IPv4"] }
        try settle()
        #expect(Self.address(cluster, "a") == ["192.0.2.7"])
        // What it let go is another's; what it cannot have leaves it what it has.
        Self.add(&cluster, "b")
        cluster.change(.service, "a") { $0[path: "spec", "loadBalancerIP"] = "10.0.0.1" }
        try settle()
        #expect(Self.address(cluster, "a") == ["192.0.2.7"] && Self.address(cluster, "b") == ["192.0.2.0"])
    }

    @Test(arguments: ["x", "192.0.2.9-192.0.2.1", "192.0.2.1-fd00::1"]) func senselessPoolsAreRefused(pool: String) {
        #expect(throws: LoadBalancers.Refusal.self) { try LoadBalancers([pool]) }
    }
}
