import KubeAPI

/// Lets the router reach a resource that is answered at once and never stored.
public struct VirtualResourceHandler: SubresourceHandler {
    private let resource: any VirtualResource

    public init(_ resource: any VirtualResource) { self.resource = resource }

    public func handle(_ call: SubresourceCall) async throws -> (object: JSONValue, code: Int) {
        guard call.verb == "create", let body = call.body else {
            throw Status.badRequest("POST an object of \(call.served.definition.kind)")
        }
        return (try await resource.create(body, call.context), 201)
    }
}
