import KubeAPI
import KubeSchema
import StoreCore

/// POST pods/NAME/eviction.
public struct PodEvictionHandler: SubresourceHandler {
    public init() {}

    private static let mostAttempts = 8

    public func handle(_ call: SubresourceCall) async throws -> (object: JSONValue, code: Int) {
        let resources = call.registry.resources.snapshot
        guard let pods = resources["", "v1", "pods"], let budgets = resources["policy", "v1", "poddisruptionbudgets"]
        else { throw Status.noSuchPath }
        let name = call.body?.meta("name") ?? ""
        guard name.isEmpty || name == call.name else {
            throw Status.badRequest("name in URL does not match name in Eviction object")
        }
        let json = call.body?["deleteOptions"] ?? .emptyObject
        let options = try DeleteOptions(json: json)
        if options.isDryRun { call.context.becomeDryRun() }
        for _ in 0..<Self.mostAttempts {
            guard let pod = try await call.registry.get(pods, namespace: call.namespace, name: call.name) else {
                throw Status.notFound(pods.definition, call.name)
            }
            let all = try await call.registry.list(budgets, namespace: call.namespace).objects
            switch PodEviction.decide(pod, budgets: all, now: call.context.now) {
            case .refuse(let status): throw status
            case .evict: break
            case .charge(let budget):
                guard try await charge(budget, budgets, call) else { continue }
            }
            var last = options
            if !call.context.isDryRun { try await mark(pods, &last, call) }
            _ = try await call.registry.delete(
                pods, namespace: call.namespace, name: call.name, last, json: json, call.context)
            return (["kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success", "code": 201], 201)
        }
        throw Status.modified(pods.definition, call.name)
    }

    /// Says in the Pod's status why it ends, for whoever counts failures. The deletion is then of the Pod as it is
    /// after that, when the client named a version.
    private func mark(_ pods: ServedResource, _ options: inout DeleteOptions, _ call: SubresourceCall) async throws {
        let (now, wanted) = (call.context.now, options)
        var update = ObjectUpdate(namespace: call.namespace, name: call.name, subresource: "status") { pod in
            try wanted.check(pod, pods.definition)
            return PodEviction.marked(pod, now: now)
        }
        update.isPatch = true
        let marked = try await call.registry.update(update, pods, call.context).object
        if !options.resourceVersion.isEmpty { options.resourceVersion = marked.meta("resourceVersion") }
    }

    /// False when the budget has changed since it was read.
    private func charge(_ budget: JSONValue, _ budgets: ServedResource, _ call: SubresourceCall) async throws -> Bool {
        let update = ObjectUpdate(namespace: call.namespace, name: budget.meta("name"), subresource: "status") { _ in
            budget
        }
        do {
            _ = try await call.registry.update(update, budgets, call.context)
            return true
        } catch let status as Status where status.code == 409 {
            return false
        }
    }
}
