import CLinux
import Glibc
import Namespaces
import NetTypes

/// A listening socket on the loopback of this thread's namespace, for a process in one that has no way to it.
public struct HostDoor: ~Copyable {
    let descriptor: CInt

    /// Fails when the port is taken.
    public init(port: UInt16) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0)
        guard descriptor >= 0 else { throw Self.failure("open a socket") }
        var one: CInt = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<CInt>.size))
        let isBound = IPAddress(127, 0, 0, 1).withSocketAddress(port: port) { bind(descriptor, $0, $1) == 0 }
        // Connections wait here until the process takes them.
        guard isBound, listen(descriptor, 128) == 0 else {
            let failure = Self.failure("listen on 127.0.0.1:\(port)")
            close(descriptor)
            throw failure
        }
    }

    deinit { close(descriptor) }

    /// The descriptor; its closing is the caller's from now on.
    public consuming func release() -> CInt {
        let descriptor = descriptor
        discard self
        return descriptor
    }

    private static func failure(_ verb: String) -> ClusterFailure {
        ClusterFailure("cannot \(verb): \(String(cString: strerror(errno)))")
    }
}

extension ClusterLayout {
    /// Whether the API server listens in its namespace. Behind the door connections wait before it does.
    var isServing: Bool {
        let answer = try? NetworkNamespace.named(controlNamespace).run {
            let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0)
            defer { close(client) }
            return Self.controlAddress.withSocketAddress(port: Self.apiPort) { connect(client, $0, $1) == 0 }
        }
        return answer ?? false
    }
}

extension IPAddress {
    /// An IPv4 address as the kernel takes it.
    fileprivate func withSocketAddress<Value>(
        port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Value
    ) -> Value {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        withUnsafeMutableBytes(of: &address.sin_addr) { $0.copyBytes(from: networkBytes.prefix($0.count)) }
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
