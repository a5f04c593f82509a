import Lab
import NetTypes
import ProxyCore
import Synchronization

/// Runs a group's cases as real connections in a lab whose node is programmed for them.
public struct KernelCheck {
    private let lab: FlowProbe
    /// What each case met, in the order of the connections.
    private var outcomes: [[Seen]]
    private let cases: [FlowCase]
    private let hidesClients: Bool

    fileprivate struct Seen {
        let flow: PacketFlow
        let outcome: ProbeOutcome
    }

    /// Replies under load may be late; silence costs this long, once for all cases that expect it.
    private static let patience = Duration.seconds(5)
    private static let silence = Duration.milliseconds(300)
    /// Connections at a time of a case that must see every endpoint; repeated until it has.
    private static let round = 16
    private static let rounds = 16
    private static let weightedConnections = 400

    /// Where the kernel and the hand-written expectations differ, in words. `hidesClients`: the mode connects to
    /// endpoints itself, so that every connection comes from the node, whatever the expectation says of masquerade.
    public static func failures(
        of group: FlowGroup, in lab: FlowProbe, hidesClients: Bool = false
    ) throws -> [String] {
        var check = KernelCheck(
            lab: lab, outcomes: group.cases.map { _ in [] }, cases: group.cases, hidesClients: hidesClients)
        try check.connect()
        return zip(check.cases, check.outcomes).compactMap { flowCase, seen in
            check.fault(flowCase, seen).map { "\(flowCase): \($0)" }
        }
    }

    // MARK: Connecting

    private mutating func connect() throws {
        try run(cases.indices.flatMap { index in cases[index].opening.map { (index, $0) } })
        for _ in 1..<Self.rounds {
            let waiting = cases.indices.filter { !missing($0).isEmpty }
            if waiting.isEmpty { break }
            try run(waiting.flatMap { index in repeated(index, Self.round) })
        }
        try run(
            cases.indices.filter { cases[$0].spread.map(\.isWeighted) == true }.flatMap { index in
                repeated(index, Self.weightedConnections)
            })
        // The first connection of a client decides; the others come after it, on every address.
        for index in cases.indices where cases[index].spread?.isSticky == true {
            try run(repeated(index, 1))
        }
        try run(
            cases.indices.filter { cases[$0].spread?.isSticky == true }.flatMap { index in
                cases[index].flows.flatMap { flow in (0..<4).map { _ in (index, flow) } }
            })
        for _ in 0..<8 {
            for index in cases.indices where cases[index].spread == .inTurn { try run(repeated(index, 1)) }
        }
    }

    private func repeated(_ index: Int, _ count: Int) -> [(Int, PacketFlow)] {
        (0..<count).map { _ in (index, cases[index].flows[0]) }
    }

    private mutating func run(_ connections: [(index: Int, flow: PacketFlow)]) throws {
        let probes = connections.map { index, flow in
            (
                from: flow.from,
                probe: Probe(
                    flow.proto, flow.destination, from: AddressPort(flow.source, port(cases[index], flow)),
                    timeout: cases[index].isSilent ? Self.silence : Self.patience)
            )
        }
        // Silent ones first and together, so that their waits overlap.
        let order = probes.indices.sorted { probes[$0].probe.timeout < probes[$1].probe.timeout }
        for (position, outcome) in zip(order, try lab.run(order.map { probes[$0] })) {
            let (index, flow) = connections[position]
            outcomes[index].append(Seen(flow: flow, outcome: outcome))
        }
    }

    /// For datagrams whose order matters one that none had before: the kernel may choose one twice, and what comes from it
    /// then belongs to the flow before. Below the kernel's own range; 0 lets it choose.
    private func port(_ flowCase: FlowCase, _ flow: PacketFlow) -> UInt16 {
        guard flow.proto == .udp, flowCase.spread == .inTurn else { return 0 }
        return Self.lastPort.withLock { last in
            last = last < 32_767 ? last + 1 : 10_000
            return last
        }
    }

    private static let lastPort = Mutex<UInt16>(10_000)

