import KubeAPI

/// What is wrong with one field.
public struct ConfigurationProblem: Error, Sendable, Hashable, CustomStringConvertible {
    /// Where the field came from: the file with its line, or empty for values from flags and defaults.
    public var origin: String
    public var path: String
    public var reason: String

    /// `kube-proxy.yaml:4: iptables.masqueradeBitt: unknown field; did you mean masqueradeBit?`
    public var description: String { [origin, path, reason].filter { !$0.isEmpty }.joined(separator: ": ") }
}

/// All that is wrong with a configuration, in the order of the file.
public struct ConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    public let problems: [ConfigurationProblem]

    init(_ problems: [ConfigurationProblem]) { self.problems = problems }

    /// One line each.
    public var description: String { problems.map(\.description).joined(separator: "\n") }
}
