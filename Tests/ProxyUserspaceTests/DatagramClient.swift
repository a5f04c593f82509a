import Glibc
import Lab
import NetTypes

/// A UDP client that asks an echo server again and again from one port.
final class DatagramClient {
    private let socket: CInt

    /// In a place of the lab.
    init(_ lab: FlowProbe, at location: FlowProbe.Location, to target: AddressPort) throws {
        socket = try lab.inside(location) {
            let socket = try Socket(target.address.family, .udp)
            guard socket.connect(target) == 0 else { throw PodServer.Failure(text: "connect: \(errno)") }
            return dup(socket.descriptor)
        }
    }

    deinit { close(socket) }

    /// nil when no answer comes within the time.
    func ask(_ milliseconds: CInt = 5000) -> EchoReply? {
        guard send(socket, "again\n", 6, CInt(MSG_NOSIGNAL)) == 6 else { return nil }
        var descriptor = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        var buffer = [UInt8](repeating: 0, count: 512)
        guard poll(&descriptor, 1, milliseconds) == 1, case let count = recv(socket, &buffer, 512, 0),
            count > 1
        else { return nil }
        return EchoReply(String(decoding: buffer[..<(count - 1)], as: UTF8.self))
    }
}
