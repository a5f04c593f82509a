import KubeAPI
import KubeSchema

/// The subresource `scale` (autoscaling/v1 Scale).
struct ScaleHandler: Sendable {
    let registry: Registry
    let request: APIRequest
    var paths = Paths()

    /// Where the object keeps what a Scale shows.
    struct Paths: Sendable {
        var replicas = ["spec", "replicas"]
        var statusReplicas = ["status", "replicas"]
        /// A selector object, or its text; nil when a CustomResourceDefinition names none.
        var selector: [String]? = ["spec", "selector"]
    }

    private var info: RequestInfo { request.info }

    func get() async throws -> HTTPResponse {
        guard let object = try await registry.get(request.served, namespace: info.namespace, name: info.name) else {
            throw Status.notFound(request.served.definition, info.name)
        }
        if request.served.isCustom, object[path: paths.replicas[...]] == nil {
            throw Status.internalError(
                "the spec replicas field \".\(paths.replicas.joined(separator: "."))\" does not exist")
        }
        return try answer(object)
    }

    func update() async throws -> HTTPResponse {
        let body = try BodyDecoder(request: request).scale()
        return try await write { _ in body }
    }

    func patch() async throws -> HTTPResponse {
        let type = MediaType(parsing: request.http.headers.first(name: "content-type") ?? "").name
        guard PatchHandler.Kind(rawValue: type) != nil else {
            throw Status.unsupportedMediaType(PatchHandler.Kind.allCases.map(\.rawValue))
        }
        let patch: JSONValue
        do {
            patch = try JSONParser.parse(request.http.body)
        } catch {
            throw Status.badRequest("error decoding patch: \(error)")
        }
        return try await write { scale in
            do throws(PatchRefusal) {
                return type == PatchHandler.Kind.json.rawValue
                    ? try JSONPatch.apply(patch, to: scale) : try MergePatch.apply(patch, to: scale)
            } catch {
                throw error.status
            }
        }
    }

    private func write(_ change: @escaping @Sendable (JSONValue) throws -> JSONValue) async throws -> HTTPResponse {
        var update = ObjectUpdate(namespace: info.namespace, name: info.name, subresource: "scale") { [self] old in
            let wanted = try change(scale(old))
            let replicas = wanted[path: "spec", "replicas"]?.integer ?? 0
            guard replicas >= 0 else {
                throw Status.invalid(
                    kind: "Scale", group: "autoscaling", info.name,
                    [
                        FieldError(
                            .invalid, "spec.replicas", .integer(replicas), "must be greater than or equal to 0")
                    ])
            }
            var object = old
            object[path: paths.replicas[...]] = .integer(replicas)
            object.setMeta("resourceVersion", wanted[path: "metadata", "resourceVersion"])
            return object
        }
        update.isPatch = true
        let (stored, _) = try await registry.update(update, request.served, request.context)
        return try answer(stored)
    }

    private func answer(_ object: JSONValue) throws -> HTTPResponse {
        var form = request.form
        if case .table = form.shape { form.shape = .object }
        return request.response(try WireEncoder.bytes(scale(object), form))
    }

    func scale(_ object: JSONValue) -> JSONValue {
        var metadata: JSONValue = .emptyObject
        for field in ["name", "namespace", "uid", "resourceVersion", "creationTimestamp"] {
            metadata[path: field] = object[path: "metadata", field]
        }
        var status: JSONValue = ["replicas": object[path: paths.statusReplicas[...]] ?? 0]
        if let selector = selector(object) { status[path: "selector"] = .string(selector) }
        return [
            "kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": metadata,
            "spec": object[path: paths.replicas[...]].map { ["replicas": $0] } ?? .emptyObject, "status": status,
        ]
    }

    private func selector(_ object: JSONValue) -> String? {
        guard let path = paths.selector else { return nil }
        let value = object[path: path[...]]
        if let text = value?.string { return text }
        // A replication controller's is a map of labels.
        if value?["matchLabels"] == nil, value?["matchExpressions"] == nil {
            return LabelSelector(labels: value).description
        }
        return (try? LabelSelector(json: value))?.description
    }
}

extension ScaleHandler.Paths {
    /// nil when they lead to something that cannot be written.
    init?(_ scale: CustomResourceDefinition.Scale) {
        guard let replicas = scale.specReplicas.members, let status = scale.statusReplicas.members else { return nil }
        self.init(replicas: replicas, statusReplicas: status, selector: scale.labelSelector?.members)
    }
}

extension BodyDecoder {
    func scale() throws -> JSONValue {
        guard let type = APICatalog.builtin.type(group: "autoscaling", version: "v1", kind: "Scale") else {
            throw Status.internalError("no type autoscaling/v1 Scale")
        }
        return try object(group: "autoscaling", version: "v1", kind: "Scale", type: type)
    }
}
