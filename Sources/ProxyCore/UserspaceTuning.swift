/// What a Service's annotations ask of a mode that proxies in user space; in other modes it has no effect.
public struct UserspaceTuning: Hashable, Sendable {
    /// Open TCP connections at most; nil without a limit. Annotation `apus.dev/max-connections`.
    public var maxConnections: UInt32?
    /// Annotation `apus.dev/proxy-protocol`.
    public var proxyProtocol: ProxyProtocolVersion?
    /// Annotation `apus.dev/health-check`.
    public var healthCheck: ActiveCheck?
    /// Endpoints see the client's address. Annotation `apus.dev/preserve-client-ip: "true"`.
    public var preservesClientIP = false

    public init() {}

    var isUsual: Bool { self == UserspaceTuning() }
}

/// Forms of the header that tells an endpoint who its client is.
public enum ProxyProtocolVersion: String, Hashable, Sendable, CaseIterable {
    case v1, v2
}

/// How an endpoint is asked whether it works.
public struct ActiveCheck: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        /// It accepts a connection.
        case tcp
        /// It answers GET of this path with a status of 200 to 399.
        case http(path: String)
    }

    public var kind: Kind
    /// Seconds between two checks, 1...3600.
    public var interval: UInt16

    public static let usualInterval: UInt16 = 5

    public init(_ kind: Kind, interval: UInt16 = usualInterval) {
        self.kind = kind
        self.interval = interval
    }
}

/// Most Services ask for none of it: one pointer for each service port, nil then.
final class SharedTuning: Hashable, Sendable {
    let value: UserspaceTuning

    init(_ value: UserspaceTuning) { self.value = value }

    static func == (a: SharedTuning, b: SharedTuning) -> Bool { a === b || a.value == b.value }
    func hash(into hasher: inout Hasher) { hasher.combine(value) }
}
