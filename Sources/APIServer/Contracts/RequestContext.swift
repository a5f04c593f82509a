import AccessControl
import KubeSchema
import StoreCore
import Synchronization

/// What is known about the request that is worked on, and what its parts want to add to the answer and to the write.
public final class RequestContext: Sendable {
    public let user: UserInfo
    public let attributes: RequestAttributes
    public let resource: ResourceDefinition
    /// Who owns the fields that are written (metadata.managedFields).
    public let fieldManager: String
    /// A server-side apply, which says itself who owns what.
    public let isApply: Bool
    /// Nanoseconds since 1970, when the request came.
    public let now: Int64

    private struct Additions {
        var isDryRun: Bool
        var warnings: [String] = []
        var compares: [Compare] = []
        var operations: [StoreCore.Operation] = []
    }

    private let additions: Mutex<Additions>
    private let audit: AuditAnnotations

    public init(
        user: UserInfo, attributes: RequestAttributes, resource: ResourceDefinition, isDryRun: Bool = false,
        fieldManager: String = "", isApply: Bool = false, audit: AuditAnnotations = AuditAnnotations(), now: Int64
    ) {
        self.user = user
        self.attributes = attributes
        self.resource = resource
        additions = Mutex(Additions(isDryRun: isDryRun))
        self.audit = audit
        self.fieldManager = fieldManager
        self.isApply = isApply
        self.now = now
    }

    public var subresource: String { attributes.subresource }

    /// Nothing is written, and nothing that was taken is kept.
    public var isDryRun: Bool { additions.withLock { $0.isDryRun } }

    /// The body asks for it, where the query did not.
    func becomeDryRun() { additions.withLock { $0.isDryRun = true } }

    /// Shown to the client in a `Warning` header.
    public func warn(_ text: String) {
        additions.withLock { if !$0.warnings.contains(text) { $0.warnings.append(text) } }
    }

    public var warnings: [String] { additions.withLock { $0.warnings } }

    /// Added to the audit event.
    public func annotate(_ key: String, _ value: String) { audit[key] = value }

    /// Joins the write of the object: all of it happens at one revision, or nothing. When a compare fails the request
    /// begins anew from `prepareFor…`.
    public func alsoWrite(if compares: [Compare], _ operations: [StoreCore.Operation]) {
        additions.withLock {
            $0.compares += compares
            $0.operations += operations
        }
    }

    /// Forgets what joined; before each attempt.
    func clearWrites() {
        additions.withLock {
            $0.compares = []
            $0.operations = []
        }
    }

    var writes: (compares: [Compare], operations: [StoreCore.Operation]) {
        additions.withLock { ($0.compares, $0.operations) }
    }
}
