import KubeAPI
import NIOCore

extension KubeClient {
    /// One object, decoded.
    public func get<Object: KubeObject>(
        _ key: NamespacedName, as type: Object.Type = Object.self
    ) async throws(ClientError) -> Object {
        let body = try await body(of: KubeRequest(.get, path: Object.resource.path(key)))
        do {
            return try Object(json: try JSONParser.parse(body.readableBytesView))
        } catch {
            throw .malformed("\(key): \(error)")
        }
    }

    /// Version of the server, such as `v1.36.0`.
    public func serverVersion() async throws(ClientError) -> String {
        let body = try await body(of: KubeRequest(.get, path: "/version"))
        do {
            var reader = try ObjectReader(try JSONParser.parse(body.readableBytesView))
            return try reader.requiredString("gitVersion")
        } catch {
            throw .malformed("\(error)")
        }
    }
}

extension ResourceSelection {
    public init(
        _ resource: GroupVersionResource, namespace: String? = nil, fieldSelector: String = "",
        labelSelector: String = ""
    ) {
        self.init(
            path: resource.path(namespace: namespace), fieldSelector: fieldSelector, labelSelector: labelSelector)
    }
}
