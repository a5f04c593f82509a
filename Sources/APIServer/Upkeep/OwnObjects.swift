import AccessControl
import KubeAPI
import KubeSchema

/// Writes of the server itself to the objects of one resource.
struct OwnObjects: Sendable {
    let registry: Registry
    let served: ServedResource
    let fieldManager: String

    /// nil when the resource is not served.
    init?(_ registry: Registry, group: String, version: String, resource: String, fieldManager: String) {
        guard let served = registry.resources.snapshot[group, version, resource] else { return nil }
        self.registry = registry
        self.served = served
        self.fieldManager = fieldManager
    }

    var now: Int64 { registry.clock() }

    private func context(_ verb: String, _ subresource: String = "") -> RequestContext {
        let user = UserInfo(name: "system:apiserver", groups: ["system:masters"])
        var attributes = RequestAttributes(user: user, verb: verb, path: "/")
        attributes.subresource = subresource
        return RequestContext(
            user: user, attributes: attributes, resource: served.definition, fieldManager: fieldManager, now: now)
    }

    /// Somebody else may have made it meanwhile.
    func create(_ object: JSONValue) async throws {
        do {
            _ = try await registry.create(
                try served.canonical(object).value, served, namespace: "", context("create"))
        } catch let status as Status where status.reason == "AlreadyExists" {
        }
    }

    /// Of one that is still there.
    func update(
        _ name: String, subresource: String = "", _ change: @escaping @Sendable (inout JSONValue) -> Void
    ) async throws {
        let update = ObjectUpdate(namespace: "", name: name, subresource: subresource) { old in
            var object = old
            change(&object)
            return object
        }
        do {
            _ = try await registry.update(update, served, context("update", subresource))
        } catch let status as Status where status.code == 404 {
        }
    }

    /// All at once, so that they share the store's commits.
    func updateStatus(of names: [String], _ change: @escaping @Sendable (inout JSONValue) -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for name in names { group.addTask { try await update(name, subresource: "status", change) } }
            try await group.waitForAll()
        }
    }

    func delete(_ name: String) async throws {
        do {
            _ = try await registry.delete(served, namespace: "", name: name, DeleteOptions(), context("delete"))
        } catch let status as Status where status.code == 404 {
        }
    }
}
