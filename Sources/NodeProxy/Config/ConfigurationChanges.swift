import KubeAPI

/// A field that differs between two configurations.
public struct ConfigurationChange: Sendable, Hashable, CustomStringConvertible {
    public let path: String
    /// What must take it up.
    public let impact: ConfigurationImpact
    public let old: JSONValue
    public let new: JSONValue

    /// `iptables.masqueradeAll: false → true`
    public var description: String { "\(path): \(JSONWriter.text(old)) → \(JSONWriter.text(new))" }
}

extension KubeProxyConfiguration {
    /// What a reload has to do, in the order of the fields.
    public static func changes(from old: Self, to new: Self) -> [ConfigurationChange] {
        ConfigurationField.all.compactMap { field in
            let (before, after) = (field.write(old), field.write(new))
            guard before != after else { return nil }
            return ConfigurationChange(path: field.path, impact: field.impact, old: before, new: after)
        }
    }
}
