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
        do {
            let sender = try await sender(http)
            let attributes = Self.attributes(info, sender.user, http.query)
            let audit = Auditor(options.audit, attributes, sender.impersonator, http, auditID, received)
            await audit.received()
            do {
                let response = try await admitted(http, info, attributes)
                await audit.answered(response, info.isLong, registry.clock())
                return response
            } catch {
                let response = failure(error, http, info)
                await audit.answered(response, false, registry.clock())
                return response
            }
        } catch {
            return failure(error, http, info)
        }
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

    private struct Sender {
        /// Whom the request acts as.
        let user: UserInfo
        /// Who asked, when that is somebody else.
        var impersonator: UserInfo?
    }

    private func sender(_ http: HTTPRequest) async throws -> Sender {
        guard let authenticator = options.authenticator else { return Sender(user: .anonymous) }
        var headers: [String: [String]] = [:]
        for (name, value) in http.headers { headers[name.lowercased(), default: []].append(value) }
        let input = AuthenticationInput(
            headers: headers, peerCertificate: http.connection.peerCertificate,
            remoteAddress: http.connection.remoteAddress)
        let user: UserInfo
        switch await authenticator.authenticate(input) {
        case .user(let known): user = known
        case .none where options.allowsAnonymous: user = .anonymous
        case .none: throw Status.unauthorized
        case .refused(let reason):
            logger.debug("authentication refused", metadata: ["reason": "\(reason)", "from": "\(input.remoteAddress)"])
            throw Status.unauthorized
        }
        // Only these headers ask to be somebody else.
        guard let impersonator = options.impersonator,
            input.headers.keys.contains(where: { $0.hasPrefix("impersonate-") })
        else { return Sender(user: user) }
        let effective = try await impersonator.effectiveUser(of: user, input)
        return Sender(user: effective, impersonator: effective == user ? nil : user)
    }

    private static func attributes(_ info: RequestInfo, _ user: UserInfo, _ query: Query) -> RequestAttributes {
        var attributes = RequestAttributes(user: user, verb: info.verb, path: info.path)
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
        _ http: HTTPRequest, _ info: RequestInfo, _ attributes: RequestAttributes
    ) async throws -> HTTPResponse {
        let ticket = try await options.flowControl?.admit(
            attributes, isMutating: info.isMutating, isLong: info.isLong)
        defer { ticket?.finish() }
        let running = metrics.running(info)
        defer { running.finish() }
        try await authorize(attributes)
        var response = try await handle(http, info, attributes)
        for header in ticket?.headers ?? [] { response.headers.add(name: header.name, value: header.value) }
        return response
    }

    private func authorize(_ attributes: RequestAttributes) async throws {
        guard let authorizer = options.authorizer else { return }
        switch await authorizer.authorize(attributes) {
        case .allow: return
        case .deny(let reason), .noOpinion(let reason): throw Status.forbidden(attributes, reason: reason)
        }
    }

    // MARK: Do it

    private func handle(
        _ http: HTTPRequest, _ info: RequestInfo, _ attributes: RequestAttributes
    ) async throws -> HTTPResponse {
        if info.isResourceRequest, !info.resource.isEmpty {
            if let response = try await streams?.respond(http, info, attributes) { return response }
            return try await dispatcher.respond(http, info, attributes)
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

/// Tells the audit sink what happens to one request.
private struct Auditor {
    private let sink: (any AuditSink)?
    private var event: AuditEvent

    init(
        _ sink: (any AuditSink)?, _ attributes: RequestAttributes, _ impersonator: UserInfo?, _ http: HTTPRequest,
        _ auditID: String, _ received: Int64
    ) {
        let level = sink?.level(for: attributes) ?? .none
        self.sink = level == .none ? nil : sink
        event = AuditEvent(
            level: level, stage: .requestReceived, auditID: auditID, attributes: attributes, requestURI: http.uri,
            received: received, staged: received)
        guard self.sink != nil else { return }
        event.impersonator = impersonator
        event.userAgent = http.headers.first(name: "user-agent") ?? ""
        event.sourceAddresses = [Self.withoutPort(http.connection.remoteAddress)]
        if level >= .request, !http.body.isEmpty { event.requestObject = try? JSONParser.parse(http.body) }
    }

    /// Of `10.0.0.1:40312` or `[2001:db8::1]:40312`.
    private static func withoutPort(_ address: String) -> String {
        guard let colon = address.lastIndex(of: ":") else { return address }
        return address[..<colon].filter { $0 != "[" && $0 != "]" }
    }

    func received() async { await sink?.record(event) }

    func answered(_ response: HTTPResponse, _ isLong: Bool, _ now: Int64) async {
        guard let sink else { return }
        var event = event
        event.stage = isLong ? .responseStarted : .responseComplete
        event.code = response.status
        event.staged = now
        if case .bytes(let bytes) = response.body, event.level >= .requestResponse || response.status >= 400 {
            event.responseObject = try? JSONParser.parse(bytes)
        }
        await sink.record(event)
    }
}
