import KubeAPI

/// What a mode can do of what Services ask for, beyond what every mode can.
public struct ModeAbilities: OptionSet, Sendable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let leastConnections = ModeAbilities(rawValue: 1)
    /// Everything in `UserspaceTuning`.
    public static let userspaceTuning = ModeAbilities(rawValue: 2)
    public static let ipvsScheduler = ModeAbilities(rawValue: 4)
    public static let sctp = ModeAbilities(rawValue: 8)
}

extension ProxyState {
    /// What a mode cannot do of what Services ask for; visits every Service.
    public func advice(for abilities: ModeAbilities) -> [Advice] {
        entries.flatMap { entry in
            entry.isVacant ? [] : advice(entry, Set(entry.ports.flatMap { $0.unsupported(abilities) }))
        }
    }

    /// The same for what a delta brought: what was asked for before is not said again.
    public func advice(for abilities: ModeAbilities, on delta: ProxyDelta) -> [Advice] {
        var reasons: [NamespacedName: (old: Set<Unsupported>, new: Set<Unsupported>)] = [:]
        for change in delta.servicePorts {
            guard let name = change.name?.service else { continue }
            let old = change.old?.unsupported(abilities) ?? []
            let new = change.new?.unsupported(abilities) ?? []
            if old.isEmpty, new.isEmpty { continue }
            reasons[name, default: ([], [])].old.formUnion(old)
            reasons[name, default: ([], [])].new.formUnion(new)
        }
        var advice: [Advice] = []
        for (name, said) in reasons.sorted(by: { $0.key < $1.key }) {
            guard let slot = slots[name] else { continue }
            advice += self.advice(entries[Int(slot)], said.new.subtracting(said.old))
        }
        return advice
    }

    private func advice(_ entry: ServiceEntry, _ reasons: Set<Unsupported>) -> [Advice] {
        reasons.sorted { $0.rawValue < $1.rawValue }.map {
            Advice(entry.subject, "UnsupportedByMode", $0.message)
        }
    }
}

/// What a Service asks for and the mode cannot do.
enum Unsupported: Int {
    case leastConnections, userspaceTuning, ipvsScheduler, sctp

    var message: String {
        switch self {
        case .leastConnections:
            "\(ServiceTuning.Annotation.balance) \"least-connections\": this mode does not know how many connections an "
                + "endpoint has; random is used (modes ipvs and userspace can)"
        case .userspaceTuning:
            "\(ServiceTuning.Annotation.userspace.joined(separator: ", ")) have an effect in mode userspace only"
        case .ipvsScheduler: "\(ServiceTuning.Annotation.ipvsScheduler) has an effect in mode ipvs only"
        case .sctp: "its SCTP ports are not served: mode userspace proxies TCP and UDP (all other modes can)"
        }
    }
}

extension ServicePort {
    fileprivate func unsupported(_ abilities: ModeAbilities) -> [Unsupported] {
        var found: [Unsupported] = []
        if balance == .leastConnections, !abilities.contains(.leastConnections) { found.append(.leastConnections) }
        if userspace != nil, !abilities.contains(.userspaceTuning) { found.append(.userspaceTuning) }
        if ipvsScheduler != nil, !abilities.contains(.ipvsScheduler) { found.append(.ipvsScheduler) }
        if name.proto == .sctp, !abilities.contains(.sctp) { found.append(.sctp) }
        return found
    }
}
