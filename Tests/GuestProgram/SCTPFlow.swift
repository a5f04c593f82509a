import CLinux
import Glibc
import Lab
import NetTypes

/// One SCTP association from the lab's client to a pod, both ends on the calling thread: the kernel answers for the pod
/// until it accepts.
struct SCTPFlow {
    private static let patience = timeval(tv_sec: 10, tv_usec: 0)

    private let lab: FlowProbe

    init(_ lab: FlowProbe) { self.lab = lab }

    /// What the client hears from the service; what failed, otherwise.
    func ask(_ service: AddressPort, servedBy pod: AddressPort) throws -> String {
        let server = try lab.inside(.pod(1)) { Self.open() }
        let client = try lab.inside(.client) { Self.open() }
        defer { for descriptor in [server, client] where descriptor >= 0 { close(descriptor) } }
        guard server >= 0, client >= 0 else { return "no SCTP sockets" }
        // Ends of one address each: the others of the place would be offered to the peer past the service.
        guard Self.call(bind, server, pod), listen(server, 1) == 0 else { return Self.failed("listen") }
        let source = AddressPort(try lab.address(of: .client, service.address.family), 0)
        guard Self.call(bind, client, source) else { return Self.failed("bind") }
        guard Self.call(connect, client, service) else { return Self.failed("connect") }
        let accepted = accept(server, nil, nil)
        guard accepted >= 0 else { return Self.failed("accept") }
        defer { close(accepted) }
        guard send(accepted, "sctp", 4, CInt(MSG_NOSIGNAL)) == 4 else { return Self.failed("send") }
        var buffer = [UInt8](repeating: 0, count: 64)
        let count = recv(client, &buffer, buffer.count, 0)
        return count < 0 ? Self.failed("receive") : String(decoding: buffer.prefix(count), as: UTF8.self)
    }

    private static func open() -> CInt {
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), CInt(IPPROTO_SCTP))
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            var patience = patience
            setsockopt(descriptor, SOL_SOCKET, option, &patience, socklen_t(MemoryLayout<timeval>.size))
        }
        return descriptor
    }

    private static func call(
        _ function: (CInt, UnsafePointer<sockaddr>?, socklen_t) -> CInt, _ descriptor: CInt, _ end: AddressPort
    ) -> Bool {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = end.port.bigEndian
        end.address.networkBytes.withUnsafeBytes { bytes in
            withUnsafeMutableBytes(of: &address.sin_addr) { $0.copyBytes(from: bytes.prefix(4)) }
        }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                function(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    private static func failed(_ call: String) -> String { "cannot \(call): \(String(cString: strerror(errno)))" }
}
