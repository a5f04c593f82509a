import AccessControl
import KubeAPI
import NIOCore

/// Tells the audit sink what happens to one request.
struct Auditor {
    let annotations = AuditAnnotations()
    private let sink: (any AuditSink)?
    private var event: AuditEvent

    init(
        _ sink: (any AuditSink)?, _ attributes: RequestAttributes, _ http: HTTPRequest, _ auditID: String,
        _ received: Int64
    ) {
        let level = sink?.level(for: attributes) ?? .none
        self.sink = level == .none ? nil : sink
        event = AuditEvent(
            level: level, stage: .requestReceived, auditID: auditID, attributes: attributes, requestURI: http.uri,
            received: received, staged: received)
        guard self.sink != nil else { return }
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

    mutating func acts(as user: UserInfo) { event.impersonated = user }

    /// Nobody knows who asks: the one event of such a request says what was tried.
    func refused(_ response: HTTPResponse, _ credentials: AuthenticationInput, _ now: Int64) async {
        guard let sink else { return }
        var event = answered(response, .responseStarted, now)
        event.responseObject?[path: "message"] = .string(Self.attempts(credentials))
        await sink.record(event)
    }

    private static func attempts(_ credentials: AuthenticationInput) -> String {
        var methods: [String] = []
        let bearer = credentials.headers["authorization"]?.first?.lowercased().hasPrefix("bearer ") == true
        if bearer { methods.append("bearer") }
        if credentials.peerCertificate != nil { methods.append("x509") }
        return methods.isEmpty
            ? "Authentication failed, no credentials provided"
            : "Authentication failed, attempted: " + methods.joined(separator: ", ")
    }

    /// A request that lasts has two events: when its answer begins, and when it is over.
    func answer(_ response: inout HTTPResponse, isLong: Bool, _ clock: @escaping @Sendable () -> Int64) async {
        guard let sink else { return }
        guard isLong else { return await sink.record(answered(response, .responseComplete, clock())) }
        let started = answered(response, .responseStarted, clock())
        await sink.record(started)
        await response.body.atEnd {
            var complete = started
            complete.stage = .responseComplete
            complete.staged = clock()
            await sink.record(complete)
        }
    }

    private func answered(_ response: HTTPResponse, _ stage: AuditEvent.Stage, _ now: Int64) -> AuditEvent {
        var event = event
        event.stage = stage
        event.code = response.status
        event.staged = now
        event.annotations = annotations.all
        if case .bytes(let bytes) = response.body, event.level >= .requestResponse || response.status >= 400 {
            event.responseObject = try? JSONParser.parse(bytes)
        }
        return event
    }
}

extension HTTPResponse.Body {
    /// Has `work` done when all of the body has been sent, or its client has gone.
    fileprivate mutating func atEnd(_ work: @escaping @Sendable () async -> Void) async {
        func followed(
            _ write: @escaping @Sendable (ResponseWriter) async throws -> Void
        ) -> @Sendable (ResponseWriter) async throws -> Void {
            { writer in
                do {
                    try await write(writer)
                } catch {
                    await work()
                    throw error
                }
                await work()
            }
        }
        switch self {
        case .bytes: await work()
        case .stream(let isLong, let write): self = .stream(isLong: isLong, followed(write))
        case .relay(let write): self = .relay(followed(write))
        case .upgrade(let upgrade):
            self = .upgrade { channel in
                channel.closeFuture.whenComplete { _ in Task { await work() } }
                return upgrade(channel)
            }
        }
    }
}
