import Glibc
import KubeAPI
import Lab
import NetTypes
import ProxyCore
import TestThreads
import Testing

@testable import PacketFlows
@testable import ProxyNftables

/// Restarts and changes that clients must not notice.
@Suite(.ownThread, .enabled(if: geteuid() == 0, "needs root: makes network namespaces")) struct RestartUnderLoadTests {
    /// A lab whose node is programmed from a state that tests change.
    struct Programmed {
        let lab: FlowProbe
        private var state: ProxyState
        private var backends: Backends

        private final class Backends {
            var four: NftablesBackend
            var six: NftablesBackend

            /// As a daemon starts.
            init(_ state: ProxyState) throws {
                four = try NftablesBackend(family: .ipv4)
                six = try NftablesBackend(family: .ipv6)
                for report in [
                    try four.synchronise(state.servicePorts, node: state.node),
                    try six.synchronise(state.servicePorts, node: state.node),
                ] { #expect(report.cleanupFailure == nil) }
            }
        }

        init(_ sketches: [ServiceSketch]) throws {
            lab = try FlowLab.start()
            state = ProxyState(node: .lab)
            for sketch in sketches { Self.stage(sketch, &state) }
            state.load()
            let state = state
            backends = try lab.inside(.node) { try Backends(state) }
        }

        private static func stage(_ sketch: ServiceSketch, _ state: inout ProxyState) {
            state.stage(.service(sketch.service))
            for slice in sketch.slices { state.stage(.endpointSlice(slice)) }
        }

        /// A running daemon hears of a change.
        mutating func change(to sketch: ServiceSketch) throws {
            Self.stage(sketch, &state)
            try apply(state.settle())
        }

        mutating func delete(_ sketch: ServiceSketch) throws {
            state.stage(.serviceDeleted(sketch.service.metadata.key))
            for slice in sketch.slices { state.stage(.endpointSliceDeleted(slice.metadata.key)) }
            try apply(state.settle())
        }

        private mutating func apply(_ delta: ProxyDelta) throws {
            #expect(try backends.four.apply(delta).cleanupFailure == nil)
            #expect(try backends.six.apply(delta).cleanupFailure == nil)
        }

        /// A new daemon takes over what the old one left.
        mutating func restart() throws {
            let state = state
            backends = try lab.inside(.node) { try Backends(state) }
        }

        /// The same, with a change that nobody watched.
        mutating func restart(with sketch: ServiceSketch) throws {
            Self.stage(sketch, &state)
            state.load()
            try restart()
        }
    }

    static func web(_ places: [FlowProbe.Location]) -> ServiceSketch {
        ServiceSketch(1, "web", places.map { .ready($0) })
    }

    @Test func nobodyNoticesRestartsAndChanges() throws {
        let places: [FlowProbe.Location] = [.pod(1), .pod(2), .pod(3)]
        var node = try Programmed([Self.web(places)])
        let lab = node.lab
        let flows = ServiceSketch.Target.everyKind.flatMap { Self.web(places).flows(from: .client, to: $0) }
        let connections = try LongConnections(lab, flows.filter { $0.proto == .tcp }.map(\.destination), count: 5)
        let load = SteadyLoad(
            lab, flows.map { ($0.from, Probe($0.proto, $0.destination, timeout: .seconds(5))) })

        for number in UInt8(1)...8 {
            try node.restart()
            load.wait(for: 16)
            let other = ServiceSketch(100 + number, "other-\(number)", [.ready(.remote(1))])
            try node.change(to: other)
            try node.change(to: Self.web(places + [.remote(1)]))
            load.wait(for: 16)
            try node.change(to: Self.web([.pod(1), .pod(2)]))
            load.wait(for: 16)
            try node.restart(with: Self.web([.pod(2), .pod(3), .remote(2)]))
            load.wait(for: 16)
            try node.restart(with: Self.web(places))
            try node.delete(other)
            #expect(connections.broken() == [])
        }
        let outcomes = try load.stop()
        #expect(outcomes.count > 300)
        #expect(outcomes.filter { $0.backend == nil } == [])
        #expect(connections.broken() == [])
    }

    // MARK: Affinity

    static func sticky(_ places: [FlowProbe.Location]) -> ServiceSketch {
        ServiceSketch(2, "sticky", places.map { .ready($0) }) { $0.clientIPAffinityTimeout = 10800 }
    }

    /// The endpoints that each of the client's addresses meets, in both families.
    static func met(_ lab: FlowProbe, _ connections: Int = 4) throws -> [IPAddress: Set<String>] {
        let flows = (0..<3).flatMap { source in
            sticky([]).flows(from: .client, source: source, to: .clusterIP, protos: [.tcp])
        }
        let many = Array(repeating: flows, count: connections).flatMap(\.self)
        let outcomes = try lab.run(
            many.map { ($0.from, Probe(.tcp, $0.destination, from: AddressPort($0.source, 0), timeout: .seconds(5))) })
        return Dictionary(zip(many, outcomes).map { ($0.source, [$1.backend ?? "\($1)"]) }) { $0.union($1) }
    }

    @Test func affinitySurvivesRestartsAndChangesOfOthers() throws {
        let places: [FlowProbe.Location] = [.pod(1), .pod(2), .pod(3), .remote(1)]
        var node = try Programmed([Self.sticky(places)])
        let first = try Self.met(node.lab, 1)
        #expect(try Self.met(node.lab) == first)
        for number in UInt8(1)...4 {
            try node.restart()
            #expect(try Self.met(node.lab) == first)
            try node.restart(with: ServiceSketch(100 + number, "other-\(number)", [.ready(.pod(1))]))
            try node.change(to: Self.sticky(places + [.remote(2)]))
            #expect(try Self.met(node.lab) == first)
            try node.restart(with: Self.sticky(places))
            #expect(try Self.met(node.lab) == first)
        }
    }

    enum Loss: CaseIterable { case whileRunning, whileDown }

    @Test(arguments: Loss.allCases)
    func aLostEndpointLosesItsClientsAtOnceAndNoOthers(loss: Loss) throws {
        let places: [FlowProbe.Location] = [.pod(1), .pod(2), .pod(3), .remote(1)]
        var node = try Programmed([Self.sticky(places)])
        let before = try Self.met(node.lab, 1)
        let lost = try #require(before.values.first?.first)
        let sketch = Self.sticky(places.filter { $0.description != lost })
        switch loss {
        case .whileRunning: try node.change(to: sketch)
        case .whileDown: try node.restart(with: sketch)
        }
        let after = try Self.met(node.lab, 1)
        for (client, endpoints) in before {
            if endpoints == [lost] {
                #expect(after[client]?.isDisjoint(with: [lost]) == true, "\(client)")
                #expect(after[client]?.isSubset(of: places.map(\.description)) == true, "\(client)")
            } else {
                #expect(after[client] == endpoints, "\(client)")
            }
        }
        #expect(try Self.met(node.lab) == after)
    }
}

extension ServiceSketch.Target {
    fileprivate static let everyKind: [Self] = [.clusterIP, .nodePort(), .externalIP, .loadBalancerIP]
}
