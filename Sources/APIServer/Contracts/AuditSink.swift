import AccessControl
import KubeAPI
import Synchronization

/// Where the record of what was done goes (audit.k8s.io/v1).
public protocol AuditSink: Sendable {
    /// How much is recorded of such a request; asked once per request, before it is handled.
    func level(for attributes: RequestAttributes) -> AuditLevel
    func record(_ event: AuditEvent) async
}

public enum AuditLevel: Int, Sendable, Comparable {
    case none, metadata, request, requestResponse

    public static func < (a: AuditLevel, b: AuditLevel) -> Bool { a.rawValue < b.rawValue }
}

/// One stage of one request.
public struct AuditEvent: Sendable {
    public enum Stage: String, Sendable {
        case requestReceived = "RequestReceived"
        /// Of requests that last: the head of the answer has been sent.
        case responseStarted = "ResponseStarted"
        case responseComplete = "ResponseComplete"
    }

    public var level: AuditLevel
    public var stage: Stage
    public var auditID: String
    public var attributes: RequestAttributes
    public var requestURI: String
    /// Whom `attributes.user` acts as, when that is somebody else.
    public var impersonated: UserInfo?
    public var userAgent = ""
    /// The nearest last.
    public var sourceAddresses: [String] = []
    /// HTTP status code of the answer; 0 before there is one.
    public var code = 0
    /// Nanoseconds since 1970.
    public var received: Int64
    public var staged: Int64
    public var annotations: [String: String] = [:]
    /// From level `request` on.
    public var requestObject: JSONValue?
    /// At level `requestResponse`; an error's `Status` at every level.
    public var responseObject: JSONValue?

    public init(
        level: AuditLevel, stage: Stage, auditID: String, attributes: RequestAttributes, requestURI: String,
        received: Int64, staged: Int64
    ) {
        self.level = level
        self.stage = stage
        self.auditID = auditID
        self.attributes = attributes
        self.requestURI = requestURI
        self.received = received
        self.staged = staged
    }
}

/// What the parts that look at a request add to its audit events.
public final class AuditAnnotations: Sendable {
    private let texts = Mutex<[String: String]>([:])

    public init() {}

    public subscript(key: String) -> String? {
        get { texts.withLock { $0[key] } }
        set { texts.withLock { $0[key] = newValue } }
    }

    public var all: [String: String] { texts.withLock { $0 } }
}
