import NetTypes

/// A table of one address family: `ip NAME` or `ip6 NAME`.
public struct TableID: Hashable, Sendable, CustomStringConvertible {
    public let family: IPFamily
    public let name: String

    public init(_ family: IPFamily, _ name: String) {
        self.family = family
        self.name = name
    }

    public var description: String { "\(family == .ipv4 ? "ip" : "ip6") \(name)" }
}

/// A chain with its rules, in order.
public struct Chain: Hashable, Sendable {
    /// Where a base chain meets packets.
    public struct Hook: Hashable, Sendable {
        public enum Kind: String, Sendable { case filter, nat }
        public enum Point: String, Sendable, CaseIterable { case prerouting, input, forward, output, postrouting }

        public let kind: Kind
        public let point: Point
        public let priority: Int32

        public init(_ kind: Kind, _ point: Point, priority: Int32) {
            self.kind = kind
            self.point = point
            self.priority = priority
        }
    }

    public let name: String
    /// nil for a chain that is only jumped to.
    public let hook: Hook?
    public var rules: [Rule]

    public init(_ name: String, hook: Hook? = nil, rules: [Rule] = []) {
        self.name = name
        self.hook = hook
        self.rules = rules
    }
}

public struct Rule: Hashable, Sendable {
    public let statements: [Statement]
    public let comment: String?

    public init(_ statements: Statement..., comment: String? = nil) {
        self.statements = statements
        self.comment = comment?.asComment
    }

    public init(_ statements: [Statement], comment: String? = nil) {
        self.statements = statements
        self.comment = comment?.asComment
    }
}

/// A named set, or a map when it has data. The key and data are given by selectors, as nft's `typeof`.
public struct SetSpec: Hashable, Sendable {
    public enum Data: Hashable, Sendable {
        case verdict
        case selectors([Selector])
    }

    public let name: String
    public let key: [Selector]
    public let data: Data?
    /// Rules add elements (`flags dynamic,timeout`).
    public let isDynamic: Bool
    /// Elements are ranges or prefixes (`flags interval`) of addresses or ports. Precondition: one selector is the key.
    public let isInterval: Bool
    public let comment: String?

    public init(
        _ name: String, key: [Selector], data: Data? = nil, isDynamic: Bool = false, isInterval: Bool = false,
        comment: String? = nil
    ) {
        self.name = name
        self.key = key
        self.data = data
        self.isDynamic = isDynamic
        self.isInterval = isInterval
        self.comment = comment?.asComment
    }
}
