import KubeAPI

/// Lets the router reach a resource that is answered at once and never stored.
public struct VirtualResourceHandler: SubresourceHandler {
    private let resource: any VirtualResource

    public init(_ resource: any VirtualResource) { self.resource = resource }

    public func handle(_ call: SubresourceCall) async throws -> (object: JSONValue, code: Int) {
        guard call.verb == "create", let body = call.body else {
            throw Status.badRequest("POST an object of \(call.served.definition.kind)")
        }
        var request = AdmissionRequest(
            operation: .create, resource: call.served.definition, subresource: call.context.subresource,
            namespace: call.namespace, name: call.name, object: body, oldObject: nil, context: call.context)
        try await call.registry.admission.admit(&request)
        try await call.registry.admission.validate(request)
        do {
            return (try await resource.create(request.object ?? body, call.context), 201)
        } catch let invalid as InvalidObject {
            let asked = BodyKind(body, or: BodyKind(call.served.definition, isCustom: false))
            throw Status.invalid(kind: asked.kind, group: asked.group, "", invalid.errors)
        }
    }
}
