import AccessControl
import KubeAPI
import KubeSchema
import NIOHTTP1

/// Finds who answers a request about a resource.
struct Dispatcher: Sendable {
    private let registry: Registry
    private let subresources: [String: any SubresourceHandler]
    private let computed: [String: any ComputedResource]
    private let yaml: APIServer.YAMLReader?
    private let authorizer: (any Authorizer)?
    private let metrics: ServerMetrics
    private let events = SharedEvents()
    private let groups: WatchGroups?

    init(_ registry: Registry, _ options: APIServer.Options, _ metrics: ServerMetrics) {
        self.registry = registry
        subresources = options.subresources
        computed = options.computed
        yaml = options.yaml
        authorizer = options.authorizer
        groups = options.sharesWatches ? WatchGroups() : nil
        self.metrics = metrics
    }

    /// At a quiet time: what is kept for watches and will hardly be asked for again.
    func forget() { events.forget() }

    func respond(
        _ http: HTTPRequest, _ info: RequestInfo, _ attributes: RequestAttributes, _ audit: AuditAnnotations
    ) async throws -> HTTPResponse {
        guard let served = registry.resources.snapshot[info.group, info.version, info.resource],
            served.definition.isNamespaced || info.namespace.isEmpty || info.resource == "namespaces"
        else { throw Status.noSuchPath }
        try checkVerb(info, served.definition)
        let request = try request(http, info, attributes, served, audit)
        do {
            return try await respond(request)
        } catch let invalid as InvalidObject {
            throw Status.invalid(served.definition, info.name, invalid.errors)
        }
    }

    private func checkVerb(_ info: RequestInfo, _ definition: ResourceDefinition) throws(Status) {
        var verbs = definition.verbs
        if !info.subresource.isEmpty {
            guard let subresource = definition.subresources.first(where: { $0.name == info.subresource }) else {
                throw .noSuchPath
            }
            verbs = subresource.verbs
        }
        // A POST to one object, or anything to a collection that is for objects.
        let isOfCollection = ["create", "list", "deletecollection"].contains(info.verb)
        let needsName = info.subresource.isEmpty && ["get", "update", "patch", "delete"].contains(info.verb)
        if info.subresource.isEmpty, isOfCollection != info.name.isEmpty, info.verb == "create" {
            throw .methodNotAllowed
        }
        if needsName, info.name.isEmpty { throw .methodNotAllowed }
        // All namespaces at once may only be read.
        if definition.isNamespaced, info.namespace.isEmpty, ["create", "deletecollection"].contains(info.verb) {
            throw .methodNotAllowed
        }
        guard verbs.contains(info.verb) else { throw .methodNotAllowed }
    }

    private func request(
        _ http: HTTPRequest, _ info: RequestInfo, _ attributes: RequestAttributes, _ served: ServedResource,
        _ audit: AuditAnnotations
    ) throws -> APIRequest {
        let allowsShapes = served.isStored || computed[served.definition.qualifiedName] != nil
        let form = try OutputForm.negotiate(
            accept: http.headers["accept"], formats: served.isCustom ? [.json, .yaml] : [.json, .yaml, .protobuf],
            allowsShapes: allowsShapes, isPretty: http.query.flag("pretty"))
        let isApply = Self.isApply(http)
        try OptionsCheck.check(http.query, verb: info.verb, isApply: isApply)
        let context = RequestContext(
            user: attributes.user, attributes: attributes, resource: served.definition,
            isDryRun: OptionsCheck.stages(http.query).contains("All"), fieldManager: fieldManager(http),
            isApply: isApply, audit: audit, now: registry.clock())
        if let warning = served.custom?.deprecationWarning { context.warn(warning) }
        if let warning = DeprecatedKinds.warning(served.definition) {
            context.warn(warning)
            context.annotate("k8s.io/deprecated", "true")
        }
        return APIRequest(
            http: http, info: info, attributes: attributes, served: served, context: context, form: form, yaml: yaml,
            authorizer: authorizer)
    }

    private static func isApply(_ http: HTTPRequest) -> Bool {
        MediaType(parsing: http.headers.first(name: "content-type") ?? "").name == PatchHandler.Kind.apply.rawValue
    }

    /// Named by the client, or else the first word of its User-Agent.
    private func fieldManager(_ http: HTTPRequest) -> String {
        if let manager = http.query["fieldManager"], !manager.isEmpty { return manager }
        let agent = http.headers.first(name: "user-agent") ?? "unknown"
        return String((agent.split(separator: "/").first ?? "unknown").prefix(128))
    }

    private func respond(_ request: APIRequest) async throws -> HTTPResponse {
        let info = request.info
        let definition = request.served.definition
        let name = definition.qualifiedName + (info.subresource.isEmpty ? "" : "/\(info.subresource)")
        if let handler = subresources[name] { return try await call(handler, request) }
        if let resource = computed[name] {
            return try await ComputedHandler(resource: resource, request: request).run()
        }
        switch info.subresource {
        case "", "status", "ephemeralcontainers", "resize", "finalize", "approval": break
        case "scale": return try await scale(request)
        default: throw Status.noSuchPath
        }
        guard request.served.isStored else { throw Status.noSuchPath }
        let handler = ResourceHandler(registry: registry, request: request)
        switch info.verb {
        case "get": return try await handler.get()
        case "list": return try await ListHandler(registry: registry, request: request).run()
        case "watch":
            let counter = metrics.watchEvents(definition)
            let handler = WatchHandler(registry: registry, request: request, events: events, groups: groups) {
                counter.increment(by: UInt64($0))
            }
            return try await handler.run()
        case "create": return try await handler.create()
        case "update": return try await handler.update()
        case "patch": return try await PatchHandler(registry: registry, request: request).run()
        case "delete": return try await handler.delete()
        case "deletecollection": return try await handler.deleteCollection()
        default: throw Status.methodNotAllowed
        }
    }

    private func scale(_ request: APIRequest) async throws -> HTTPResponse {
        var handler = ScaleHandler(registry: registry, request: request)
        if let custom = request.served.custom {
            guard let paths = custom.scale.flatMap(ScaleHandler.Paths.init) else { throw Status.noSuchPath }
            handler.paths = paths
        }
        switch request.info.verb {
        case "get": return try await handler.get()
        case "update": return try await handler.update()
        case "patch": return try await handler.patch()
        default: throw Status.methodNotAllowed
        }
    }

    private func call(_ handler: any SubresourceHandler, _ request: APIRequest) async throws -> HTTPResponse {
        let info = request.info
        let definition = request.served.definition
        let kind = definition.subresources.first { $0.name == info.subresource }
        let (group, version, name) =
            kind.map { ($0.group, $0.version, $0.kind) } ?? (definition.group, definition.version, definition.kind)
        var body: JSONValue?
        if !request.http.body.isEmpty,
            let type = APICatalog.builtin.type(group: group, version: version, kind: name)
        {
            body = try BodyDecoder(request: request).object(group: group, version: version, kind: name, type: type)
        }
        let (object, code) = try await handler.handle(
            SubresourceCall(
                verb: info.verb, namespace: info.namespace, name: info.name, served: request.served, body: body,
                registry: registry, context: request.context))
        var form = request.form
        if form.shape != .object { form.shape = .object }
        return request.response(try WireEncoder.bytes(object, form), status: code)
    }
}
