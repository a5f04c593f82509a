import KubeAPI
import NIOCore

extension KubeClient {
    /// Objects of any kind, as the server has them now.
    public func get(_ resource: GroupVersionResource, _ key: NamespacedName) async throws(ClientError) -> APIObject {
        try await object(KubeRequest(.get, path: resource.path(key)))
    }

    /// The object as the server made it.
    @discardableResult
    public func create(
        _ resource: GroupVersionResource, _ object: JSONValue, namespace: String = "", subresource: String? = nil,
        of name: String = ""
    ) async throws(ClientError) -> APIObject {
        let path =
            subresource.map { "\(resource.path(NamespacedName(namespace: namespace, name: name)))/\($0)" }
            ?? resource.path(namespace: namespace)
        return try await self.object(KubeRequest(.create, path: path, body: Self.body(object)))
    }

    /// The answer to what is asked by a POST and is not kept, such as a SubjectAccessReview.
    public func post(_ path: String, _ question: JSONValue) async throws(ClientError) -> JSONValue {
        try await json(KubeRequest(.create, path: path, body: Self.body(question)))
    }

    /// Replaces the object, or its `subresource` such as `status`; the resource version in it, when there is one, must
    /// still hold.
    @discardableResult
    public func update(
        _ resource: GroupVersionResource, _ object: APIObject, subresource: String? = nil
    ) async throws(ClientError) -> APIObject {
        try await self.object(
            KubeRequest(.update, path: resource.path(object.key, subresource), body: Self.body(object.json)))
    }

    @discardableResult
    public func patch(
        _ resource: GroupVersionResource, _ key: NamespacedName, _ kind: PatchKind, _ body: JSONValue,
        subresource: String? = nil, parameters: [KubeRequest.Parameter] = []
    ) async throws(ClientError) -> APIObject {
        try await object(
            KubeRequest(
                .patch, path: resource.path(key, subresource), parameters: parameters, body: Self.body(body),
                contentType: kind.rawValue))
    }

    /// The object that is still there, when it is deleted later; nil when it is gone.
    @discardableResult
    public func delete(
        _ resource: GroupVersionResource, _ key: NamespacedName, _ options: DeletionOptions = DeletionOptions()
    ) async throws(ClientError) -> APIObject? {
        let answer = try await json(KubeRequest(.delete, path: resource.path(key), body: Self.body(options.json)))
        guard answer["kind"]?.string != "Status", answer["metadata"]?["deletionTimestamp"] != nil else { return nil }
        return try? APIObject(json: answer)
    }

    /// Deletes all objects of a kind in a namespace.
    public func deleteCollection(
        _ resource: GroupVersionResource, namespace: String, _ options: DeletionOptions = DeletionOptions()
    ) async throws(ClientError) {
        _ = try await body(
            of: KubeRequest(.delete, path: resource.path(namespace: namespace), body: Self.body(options.json)))
    }

    /// Any answer of JSON.
    public func json(_ request: KubeRequest) async throws(ClientError) -> JSONValue {
        let body = try await body(of: request)
        do {
            return try JSONParser.parse(body.readableBytesView, leavingOut: JSONParser.managedFields)
        } catch {
            throw .malformed("\(request.path): \(error)")
        }
    }

    private func object(_ request: KubeRequest) async throws(ClientError) -> APIObject {
        let json = try await json(request)
        do {
            return try APIObject(json: json)
        } catch {
            throw .malformed("\(request.path): \(error)")
        }
    }

    private static func body(_ json: JSONValue) -> ByteBuffer { ByteBuffer(bytes: JSONWriter.bytes(json)) }
}

extension GroupVersionResource {
    fileprivate func path(_ key: NamespacedName, _ subresource: String?) -> String {
        subresource.map { "\(path(key))/\($0)" } ?? path(key)
    }
}
