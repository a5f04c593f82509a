import AccessControl
import KubeAPI
import KubeSchema
import NetTypes
import StoreCore
import Testing

@testable import APIServer

/// Creates and updates Services as the registry does: prepare, then one transaction with what the strategy adds.
private struct Bench {
    let store = MemoryStore()
    let strategy: ServiceStrategy
    private let resource = ResourceDefinition(
        group: "", version: "v1", resource: "services", singular: "service", kind: "Service", listKind: "ServiceList",
        isNamespaced: true, verbs: [], typeName: "io.k8s.api.core.v1.Service")

    init(_ ranges: [String] = ["10.0.0.0/24"], ports: ClosedRange<UInt16> = 30000...30009) throws {
        let network = try #require(ServiceNetwork(ranges: ranges.compactMap { CIDR($0) }, nodePorts: ports))
        strategy = ServiceStrategy(store: store, network: network)
    }

    private func context() -> RequestContext {
        RequestContext(
            user: .anonymous, attributes: RequestAttributes(user: .anonymous, verb: "create", path: "/"),
            resource: resource, now: 0)
    }

    private func write(_ context: RequestContext) async throws {
        let (compares, operations) = context.writes
        let result = try await store.apply(Transaction(compares: compares, success: operations))
        try #require(result.succeeded)
    }

    func create(_ spec: JSONValue) async throws -> JSONValue {
        var service: JSONValue = ["metadata": ["name": "s", "namespace": "d"], "spec": spec]
        let context = context()
        try await strategy.prepareForCreate(&service, context)
        try await write(context)
        return service
    }

    func update(_ old: JSONValue, _ spec: JSONValue) async throws -> JSONValue {
        var service = old
        service[path: "spec"] = spec
        let context = context()
        try await strategy.prepareForUpdate(&service, old: old, subresource: "", context)
        try await write(context)
        return service
    }

    func remove(_ service: JSONValue) async throws {
        let context = context()
        try await strategy.prepareForRemoval(service, context)
        try await write(context)
    }

    func put(_ key: String, _ object: JSONValue) async throws {
        let put = StoreCore.Operation.put(.init(Bytes(key.utf8), JSONWriter.bytes(object)))
        _ = try await store.apply(Transaction(success: [put]))
    }

    /// The names of all keys that say who has what.
    func taken() async throws -> [String] {
        let all = try await store.range(RangeQuery(KeyRange(prefix: Bytes("/registry/".utf8)))).result.keyValues
        return all.compactMap { String(decoding: $0.key, as: UTF8.self).split(separator: "/").last.map(String.init) }
    }
}

private func errors(_ body: () async throws -> Void) async -> [String] {
    do {
        try await body()
        return []
    } catch let error as InvalidObject {
        return error.errors.map { "\($0.path): \($0.message)" }
    } catch {
        return ["\(error)"]
    }
}

extension JSONValue {
    /// Members by name: the registry, not the strategy, puts them in the type's order.
    fileprivate var inOrder: JSONValue {
        switch self {
        case .object(let object):
            .object(JSONObject(object.members.map { .init($0.key, $0.value.inOrder) }.sorted { $0.key < $1.key }))
        case .array(let elements): .array(elements.map(\.inOrder))
        default: self
        }
    }
}

struct ServiceStrategyTests {
    private static let port: JSONValue = ["port": 80, "protocol": "TCP"]

    @Test func aClusterIPIsChosenAndGivenBack() async throws {
        let bench = try Bench()
        let service = try await bench.create(["type": "ClusterIP", "ports": [Self.port]])
        let address = try #require(service[path: "spec", "clusterIP"]?.string)
        #expect(service[path: "spec", "clusterIPs"] == [.string(address)])
        #expect(service[path: "spec", "ipFamilies"] == ["IPv4"])
        #expect(service[path: "spec", "ipFamilyPolicy"] == "SingleStack")
        #expect(try await bench.taken() == [address])
        // Dynamic addresses leave the static band alone.
        let number = try #require(address.split(separator: ".").last.flatMap { Int($0) })
        #expect(number > 16 && number < 255)
        try await bench.remove(service)
        #expect(try await bench.taken().isEmpty)
    }

