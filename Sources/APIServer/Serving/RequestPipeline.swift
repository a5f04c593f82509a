import AccessControl
import KubeAPI
import KubeSchema
import Logging
import NIOHTTP1
import StoreCore
import Synchronization
import Telemetry

/// What happens to every request: who asks, is there room, may it be done, do it, count it.
final class RequestPipeline: Sendable {
    let registry: Registry
    private let options: APIServer.Options
    private let logger: Logger
    let health: Health
    private let metrics: ServerMetrics
    let dispatcher: Dispatcher
    private let discovery: Discovery
    private let documents: Documents
    private let streams: StreamEndpoint?

    init(_ registry: Registry, _ options: APIServer.Options, _ metrics: MetricsRegistry, _ logger: Logger) {
        self.registry = registry
        self.options = options
        self.logger = logger
        let serverMetrics = ServerMetrics(metrics)
        self.metrics = serverMetrics
        health = Health(registry.store, options.readyChecks)
        dispatcher = Dispatcher(registry, options, serverMetrics)
        discovery = Discovery(registry.resources)
        streams = options.streams.map {
            StreamEndpoint($0, store: registry.store, authorizer: options.authorizer)
        }
        documents = Documents(registry.resources, metrics)
    }

    func respond(_ http: HTTPRequest) async -> HTTPResponse {
        let start = ContinuousClock.now
        let info = RequestInfo(method: http.method, path: http.path, query: http.query)
        let auditID = http.headers.first(name: "audit-id") ?? NewNames.uid()
        var response = await answer(http, info, auditID)
        response.headers.add(name: "Audit-Id", value: auditID)
        if !response.headers.contains(name: "cache-control") {
            response.headers.add(name: "Cache-Control", value: "no-cache, private")
        }
        CompressedAnswer.apply(to: &response, http)
        metrics.answered(info, response.status, ContinuousClock.now - start)
        return response
    }

    private func answer(_ http: HTTPRequest, _ info: RequestInfo, _ auditID: String) async -> HTTPResponse {
        let received = registry.clock()
        var attributes = Self.attributes(info, http.query)
        let credentials = Self.credentials(http)
        do {
            attributes.user = try await user(credentials)
        } catch {
            let response = failure(error, http, info)
            await Auditor(options.audit, attributes, http, auditID, received).refused(
                response, credentials, registry.clock())
            return response
        }
        var audit = Auditor(options.audit, attributes, http, auditID, received)
        await audit.received()
        var response: HTTPResponse
        do {
            if let effective = try await impersonated(by: attributes.user, credentials) {
                audit.acts(as: effective)
                attributes.user = effective
            }
            response = try await admitted(http, info, attributes, audit.annotations)
        } catch {
            response = failure(error, http, info)
        }
        await audit.answer(&response, isLong: info.isLong, registry.clock)
        return response
    }

    private func failure(_ error: any Error, _ http: HTTPRequest, _ info: RequestInfo) -> HTTPResponse {
        let resource = registry.resources.snapshot[info.group, info.version, info.resource]?.definition
        let status = ErrorAnswer.status(error, resource, name: info.name)
        if status.code >= 500, status.code != 504 {
            logger.error(
                "request failed", metadata: ["method": "\(http.method)", "path": "\(http.path)", "error": "\(error)"])
        }
        let form = try? OutputForm.negotiate(accept: http.headers["accept"], allowsShapes: true)
        return StatusAnswer.response(status, form ?? .json)
    }

    // MARK: Who

    private static func credentials(_ http: HTTPRequest) -> AuthenticationInput {
        var headers: [String: [String]] = [:]
        for (name, value) in http.headers { headers[name.lowercased(), default: []].append(value) }
        return AuthenticationInput(
            headers: headers, peerCertificate: http.connection.peerCertificate,
            remoteAddress: http.connection.remoteAddress)
    }

    private func user(_ credentials: AuthenticationInput) async throws -> UserInfo {
        guard let authenticator = options.authenticator else { return .anonymous }
        switch await authenticator.authenticate(credentials) {
        case .user(let known): return known
        case .none where options.allowsAnonymous: return .anonymous
        case .none: throw Status.unauthorized
        case .refused(let reason):
            logger.debug(
                "authentication refused", metadata: ["reason": "\(reason)", "from": "\(credentials.remoteAddress)"])
            throw Status.unauthorized
        }
    }

    /// Whom the request acts as, when that is somebody else. Only headers of that prefix ask for it.
    private func impersonated(by user: UserInfo, _ credentials: AuthenticationInput) async throws -> UserInfo? {
        guard let impersonator = options.impersonator, options.authenticator != nil,
            credentials.headers.keys.contains(where: { $0.hasPrefix("impersonate-") })
        else { return nil }
        let effective = try await impersonator.effectiveUser(of: user, credentials)
        return effective == user ? nil : effective
    }

    /// Without the user.
    private static func attributes(_ info: RequestInfo, _ query: Query) -> RequestAttributes {
        var attributes = RequestAttributes(user: UserInfo(name: ""), verb: info.verb, path: info.path)
        guard info.isResourceRequest else { return attributes }
        attributes.group = info.group
        attributes.version = info.version
        attributes.resource = info.resource
        attributes.subresource = info.subresource
        attributes.namespace = info.namespace
        attributes.name = info.name
        attributes.fieldSelector = query["fieldSelector"] ?? ""
        attributes.labelSelector = query["labelSelector"] ?? ""
        return attributes
    }

    // MARK: May it

    private func admitted(
        _ http: HTTPRequest, _ info: RequestInfo, _ attributes: RequestAttributes, _ audit: AuditAnnotations
    ) async throws -> HTTPResponse {
        let deadline = try RequestDeadline(http, isLong: info.isLong)
        let ticket = try await options.flowControl?.admit(
            attributes, isMutating: info.isMutating, isLong: info.isLong)
        defer { ticket?.finish() }
        let running = metrics.running(info)
        defer { running.finish() }
        var response: HTTPResponse
        do {
            try await authorize(attributes, audit)
            response = try await deadline.hold { try await self.handle(http, info, attributes, audit) }
        } catch {
            response = failure(error, http, info)
        }
        for header in ticket?.headers ?? [] { response.headers.add(name: header.name, value: header.value) }
        return response
    }

    private func authorize(_ attributes: RequestAttributes, _ audit: AuditAnnotations) async throws {
        guard let authorizer = options.authorizer else { return }
        let decision = await authorizer.authorize(attributes)
        audit["authorization.k8s.io/decision"] = decision.isAllowed ? "allow" : "forbid"
        audit["authorization.k8s.io/reason"] = decision.reason
        guard decision.isAllowed else { throw Status.forbidden(attributes, reason: decision.reason) }
    }

    // MARK: Do it

    private func handle(
        _ http: HTTPRequest, _ info: RequestInfo, _ attributes: RequestAttributes, _ audit: AuditAnnotations
    ) async throws -> HTTPResponse {
        if info.isResourceRequest, !info.resource.isEmpty {
            if let response = try await streams?.respond(http, info, attributes) { return response }
            return try await dispatcher.respond(http, info, attributes, audit)
        }
        if let response = await health.respond(http) { return response }
        if let response = try discovery.respond(http) { return response }
        if let response = try documents.respond(http) { return response }
        if let document = options.documents[http.path], http.method == "GET" || http.method == "HEAD" {
            return HTTPResponse("application/json", JSONWriter.bytes(document))
        }
        throw Status.noSuchPath
    }
}
