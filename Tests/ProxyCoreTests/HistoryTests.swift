import KubeAPI
import NetTypes
import TestRandom
import Testing

@testable import ProxyCore

/// Every history of events ends in the state of a fresh start with the final objects, and its deltas say how.
@Suite struct HistoryTests {
    /// The objects there are, and random events on them. Few names and addresses, so that everything collides.
    struct World {
        var random: SeededRandom
        var services: [NamespacedName: Service] = [:]
        var slices: [NamespacedName: EndpointSlice] = [:]
        var node = NodeFacts.here

        init(seed: UInt64) { random = SeededRandom(seed: seed) }

        mutating func chance(_ n: Int) -> Bool { Int.random(in: 0..<n, using: &random) == 0 }
        mutating func pick<T>(_ choices: [T]) -> T { choices[Int.random(in: 0..<choices.count, using: &random)] }

        mutating func nextEvent() -> ProxyEvent {
            switch Int.random(in: 0..<20, using: &random) {
            case 0..<6:
                let service = service()
                services[service.metadata.key] = service
                return .service(service)
            case 6..<8:
                let name = name("s\(Int.random(in: 0..<5, using: &random))")
                services[name] = nil
                return .serviceDeleted(name)
            case 8..<16:
                let slice = slice()
                slices[slice.metadata.key] = slice
                return .endpointSlice(slice)
            case 16..<18:
                let name = name("slice\(Int.random(in: 0..<8, using: &random))")
                slices[name] = nil
                return .endpointSliceDeleted(name)
            default:
                node.zone = pick(["a", "b", nil])
                if chance(3) { node.name = pick(["here", "n1"]) }
                if chance(3) { node.localAddresses = pick([[], ["192.0.2.1"], ["203.0.113.200"]]) }
                if chance(4) { node.masqueradeAll.toggle() }
                return .node(node)
            }
        }

        private mutating func service() -> Service {
            let index = Int.random(in: 0..<5, using: &random)
            var service = Service.make(
                "s\(index)", created: pick(["2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", ""]))
            if chance(12) { service.spec.isHeadless = true }
            if chance(12) { service.metadata.labels["service.kubernetes.io/service-proxy-name"] = "other" }
            if chance(4) {
                service.metadata.annotations["apus.dev/balance"] = pick(["maglev", "round-robin", "nonsense"])
            }
            if chance(4) {
                service.metadata.annotations["apus.dev/weights"] = pick(["10.1.0.1=3", "10.1.0.2=0,x", "10.1.0.1:81=2"])
            }
            if chance(4) { service.metadata.annotations["apus.dev/source-ranges-node-port"] = "true" }
            service.spec.clusterIPs = [IPAddress(10, 96, 0, UInt8(chance(6) ? 99 : index))]
            if chance(3) { service.spec.clusterIPs.append(IPAddress(high: 0xfd96 << 48, low: UInt64(index))) }
            service.spec.kind = pick([.clusterIP, .nodePort, .loadBalancer])
            service.spec.ports = [Service.Port(name: "a", proto: pick([.tcp, .udp]), port: 80)]
            if chance(2) { service.spec.ports.append(Service.Port(name: "b", proto: .tcp, port: pick([80, 81]))) }
            if service.spec.kind != .clusterIP { service.spec.ports[0].nodePort = pick([30000, 30001, 30002]) }
            if chance(3) { service.spec.externalIPs = [pick(["198.51.100.1", "198.51.100.2"])] }
            if service.spec.kind == .loadBalancer {
                service.loadBalancerIngress = [.init(ip: pick(["203.0.113.1", "203.0.113.2"]), isVIP: !chance(5))]
                service.spec.healthCheckNodePort = pick([0, 31000, 31001])
                if chance(2) { service.spec.loadBalancerSourceRanges = [pick(["203.0.113.128/25", "10.0.0.0/8"])] }
            }
            service.spec.externalTrafficPolicy = pick([.cluster, .local])
            service.spec.internalTrafficPolicy = pick([.cluster, .cluster, .local])
            if chance(4) { service.spec.clientIPAffinityTimeout = pick([60, 10800]) }
            return service
        }

        private mutating func slice() -> EndpointSlice {
            let isV6 = chance(4)
            let endpoints = (0..<Int.random(in: 0...5, using: &random)).map { _ in endpoint(isV6) }
            var slice = EndpointSlice.make(
                "slice\(Int.random(in: 0..<8, using: &random))", of: "s\(Int.random(in: 0..<5, using: &random))",
                endpoints, type: isV6 ? .ipv6 : .ipv4,
                ports: [.init(name: "a", proto: pick([.tcp, .udp]), port: pick([80, 81, nil]))])
            if chance(2) { slice.ports.append(.init(name: "b", port: 8081)) }
            if chance(12) { slice.metadata.labels["service.kubernetes.io/headless"] = "" }
            if chance(20) { slice.metadata.labels["kubernetes.io/service-name"] = nil }
            if chance(20) { slice.addressType = .fqdn }
            if chance(5) { slice.metadata.annotations["apus.dev/weight"] = pick(["2", "4", "0", "-1"]) }
            return slice
        }

