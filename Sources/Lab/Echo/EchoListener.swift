import CLinux
import Glibc
import NetTypes

/// The sockets of one backend: a TCP and a UDP one per port, for both families.
struct EchoListener: Sendable {
    enum Kind: Sendable { case tcp, udp }
    struct Port: Sendable {
        let descriptor: CInt
        let kind: Kind
        let number: UInt16
    }

    let name: String
    let ports: [Port]

    /// Opens them in the calling thread's namespace.
    init(name: String, ports: [UInt16]) throws(LabError) {
        self.name = name
        var opened: [Port] = []
        do {
            for port in ports {
                opened.append(Port(descriptor: try Self.listen(port), kind: .tcp, number: port))
                opened.append(Port(descriptor: try Self.receive(port), kind: .udp, number: port))
            }
        } catch {
            for port in opened { Glibc.close(port.descriptor) }
            throw error
        }
        self.ports = opened
    }

    func close() {
        for port in ports { Glibc.close(port.descriptor) }
    }

    private static func listen(_ port: UInt16) throws(LabError) -> CInt {
        let socket = try dualStack(.tcp, port)
        guard Glibc.listen(socket.descriptor, 4096) == 0 else { throw .last("listen on \(port)") }
        return socket.release()
    }

    private static func receive(_ port: UInt16) throws(LabError) -> CInt {
        let socket = try dualStack(.udp, port)
        guard apus_want_local_address(socket.descriptor) == 0 else { throw .last("ask for local addresses") }
        return socket.release()
    }

    private static func dualStack(_ proto: TransportProtocol, _ port: UInt16) throws(LabError) -> Socket {
        let socket = try Socket(.ipv6, proto)
        try socket.set(CInt(IPPROTO_IPV6), IPV6_V6ONLY, 0)
        try socket.set(SOL_SOCKET, SO_REUSEADDR, 1)
        try socket.bind(AddressPort(.unspecified(.ipv6), port))
        return socket
    }
}
