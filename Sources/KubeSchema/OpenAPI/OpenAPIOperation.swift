import KubeAPI

/// One method on one path, in no version of OpenAPI yet.
struct OpenAPIOperation {
    struct Parameter {
        enum Place: String { case path, query }

        let name: String
        let place: Place
        /// `string`, `boolean`, `integer`.
        let type: String

        init(_ name: String, _ type: String = "string", in place: Place = .query) {
            self.name = name
            self.type = type
            self.place = place
        }
    }

    /// get, put, post, delete, patch
    let method: String
    /// get, list, put, patch, post, delete, deletecollection, connect
    let action: String
    let id: String
    let tag: String
    let kind: JSONValue?
    let parameters: [Parameter]
    /// The name of the type in the request's body.
    let body: String?
    /// nil for text.
    let answer: String?
}

extension OpenAPIOperation.Parameter {
    static let list = [
        Self("allowWatchBookmarks", "boolean"), Self("continue"), Self("fieldSelector"), Self("labelSelector"),
        Self("limit", "integer"), Self("resourceVersion"), Self("resourceVersionMatch"),
        Self("sendInitialEvents", "boolean"),
        Self("timeoutSeconds", "integer"), Self("watch", "boolean"),
    ]
    static let write = [Self("dryRun"), Self("fieldManager"), Self("fieldValidation")]
    static let delete = [
        Self("dryRun"), Self("gracePeriodSeconds", "integer"),
        Self("ignoreStoreReadErrorWithClusterBreakingPotential", "boolean"), Self("orphanDependents", "boolean"),
        Self("propagationPolicy"),
    ]
}

/// A path with its operations.
struct OpenAPIPath {
    let parameters: [OpenAPIOperation.Parameter]
    let operations: [OpenAPIOperation]

    /// Every path of these resources, in order.
    static func all(_ resources: [ResourceDefinition]) -> [(path: String, item: OpenAPIPath)] {
        resources.flatMap { OpenAPIPaths(resource: $0).all }.sorted { $0.path.utf8Precedes($1.path) }
    }
}

/// The paths of one resource.
private struct OpenAPIPaths {
    let resource: ResourceDefinition

    private static let methods = [
        "get": "get", "list": "get", "create": "post", "update": "put", "patch": "patch", "delete": "delete",
        "deletecollection": "delete",
    ]
    private static let words = [
        "get": "read", "list": "list", "create": "create", "update": "replace", "patch": "patch", "delete": "delete",
        "deletecollection": "delete",
    ]

    var all: [(path: String, item: OpenAPIPath)] {
        let base = "/\(resource.openAPIPath)/"
        let collection = base + (resource.isNamespaced ? "namespaces/{namespace}/" : "") + resource.resource
        var paths: [(String, OpenAPIPath)] = []
        func add(_ path: String, _ isItem: Bool, _ operations: [OpenAPIOperation]) {
            guard !operations.isEmpty else { return }
            var parameters = [OpenAPIOperation.Parameter("pretty")]
            if path.contains("{namespace}") { parameters.insert(.init("namespace", in: .path), at: 0) }
            if isItem { parameters.insert(.init("name", in: .path), at: 0) }
            paths.append((path, OpenAPIPath(parameters: parameters, operations: operations)))
        }
        add(collection, false, operations(["list", "create", "deletecollection"]))
        add(collection + "/{name}", true, operations(["get", "update", "patch", "delete"]))
        if resource.isNamespaced {
            add(base + resource.resource, false, operations(["list"], suffix: "ForAllNamespaces"))
        }
        for subresource in resource.subresources {
            add("\(collection)/{name}/\(subresource.name)", true, operations(subresource))
        }
        return paths
    }

    private func operations(_ verbs: [String], suffix: String = "") -> [OpenAPIOperation] {
        verbs.filter(resource.verbs.contains).compactMap { verb in
            guard let method = Self.methods[verb], let word = Self.words[verb] else { return nil }
            let action = verb == "list" || verb == "deletecollection" ? verb : method
            let isScoped = resource.isNamespaced && suffix.isEmpty
            let noun = verb == "deletecollection" ? "Collection" : ""
            return OpenAPIOperation(
                method: method, action: action,
                id: word + groupName + noun + (isScoped ? "Namespaced" : "") + resource.kind + suffix, tag: tag,
                kind: OpenAPITypes.kind(resource, resource.kind), parameters: parameters(verb),
                body: body(verb, resource.typeName), answer: answer(verb))
        }
    }

    private func operations(_ subresource: ResourceDefinition.Subresource) -> [OpenAPIOperation] {
        let isConnection = subresource.kind.hasSuffix("Options")
        let type = OpenAPITypes.type(of: subresource, resource)
        let name = subresource.name.prefix(1).uppercased() + subresource.name.dropFirst()
        return subresource.verbs.compactMap { verb in
            guard let method = Self.methods[verb], let word = Self.words[verb] else { return nil }
            let id = isConnection ? "connect\(method.prefix(1).uppercased())\(method.dropFirst())" : word
            return OpenAPIOperation(
                method: method, action: isConnection ? "connect" : method,
                id: id + groupName + (resource.isNamespaced ? "Namespaced" : "") + resource.kind + name, tag: tag,
                kind: OpenAPITypes.kind(subresource.group, subresource.version, subresource.kind),
                parameters: isConnection ? [] : parameters(verb),
                body: isConnection ? nil : type.flatMap { body(verb, $0) },
                answer: isConnection || subresource.name == "log" ? nil : type)
        }
    }

    private func parameters(_ verb: String) -> [OpenAPIOperation.Parameter] {
        switch verb {
        case "list": OpenAPIOperation.Parameter.list
        case "create", "update": OpenAPIOperation.Parameter.write
        case "patch": OpenAPIOperation.Parameter.write + [.init("force", "boolean")]
        case "delete": OpenAPIOperation.Parameter.delete
        case "deletecollection":
            OpenAPIOperation.Parameter.delete
                + OpenAPIOperation.Parameter.list.filter { $0.name != "watch" && $0.name != "allowWatchBookmarks" }
        default: []
        }
    }

    private func body(_ verb: String, _ type: String) -> String? {
        switch verb {
        case "create", "update": type
        case "patch": OpenAPISchemas.patch
        case "delete", "deletecollection": OpenAPISchemas.metaPrefix + "DeleteOptions"
        default: nil
        }
    }

    private func answer(_ verb: String) -> String? {
        switch verb {
        case "list": OpenAPITypes.list(of: resource)
        case "delete", "deletecollection": OpenAPISchemas.metaPrefix + "Status"
        default: resource.typeName
        }
    }

    /// `rbac.authorization.k8s.io` → `rbacAuthorization`
    private var shortGroup: String {
        let name = resource.group.hasSuffix(".k8s.io") ? String(resource.group.dropLast(7)) : resource.group
        let parts = name.split { $0 == "." || $0 == "-" }
        guard let first = parts.first else { return "core" }
        return first + parts.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }

    private var tag: String { "\(shortGroup)_\(resource.version)" }

    /// `RbacAuthorizationV1`
    private var groupName: String {
        [shortGroup, resource.version].map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }
}
