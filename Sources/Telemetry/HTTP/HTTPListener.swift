import Logging
import NIOCore

/// Where to listen, and what to answer there.
public struct HTTPEndpoint: Sendable {
    /// An IP address.
    public var host: String
    /// 0 lets the kernel choose.
    public var port: UInt16
    /// What chose the address, such as `flag --metrics-bind-address`; named in errors.
    public var origin: String
    public var routes: HTTPRoutes
    public var limits = HTTPLimits()
    /// A socket that is bound already, in another network namespace perhaps; the listener closes it. Host and port then only
    /// name it.
    public var descriptor: CInt?
    /// Told once when there are more connections than the limit.
    public var logger: Logger?

    public init(host: String, port: UInt16, origin: String, routes: HTTPRoutes) {
        self.host = host
        self.port = port
        self.origin = origin
        self.routes = routes
    }

    var address: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// An open listener. It stays open until it or its `HTTPListeners` is closed.
public final class HTTPListener: Sendable {
    private let channel: any Channel
    private let connections: HTTPConnections

    init(_ channel: any Channel, _ connections: HTTPConnections) {
        self.channel = channel
        self.connections = connections
    }

    /// The port it really has.
    public var port: UInt16 { channel.localAddress?.port.map { UInt16(clamping: $0) } ?? 0 }

    public var connectionCount: Int { connections.count }

    /// Closes the listener and its connections; does not wait.
    public func close() {
        channel.close(promise: nil)
        connections.closeAll()
    }

    var closed: EventLoopFuture<Void> { channel.closeFuture }
}