        private mutating func endpoint(_ isV6: Bool) -> Endpoint {
            let byte = UInt8.random(in: 1...6, using: &random)
            let isTerminating = chance(4)
            return Endpoint(
                addresses: [isV6 ? IPAddress(high: 0xfd01 << 48, low: UInt64(byte)) : IPAddress(10, 1, 0, byte)],
                isReady: !isTerminating && !chance(4), isServing: isTerminating ? !chance(3) : nil,
                isTerminating: isTerminating, nodeName: pick(["here", "n1", "n2", nil]),
                zone: pick(["a", "b", nil]), hintZones: chance(3) ? [] : [pick(["a", "b"])],
                hintNodes: chance(2) ? [] : [pick(["here", "n1"])])
        }

        var fresh: ProxyState {
            .of(
                services.values.sorted { $0.metadata.name < $1.metadata.name },
                slices.values.sorted { $0.metadata.name < $1.metadata.name }, node: node)
        }
    }

    static func byName(_ state: ProxyState) -> [ServicePortName: ServicePort] {
        Dictionary(uniqueKeysWithValues: state.servicePorts.map { ($0.name, $0) })
    }

    static func expectEqual(_ state: ProxyState, _ fresh: ProxyState, _ context: Comment) {
        #expect(byName(state) == byName(fresh), context)
        #expect(
            state.healthChecks.sorted { $0.service < $1.service }
                == fresh.healthChecks.sorted { $0.service < $1.service }, context)
        #expect(state.counts == fresh.counts, context)
        #expect(state.clusterIPs == fresh.clusterIPs, context)
        #expect(Set(state.advice) == Set(fresh.advice), context)
        #expect(state.tables.strings.count == fresh.tables.strings.count, context)
        #expect(state.tables.hints.count == fresh.tables.hints.count, context)
        #expect(state.tables.ports.count == fresh.tables.ports.count, context)
    }

    /// What a backend and the daemon would hold, from deltas alone.
    struct Follower {
        var ports: [ServicePortName: ServicePort] = [:]
        var healthChecks: [NamespacedName: HealthCheck] = [:]
        var frontends: [FrontendKey: ServicePortName] = [:]

        mutating func follow(_ delta: ProxyDelta, _ context: Comment) throws {
            #expect(Set(delta.servicePorts.map(\.name)).count == delta.servicePorts.count, context)
            for change in delta.servicePorts {
                let name = try #require(change.name)
                #expect(change.old != change.new, context)
                #expect(ports[name] == change.old, context)
                ports[name] = change.new
            }
            // All removals, then all additions, as a backend's transaction does.
            for change in delta.servicePorts {
                for frontend in change.old?.frontends ?? [] {
                    if let name = change.old?.name { frontends[FrontendKey(frontend, name.proto, name.family)] = nil }
                }
            }
            for case let new? in delta.servicePorts.map(\.new) {
                for frontend in new.frontends {
                    let key = FrontendKey(frontend, new.name.proto, new.name.family)
                    #expect(frontends.updateValue(new.name, forKey: key) == nil, context)
                }
            }
            for change in delta.healthChecks {
                guard let service = (change.new ?? change.old)?.service else { continue }
                #expect(healthChecks[service] == change.old, context)
                healthChecks[service] = change.new
            }
        }
    }

    @Test(arguments: 0..<150)
    func everyHistoryEndsAsAFreshStart(seed: UInt64) throws {
        var world = World(seed: seed)
        var state = ProxyState(node: world.node)
        var follower = Follower()
        for step in 0..<60 {
            let context: Comment = "seed \(seed), step \(step)"
            // One event at a time, or a few that settle together.
            for _ in 0..<(world.chance(3) ? 4 : 0) { state.stage(world.nextEvent()) }
            try follower.follow(state.apply(world.nextEvent()), context)
            if step % 6 == 0 { Self.expectEqual(state, world.fresh, context) }
            #expect(follower.ports == Self.byName(state), context)
        }
        let context: Comment = "seed \(seed), end"
        Self.expectEqual(state, world.fresh, context)
        #expect(
            Array(follower.healthChecks.values).sorted { $0.service < $1.service }
                == state.healthChecks.sorted { $0.service < $1.service }, context)
    }

    @Test(arguments: 0..<30)
    func relistsEndAsAFreshStart(seed: UInt64) throws {
        var old = World(seed: seed)
        for _ in 0..<60 { _ = old.nextEvent() }
        var new = World(seed: seed &+ 1000)
        for _ in 0..<60 { _ = new.nextEvent() }
        new.node = old.node
        var state = ProxyState(node: old.node)
        var follower = Follower()
        for world in [old, new, new] {
            try follower.follow(state.replaceServices(Array(world.services.values)), "seed \(seed)")
            try follower.follow(state.replaceEndpointSlices(Array(world.slices.values)), "seed \(seed)")
        }
        Self.expectEqual(state, new.fresh, "seed \(seed)")
        #expect(follower.ports == Self.byName(state), "seed \(seed)")
        #expect(state.replaceServices(Array(new.services.values)).isEmpty, "seed \(seed)")
    }

    @Test(arguments: 0..<20)
    func nothingStaysOfWhatIsGone(seed: UInt64) {
        var world = World(seed: seed)
        var state = ProxyState(node: world.node)
        for _ in 0..<60 { _ = state.apply(world.nextEvent()) }
        _ = state.replaceServices([])
        _ = state.replaceEndpointSlices([])
        Self.expectEqual(state, ProxyState(node: world.node), "seed \(seed)")
        #expect(state.slots.isEmpty && state.sliceOwners.isEmpty && state.counts == ProxyCounts(), "seed \(seed)")
        #expect(state.vacantSlots.count == state.entries.count, "seed \(seed)")
    }
}
