import AccessControl
import KubeAPI
import KubeSchema
import StoreCore
import Synchronization

@testable import APIServer

/// Objects in memory, by their path in the store.
final class SampleObjects: ObjectSource {
    private let objects = Mutex<[String: JSONValue]>([:])

    subscript(path: String) -> JSONValue? {
        get { objects.withLock { $0[path] } }
        set { objects.withLock { $0[path] = newValue } }
    }

    func object(_ prefix: String, namespace: String, name: String) async throws -> JSONValue? {
        self[namespace.isEmpty ? "\(prefix)/\(name)" : "\(prefix)/\(namespace)/\(name)"]
    }
}

/// Allows what a closure says.
struct SampleAuthorizer: Authorizer {
    let allows: @Sendable (RequestAttributes) -> Bool

    func authorize(_ attributes: RequestAttributes) async -> Decision {
        allows(attributes) ? .allow(reason: "") : .noOpinion(reason: "")
    }
}

enum Sample {
    /// Seconds since 1970.
    static let now: Int64 = 1_800_000_000

    static func json(_ text: String) throws -> JSONValue { try JSONParser.parse(text) }

    static func context(
        _ user: UserInfo, namespace: String = "", name: String = "", resource: String = "reviews"
    ) -> RequestContext {
        RequestContext(
            user: user,
            attributes: RequestAttributes(
                user: user, verb: "create", resource: resource, namespace: namespace, name: name),
            resource: ResourceDefinition(
                group: "", version: "v1", resource: resource, singular: "", kind: "", listKind: "",
                isNamespaced: !namespace.isEmpty, verbs: [], typeName: ""),
            now: now * 1_000_000_000)
    }
}
