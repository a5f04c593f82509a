import Foundation
import KubeAPI
import KubeClient
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket
import PKI

/// The node's own API, as the API server expects a kubelet's on port 10250: HTTPS, HTTP/1.1, WebSockets and SPDY for exec
/// and attach, SPDY for port-forward.
final class AgentServer: Sendable {
    private let options: AgentOptions
    private let access: AgentAccess
    private let routes: AgentRoutes
    private let tls: NIOSSLContext
    private let logger: Logger

    init(_ options: AgentOptions, access: AgentAccess, routes: AgentRoutes, addresses: [String], logger: Logger) throws
    {
        self.options = options
        self.access = access
        self.routes = routes
        self.logger = logger
        tls = try Self.context(options, addresses)
    }

    /// A certificate of our own making, unless one is given; clients' must be of the given authority.
    private static func context(_ options: AgentOptions, _ addresses: [String]) throws -> NIOSSLContext {
        let issued = try ServingCertificate.make(options, addresses)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMBytes(Array(issued.certificate.utf8)).map {
                .certificate($0)
            }, privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(issued.key.utf8), format: .pem)))
        configuration.minimumTLSVersion = .tlsv12
        if !options.clientAuthorities.isEmpty {
            configuration.certificateVerification = .optionalVerification
            configuration.trustRoots = .certificates(
                try NIOSSLCertificate.fromPEMBytes(Array(options.clientAuthorities.utf8)))
        }
        return try NIOSSLContext(configuration: configuration)
    }

    /// Serves until the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            do {
                let channel = try await bind()
                logger.info("the node's API listens", metadata: ["port": "\(channel.localAddress?.port ?? 0)"])
                await withTaskCancellationHandler {
                    try? await channel.closeFuture.get()
                } onCancel: {
                    channel.close(promise: nil)
                }
            } catch {
                logger.error("cannot listen on \(options.bindAddress):\(options.port): \(error)")
                try? await Task.sleep(for: .seconds(5))
            }
        }
    }

    private func bind() async throws -> any Channel {
        try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.socketOption(.so_keepalive), value: 1)
            .childChannelInitializer { [self] channel in
                channel.eventLoop.makeCompletedFuture { try configure(channel) }
            }.bind(host: options.bindAddress, port: Int(options.port)).get()
    }

    private func configure(_ channel: any Channel) throws {
        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls))
        let handler = AgentRequestHandler(access, routes)
        let bound = NIOLoopBound(handler, eventLoop: channel.eventLoop)
        let upgrader = NIOWebSocketServerUpgrader(
            maxFrameSize: 1 << 20,
            shouldUpgrade: { [routes, access] channel, head in
                Self.upgrade(channel, head, routes, access)
            },
            upgradePipelineHandler: { [routes] channel, head in
                channel.eventLoop.makeCompletedFuture {
                    let wrapped = try NIOAsyncChannel<WebSocketFrame, WebSocketFrame>(
                        wrappingChannelSynchronously: channel)
                    Task { await routes.serve(wrapped, AgentPath(head.uri)) }
                }
            })
        try channel.pipeline.syncOperations.configureHTTPServerPipeline(
            withServerUpgrade: (
                upgraders: [upgrader, SPDYUpgrade(access, routes)],
                completionHandler: { context in
                    context.pipeline.syncOperations.removeHandler(bound.value, promise: nil)
                }
            ))
        try channel.pipeline.syncOperations.addHandler(handler)
    }

    /// Only for who may, and only to a protocol that is known; the refusal is answered as an ordinary request.
    private static func upgrade(
        _ channel: any Channel, _ head: HTTPRequestHead, _ routes: AgentRoutes, _ access: AgentAccess
    ) -> EventLoopFuture<HTTPHeaders?> {
        let promise = channel.eventLoop.makePromise(of: HTTPHeaders?.self)
        let offered = head.headers[canonicalForm: "sec-websocket-protocol"].map(String.init)
        guard let known = ["v5.channel.k8s.io", "v4.channel.k8s.io"].first(where: offered.contains),
            ["exec", "attach"].contains(AgentPath(head.uri).parts.first)
        else {
            promise.succeed(nil)
            return promise.futureResult
        }
        promise.completeWithTask {
            let certificate = try await channel.nioSSL_peerCertificate().get()?.toDERBytes()
            let decision = await access.decide(
                certificate: certificate, authorization: head.headers.first(name: "authorization"),
                method: "POST", path: AgentPath(head.uri).path)
            return decision == .allowed ? ["Sec-WebSocket-Protocol": known] : nil
        }
        return promise.futureResult
    }
}

enum ServingCertificate {
    /// PEM texts; kept in the data folder, with an authority of their own.
    static func make(_ options: AgentOptions, _ addresses: [String]) throws -> (certificate: String, key: String) {
        if let certificate = options.servingCertificate, let key = options.servingKey { return (certificate, key) }
        let folder = try CertificateFolder("\(options.dataFolder)/pki")
        let now = WallClock.now() / 1_000_000_000
        let authority = try folder.authority("ca", commonName: "\(options.nodeName)-ca", now: now)
        var profile = CertificateProfile.node(options.nodeName)
        profile.usages = [.server]
        profile.dnsNames = [options.nodeName]
        profile.addresses = addresses.compactMap { .init($0) }
        let issued = try folder.certificate("agent", profile, by: authority, now: now)
        return (issued.certificatePEM, issued.keyPEM)
    }
}

/// A path and query of the node's API, decoded.
struct AgentPath: Sendable {
    let path: String
    let parts: [String]
    let query: [(name: String, value: String)]

    init(_ uri: String) {
        let halves = uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = String(halves.first ?? "")
        parts = path.split(separator: "/").map { $0.removingPercentEncoding ?? String($0) }
        query = (halves.count == 2 ? halves[1] : "").split(separator: "&").map { pair in
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map { side in
                let text = side.split(separator: "+", omittingEmptySubsequences: false).joined(separator: " ")
                return text.removingPercentEncoding ?? text
            }
            return (sides.first ?? "", sides.count == 2 ? sides[1] : "")
        }
    }

    func all(_ name: String) -> [String] { query.filter { $0.name == name }.map(\.value) }
    func first(_ name: String) -> String? { query.first { $0.name == name }?.value }
    func isSet(_ name: String) -> Bool { ["1", "true"].contains(first(name) ?? "") }
}
