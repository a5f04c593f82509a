import KubeAPI

/// POST pods/NAME/binding, and POST bindings for the Pod that the Binding names.
public struct PodBindingHandler: SubresourceHandler {
    public init() {}

    public func handle(_ call: SubresourceCall) async throws -> (object: JSONValue, code: Int) {
        guard let binding = call.body else { throw Status.badRequest("a Binding is required") }
        let name = call.name.isEmpty ? binding.meta("name") : call.name
        guard let pods = call.registry.resources.snapshot["", "v1", "pods"] else { throw Status.noSuchPath }
        let now = call.context.now
        let uid = binding.meta("uid")
        var update = ObjectUpdate(namespace: call.namespace, name: name, subresource: "binding") { pod in
            if !uid.isEmpty, uid != pod.meta("uid") {
                throw Status.conflict(
                    pods.definition, name,
                    "Precondition failed: UID in precondition: \(uid), UID in object meta: \(pod.meta("uid"))")
            }
            return try PodBinding.bound(pod, binding, now: now)
        }
        update.isPatch = true
        _ = try await call.registry.update(update, pods, call.context)
        return (["kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success", "code": 201], 201)
    }
}
