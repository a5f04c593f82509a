import NIOCore
import NIOHTTP1
import NIOSSL

/// The upgrade of a port-forward, exec or attach request to SPDY/3.1.
final class SPDYUpgrade: HTTPServerProtocolUpgrader, Sendable {
    struct Refused: Error {}

    let supportedProtocol = "SPDY/3.1"
    let requiredUpgradeHeaders: [String] = []
    private static let subprotocols = [
        "portForward": "portforward.k8s.io", "exec": CommandSession.subprotocol, "attach": CommandSession.subprotocol,
    ]
    private let access: AgentAccess
    private let routes: AgentRoutes

    init(_ access: AgentAccess, _ routes: AgentRoutes) {
        self.access = access
        self.routes = routes
    }

    func buildUpgradeResponse(
        channel: any Channel, upgradeRequest: HTTPRequestHead, initialResponseHeaders: HTTPHeaders
    ) -> EventLoopFuture<HTTPHeaders> {
        let promise = channel.eventLoop.makePromise(of: HTTPHeaders.self)
        let path = AgentPath(upgradeRequest.uri)
        let offered = upgradeRequest.headers[canonicalForm: "x-stream-protocol-version"].map(String.init)
        let access = access
        promise.completeWithTask {
            let certificate = try await channel.nioSSL_peerCertificate().get()?.toDERBytes()
            let decision = await access.decide(
                certificate: certificate, authorization: upgradeRequest.headers.first(name: "authorization"),
                method: "POST", path: path.path)
            let known = Self.subprotocols[path.parts.first ?? ""]
            guard decision == .allowed, let known, offered.contains(known) else { throw Refused() }
            var headers = initialResponseHeaders
            headers.replaceOrAdd(name: "X-Stream-Protocol-Version", value: known)
            return headers
        }
        return promise.futureResult
    }

    func upgrade(context: ChannelHandlerContext, upgradeRequest: HTTPRequestHead) -> EventLoopFuture<Void> {
        let channel = context.channel
        let routes = routes
        return channel.eventLoop.makeCompletedFuture {
            let wrapped = try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
            let path = AgentPath(upgradeRequest.uri)
            Task { await routes.serve(wrapped, path) }
        }
    }
}
