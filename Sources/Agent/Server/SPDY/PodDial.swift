import AgentCore
import CLinux
import ContainerRuntime
import Glibc
import NIOCore
import NIOPosix
import Namespaces
import Threads

/// Connections to 127.0.0.1 as the pod sees it.
enum PodDial {
    static func connect(_ sandbox: SandboxRecord?, port: Int) async throws -> PortForwardSession.Connection {
        guard let sandbox, let number = UInt16(exactly: port), number > 0 else {
            throw ConfigurationFailure("the pod has no port \(port)")
        }
        let descriptor = try await OwnThread.wait {
            guard sandbox.path(of: "net") != nil else { return try socket(to: number) }
            return try NetworkNamespace.ofProcess(sandbox.process.pid).run { try socket(to: number) }
        }
        return try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .withConnectedSocket(descriptor) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel,
                        configuration: .init(isOutboundHalfClosureEnabled: true))
                }
            }
    }

    /// Blocks until it is connected or refused, which takes no time on a loopback.
    private static func socket(to port: UInt16) throws -> CInt {
        let descriptor = Glibc.socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw RuntimeFailure.last("make a socket") }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else {
            let failure = RuntimeFailure.last("connect to port \(port) in the pod")
            close(descriptor)
            throw failure
        }
        return descriptor
    }
}
