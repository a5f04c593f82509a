import Bench
import Glibc
import KubeAPI
import NetTypes
import Processes
import ProxyCore
import ProxyIPTables

/// The iptables mode in one variant: first synchronisation, restart, changed endpoints, repair, first packets.
enum IPTablesMode {
    static func run(_ size: Scenario.Size, _ variant: IPTablesOptions.Variant) throws -> Samples {
        let cluster = SampleCluster(services: size.services)
        let probe = try PacketProbe()
        var state = ProxyState(
            node: NodeFacts(name: "node", detector: .cidrs(CIDR("10.128.0.0/9").map { [$0] } ?? [])))
        for index in 0..<size.services {
            state.stage(.service(cluster.service(index)))
            state.stage(.endpointSlice(cluster.slice(index)))
        }
        state.stage(.service(probe.service))
        state.stage(.endpointSlice(probe.slice))
        var samples = Samples()
        let clock = ContinuousClock()
        var backend = try IPTablesBackend(family: .ipv4, options: IPTablesOptions(variant: variant))
        let sync = try clock.measure {
            state.load()
            _ = try backend.synchronise(state.servicePorts, node: state.node)
        }
        samples.add("sync", sync.seconds)
        samples.add("resync", try clock.measure { try resync(&backend, state) }.seconds)
        for (_, event) in EndpointChanges(cluster).prefix(size.repeats) {
            let change = try clock.measure { _ = try backend.apply(state.apply(event)) }
            samples.add("change", change.milliseconds)
        }
        samples.add("repair", try repair(&backend, state, flushed: ["PREROUTING"]))
        samples.add("repair-all", try repair(&backend, state, flushed: []))
        samples.add("packet", try probe.firstPackets())
        return samples
    }

    /// As after a restart: there is nothing to do.
    private static func resync(_ backend: inout IPTablesBackend, _ state: ProxyState) throws {
        let report = try backend.synchronise(state.servicePorts, node: state.node)
        guard report.operations == 0 else {
            throw BenchError("the kernel differed in \(report.operations) objects after the first synchronisation")
        }
    }

    /// Somebody flushes a chain of nat, or without one all of them: milliseconds until everything is back.
    private static func repair(
        _ backend: inout IPTablesBackend, _ state: ProxyState, flushed chain: [String]
    ) throws -> Double {
        let program = "/usr/sbin/iptables-\(backend.variant.rawValue)"
        let flush = ProgramStart.bench(program, ["-w", "-t", "nat", "-F"] + chain)
        guard try FinishedProcess.run(flush, limit: .seconds(900)).end == .exit(0) else {
            throw BenchError("\(program) cannot flush \(chain.first ?? "nat")")
        }
        let started = ContinuousClock.now
        guard try !backend.isIntact() else { throw BenchError("a flush of \(chain.first ?? "nat") was not noticed") }
        // Of very many changes the backend asks for everything, as the daemon then does.
        let report = try backend.repair(state) ?? backend.synchronise(state.servicePorts, node: state.node)
        guard report.operations > 0, chain.isEmpty || report.operations == 1, try backend.isIntact() else {
            throw BenchError("a flush of \(chain.first ?? "nat") was not mended")
        }
        return (ContinuousClock.now - started).milliseconds
    }
}
