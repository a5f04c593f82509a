import NetTypes
import Routes

/// Kernel settings that a mode changes in a network namespace. What they were before is written into the comments of
/// an ipset: it lives as long as the namespace and its settings do, and any later process can restore them.
public struct KeptSettings: Sendable {
    public struct Setting: Sendable, Hashable {
        /// A sysctl with dots, or a name of the caller's own.
        public let name: String
        public let value: String

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// Of the set; its entries, addresses, have no meaning but for their comments.
    public let spec: SetSpec

    public init(set name: String, _ family: IPFamily) { spec = SetSpec(name, .hashIP, family, hasComments: true) }

    /// Gives sysctls these values. Makes the set where something changes.
    public func set(_ wanted: [Setting], _ sets: inout IPSetSocket) throws {
        for setting in wanted {
            let before = try Sysctl.read(setting.name)
            guard before != setting.value else { continue }
            try keep(Setting(setting.name, before), &sets)
            try Sysctl.write(setting.name, setting.value)
        }
    }

    /// Keeps what a setting is before it is changed; only the first time counts.
    public func keep(_ setting: Setting, _ sets: inout IPSetSocket) throws {
        let known = try all(&sets)
        if known.contains(where: { $0.name == setting.name }) { return }
        try sets.create(spec)
        let entry = SetEntry(.ip(slot(known.count)), comment: "\(setting.name)=\(setting.value)")
        try sets.add(CollectionOfOne(entry), to: spec.name)
    }

    /// What is kept.
    public func all(_ sets: inout IPSetSocket) throws -> [Setting] {
        let comments = try sets.contents(of: spec.name)?.entries.compactMap(\.comment) ?? []
        return comments.compactMap { comment in
            let parts = comment.split(separator: "=", maxSplits: 1)
            return parts.count == 2 ? Setting(String(parts[0]), String(parts[1])) : nil
        }
    }

    /// Sets back the sysctls; returns the settings that are none. The set stays.
    public func restore(_ sets: inout IPSetSocket) throws -> [Setting] {
        var others: [Setting] = []
        for setting in try all(&sets) {
            if setting.name.hasPrefix("net.") {
                try Sysctl.write(setting.name, setting.value)
            } else {
                others.append(setting)
            }
        }
        return others
    }

    private func slot(_ index: Int) -> IPAddress {
        spec.family == .ipv4 ? IPAddress(v4: UInt32(index) + 1) : IPAddress(high: 0, low: UInt64(index) + 1)
    }
}