    @Test func everyAddressOfARangeIsGivenOnce() async throws {
        let bench = try Bench(["10.0.0.0/28"])
        var addresses: Set<String> = []
        for _ in 0..<14 {
            let service = try await bench.create(["ports": [Self.port]])
            addresses.insert(try #require(service[path: "spec", "clusterIP"]?.string))
        }
        #expect(addresses.count == 14)
        #expect(addresses.isDisjoint(with: ["10.0.0.0", "10.0.0.15"]))
        await #expect(throws: Status.self) { _ = try await bench.create(["ports": [Self.port]]) }
    }

    @Test func rangesOfServiceCIDRsAreGivenWhenTheFirstIsFull() async throws {
        let bench = try Bench(["10.0.0.0/30"])
        func range(_ name: String, _ cidr: String, _ more: JSONValue = .emptyObject) async throws {
            var object = more
            object[path: "spec", "cidrs"] = [.string(cidr)]
            try await bench.put("/registry/servicecidrs/\(name)", object)
        }
        func address() async throws -> String? {
            try await bench.create(["ports": [Self.port]])[path: "spec", "clusterIP"]?.string
        }
        try await range("kubernetes", "10.0.0.0/30")
        try await range("going", "10.1.0.0/30", ["metadata": ["deletionTimestamp": "2026-01-01T00:00:00Z"]])
        try await range(
            "waiting", "10.2.0.0/30", ["status": ["conditions": [["type": "Ready", "status": "False"]]]])
        let first = try await Set([address(), address()])
        #expect(first == ["10.0.0.1", "10.0.0.2"])
        await #expect(throws: Status.self) { _ = try await address() }
        for refused in ["10.1.0.1", "10.2.0.1", "10.3.0.1"] {
            let errors = await errors { _ = try await bench.create(["clusterIP": .string(refused)]) }
            #expect(errors.count == 1 && errors[0].contains("does not match the current range"), "\(refused)")
        }
        try await range("more", "10.3.0.0/30", ["status": ["conditions": [["type": "Ready", "status": "True"]]]])
        _ = try await bench.create(["clusterIP": "10.3.0.2", "clusterIPs": ["10.3.0.2"]])
        #expect(try await address() == "10.3.0.1")
        await #expect(throws: Status.self) { _ = try await address() }
    }

    @Test func aNamedAddressMustBeFreeAndInRange() async throws {
        let bench = try Bench()
        _ = try await bench.create(["clusterIP": "10.0.0.10", "ports": [Self.port]])
        #expect(
            await errors { _ = try await bench.create(["clusterIP": "10.0.0.10", "clusterIPs": ["10.0.0.10"]]) } == [
                #"spec.clusterIPs: Invalid value: ["10.0.0.10"]: failed to allocate IP 10.0.0.10: provided IP is already allocated"#
            ])
        #expect(
            await errors { _ = try await bench.create(["clusterIP": "10.0.0.255"]) } == [
                #"spec.clusterIPs: Invalid value: ["10.0.0.255"]: failed to allocate IP 10.0.0.255: the provided network does not match the current range"#
            ])
    }

    /// Changing the type alone is enough, as upstream.
    @Test func whatOnlyALoadBalancerHasGoesWithItsType() async throws {
        let bench = try Bench()
        var spec: JSONValue = [
            "type": "LoadBalancer", "ports": [Self.port], "allocateLoadBalancerNodePorts": true,
            "loadBalancerClass": "example.org/cloud", "externalTrafficPolicy": "Cluster",
        ]
        let service = try await bench.create(spec)
        spec[path: "type"] = "NodePort"
        let open = try await bench.update(service, spec)
        #expect(open[path: "spec", "loadBalancerClass"] == nil)
        #expect(open[path: "spec", "allocateLoadBalancerNodePorts"] == nil)
        #expect(open[path: "spec", "externalTrafficPolicy"] == "Cluster")
        spec[path: "type"] = "ClusterIP"
        let closed = try await bench.update(service, spec)
        #expect(closed[path: "spec", "externalTrafficPolicy"] == nil)
        // What is asked for anew is left to validation.
        spec[path: "loadBalancerClass"] = "example.org/other"
        let asked = try await bench.update(service, spec)
        #expect(asked[path: "spec", "loadBalancerClass"] == "example.org/other")
    }

    @Test func nodePortsAreChosenKeptAndGivenBack() async throws {
        let bench = try Bench()
        let udp: JSONValue = ["port": 80, "protocol": "UDP"]
        let service = try await bench.create(["type": "NodePort", "ports": [Self.port, udp]])
        let ports = service[path: "spec", "ports"]?.array?.compactMap { $0["nodePort"]?.integer } ?? []
        #expect(ports.count == 2 && ports[0] == ports[1])
        // A manifest without allocated values keeps them.
        let same = try await bench.update(service, ["type": "NodePort", "ports": [Self.port, udp]])
        #expect(same.inOrder == service.inOrder)
        let plain = try await bench.update(
            service, ["type": "ClusterIP", "ports": service[path: "spec", "ports"] ?? .null])
        #expect(plain[path: "spec", "ports"] == [Self.port, udp])
        #expect(try await bench.taken().count == 1)
    }

    @Test func aNamedNodePortMustBeFreeAndInRange() async throws {
        let bench = try Bench()
        let port: JSONValue = ["port": 80, "protocol": "TCP", "nodePort": 30001]
        _ = try await bench.create(["type": "NodePort", "ports": [port]])
        #expect(
            await errors { _ = try await bench.create(["type": "NodePort", "ports": [port]]) } == [
                "spec.ports[0].nodePort: Invalid value: 30001: provided port is already allocated"
            ])
        let outside: JSONValue = ["port": 80, "nodePort": 80]
        #expect(
            await errors { _ = try await bench.create(["type": "NodePort", "ports": [outside]]) } == [
                "spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-30009"
            ])
    }

    @Test func localLoadBalancersHaveAHealthCheckPort() async throws {
        let bench = try Bench()
        let service = try await bench.create([
            "type": "LoadBalancer", "externalTrafficPolicy": "Local", "ports": [Self.port],
        ])
        #expect((service[path: "spec", "healthCheckNodePort"]?.integer ?? 0) >= 30000)
        #expect(try await bench.taken().count == 3)
    }

    @Test func headlessAndExternalNameTakeNothing() async throws {
        let bench = try Bench()
        let headless = try await bench.create(["clusterIP": "None", "selector": ["a": "b"]])
        #expect(headless[path: "spec", "clusterIPs"] == ["None"])
        let without = try await bench.create(["clusterIP": "None"])
        #expect(without[path: "spec", "ipFamilies"] == ["IPv4", "IPv6"])
        #expect(without[path: "spec", "ipFamilyPolicy"] == "RequireDualStack")
        let external = try await bench.create(["type": "ExternalName", "externalName": "a.b"])
        #expect(external[path: "spec", "clusterIP"] == nil)
        #expect(try await bench.taken().isEmpty)
    }

    @Test func dualStackIsAddedAndReleased() async throws {
        let bench = try Bench(["10.0.0.0/24", "fd00::/112"])
        let single = try await bench.create(["ports": [Self.port]])
        var spec = single["spec"] ?? .null
        spec[path: "ipFamilyPolicy"] = "PreferDualStack"
        let dual = try await bench.update(single, spec)
        #expect(dual[path: "spec", "ipFamilies"] == ["IPv4", "IPv6"])
        #expect(dual[path: "spec", "clusterIPs"]?.array?.count == 2)
        #expect(dual[path: "spec", "clusterIP"] == single[path: "spec", "clusterIP"])
        spec = dual["spec"] ?? .null
        spec[path: "ipFamilyPolicy"] = "SingleStack"
        let back = try await bench.update(dual, spec)
        #expect(back.inOrder == single.inOrder)
        #expect(try await bench.taken().count == 1)
    }

    @Test func oneFamilyCannotBeTwo() async throws {
        let bench = try Bench()
        #expect(
            await errors { _ = try await bench.create(["ipFamilyPolicy": "RequireDualStack"]) } == [
                #"spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services"#
            ])
    }

    @Test func becomingExternalNameGivesEverythingBack() async throws {
        let bench = try Bench()
        let service = try await bench.create(["type": "NodePort", "ports": [Self.port]])
        var spec = service["spec"] ?? .null
        spec[path: "type"] = "ExternalName"
        let external = try await bench.update(service, spec)
        #expect(external[path: "spec", "clusterIPs"] == nil)
        #expect(try await bench.taken().isEmpty)
    }
}
