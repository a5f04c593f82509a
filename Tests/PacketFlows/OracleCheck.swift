import NetTypes
import ProxyCore

extension FlowGroup {
    /// Where the oracle and the hand-written expectations differ, in words.
    public func oracleFailures() -> [String] {
        let oracle = PacketOracle(state)
        return cases.flatMap { flowCase in
            flowCase.flows.compactMap { flow in
                let verdict = oracle.verdict(flow.packet)
                guard !flowCase.isMet(by: verdict, flow.destination.address.family) else { return nil }
                return "\(flowCase) to \(flow.destination): \(flowCase.expectation) expected, not \(verdict)"
            }
        }
    }
}

extension PacketFlow {
    fileprivate var packet: Packet {
        Packet(
            proto: proto, source: AddressPort(source, 40000), destination: destination,
            inputInterface: FlowLab.interface(of: from), isFromNode: from == .node)
    }
}

extension FlowCase {
    fileprivate func isMet(by verdict: Verdict, _ family: IPFamily) -> Bool {
        switch (expectation, verdict) {
        case (.refused, .reject), (.dropped, .drop), (.untouched, .notService): return true
        case (.balanced(let places, let masquerade, let spread), .balance(let balance)):
            let endpoints = places.compactMap { FlowLab.addresses(of: $0, family).first }
                .map { AddressPort($0, targetPort) }.sorted()
            return balance.endpoints.endpoints == endpoints && balance.masquerade == masquerade
                && spread.isMet(by: balance, family)
        default: return false
        }
    }
}

extension FlowExpectation.Spread {
    fileprivate func isMet(by balance: Verdict.Balance, _ family: IPFamily) -> Bool {
        let hasAffinity = balance.affinityTimeout != nil
        switch self {
        case .every: return balance.algorithm == .random && !hasAffinity && balance.endpoints.weights.isEmpty
        case .affinity: return hasAffinity
        case .sourceHash: return balance.algorithm == .sourceHash && !hasAffinity
        case .maglev: return balance.algorithm == .maglev && !hasAffinity
        case .inTurn: return balance.algorithm == .roundRobin && !hasAffinity
        case .weighted(let weights):
            let expected = weights.compactMap { place, weight in
                FlowLab.addresses(of: place, family).first.map { ($0, weight) }
            }
            let actual = zip(balance.endpoints.endpoints.map(\.address), balance.endpoints.weights).map { ($0, $1) }
            return Dictionary(expected) { $1 } == Dictionary(actual) { $1 }
        }
    }
}