    /// Endpoints that a case must still see.
    private func missing(_ index: Int) -> Set<FlowProbe.Location> {
        guard case .balanced(let places, _, let spread) = cases[index].expectation,
            spread == .every || spread == .maglev
        else { return [] }
        let seen = Set(outcomes[index].compactMap(\.outcome.backend))
        return places.filter { !seen.contains($0.description) }
    }

    // MARK: Judging

    private func fault(_ flowCase: FlowCase, _ seen: [Seen]) -> String? {
        switch flowCase.expectation {
        case .refused, .untouched(.closed): return seen.fault(unless: .refused)
        case .dropped, .untouched(.lost): return seen.fault(unless: .timeout)
        case .balanced(let places, let masquerade, let spread):
            for one in seen {
                guard case .reply(let reply) = one.outcome else { return "no reply but \(one.outcome)" }
                if let fault = fault(reply, one.flow, flowCase, places, masquerade) { return fault }
            }
            return spreadFault(seen.compactMap(\.outcome.backend), places.map(\.description).sorted(), spread)
        }
    }

    private func fault(
        _ reply: EchoReply, _ flow: PacketFlow, _ flowCase: FlowCase, _ places: Set<FlowProbe.Location>,
        _ masquerade: Verdict.Masquerade
    ) -> String? {
        guard places.contains(where: { $0.description == reply.backend }), reply.local.port == flowCase.targetPort
        else { return "went to \(reply.local)" }
        let isMasqueraded =
            switch hidesClients ? .always : masquerade {
            case .always: true
            case .never: false
            case .onlyHairpin: reply.backend == flow.from.description
            }
        if isMasqueraded {
            let isGood = reply.peer.address != flow.source && FlowLab.nodeAddresses.contains(reply.peer.address)
            return isGood ? nil : "not masqueraded: \(reply)"
        }
        return reply.peer.address == flow.source ? nil : "masqueraded: \(reply)"
    }

    private func spreadFault(
        _ backends: [String], _ places: [String], _ spread: FlowExpectation.Spread
    ) -> String? {
        let counts = Dictionary(backends.map { ($0, 1) }, uniquingKeysWith: +)
        switch spread {
        case .every, .maglev: return counts.count == places.count ? nil : "only reached \(counts)"
        case .affinity, .sourceHash: return counts.count == 1 ? nil : "reached several: \(counts)"
        case .inTurn:
            guard let start = places.firstIndex(of: backends.first ?? "") else { return "nothing reached" }
            let expected = backends.indices.map { places[(start + $0) % places.count] }
            return backends == expected ? nil : "order \(backends)"
        case .weighted(let weights):
            let total = Double(weights.values.reduce(0) { $0 + Int($1) })
            let count = Double(backends.count)
            return weights.lazy.compactMap { place, weight in
                let share = Double(weight) / total
                // Five standard deviations: a fault in two million runs.
                let margin = 5 * (count * share * (1 - share)).squareRoot()
                let actual = Double(counts[place.description] ?? 0)
                return abs(actual - count * share) <= margin ? nil : "shares \(counts)"
            }.first
        }
    }
}

extension [KernelCheck.Seen] {
    fileprivate func fault(unless expected: ProbeOutcome) -> String? {
        first { $0.outcome != expected }.map { "not \(expected) but \($0.outcome)" }
    }
}

extension FlowCase {
    fileprivate var spread: FlowExpectation.Spread? {
        if case .balanced(_, _, let spread) = expectation { spread } else { nil }
    }

    fileprivate var isSilent: Bool {
        expectation == .dropped || expectation == .untouched(.lost)
    }

    /// The first connections: as many as show most faults at once. Those whose order matters come later.
    fileprivate var opening: [PacketFlow] {
        switch spread {
        case nil: flows + flows
        case .every, .maglev: (0..<16).map { _ in flows[0] }
        default: []
        }
    }
}

extension FlowExpectation.Spread {
    fileprivate var isSticky: Bool { self == .affinity || self == .sourceHash }
    fileprivate var isWeighted: Bool { if case .weighted = self { true } else { false } }
}
