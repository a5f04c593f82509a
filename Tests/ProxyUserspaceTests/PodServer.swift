import Glibc
import Lab
import NetTypes

/// A TCP server in a place of a lab that says nothing by itself.
final class PodServer {
    let address: AddressPort
    private let listener: CInt

    init(_ lab: FlowProbe, _ location: FlowProbe.Location, _ family: IPFamily = .ipv4, port: UInt16 = 9000) throws {
        address = AddressPort(try lab.address(of: location, family), port)
        let own = address
        listener = try lab.inside(location) {
            let socket = try Socket(family, .tcp)
            try socket.bind(own)
            let copy = dup(socket.descriptor)
            guard listen(copy, 64) == 0 else { throw Failure(text: "listen: \(errno)") }
            return copy
        }
    }

    deinit { close(listener) }

    struct Failure: Error { let text: String }

    /// The next client.
    func accept() throws -> Client {
        guard Self.wait(listener) else { throw Failure(text: "nobody connects") }
        var peer = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let fd = withUnsafeMutableBytes(of: &peer) {
            Glibc.accept(listener, $0.baseAddress?.assumingMemoryBound(to: sockaddr.self), &length)
        }
        guard fd >= 0 else { throw Failure(text: "accept: \(errno)") }
        return Client(fd: fd, peer: Self.address(peer))
    }

    struct Client: ~Copyable {
        let fd: CInt
        let peer: IPAddress?

        deinit { close(fd) }

        /// Exactly `count` bytes; fewer when the client says no more for five seconds.
        func read(_ count: Int) -> [UInt8] {
            var bytes: [UInt8] = []
            while bytes.count < count, PodServer.wait(fd) {
                var buffer = [UInt8](repeating: 0, count: count - bytes.count)
                let got = recv(fd, &buffer, buffer.count, 0)
                guard got > 0 else { break }
                bytes += buffer.prefix(got)
            }
            return bytes
        }

        func write(_ text: String) {
            let bytes = Array(text.utf8)
            _ = send(fd, bytes, bytes.count, CInt(MSG_NOSIGNAL))
        }

        /// All until the other side's end; nil when none comes, or a reset.
        func readToEnd() -> [UInt8]? {
            var bytes: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 1 << 16)
            while PodServer.wait(fd, 60_000) {
                let got = recv(fd, &buffer, buffer.count, 0)
                if got < 0 { return nil }
                if got == 0 { return bytes }
                bytes += buffer.prefix(got)
            }
            return nil
        }

        /// What reading meets at last: 0 for the end, or the errno.
        func ending() -> CInt {
            var byte: UInt8 = 0
            while PodServer.wait(fd, 60_000) {
                let got = recv(fd, &byte, 1, 0)
                if got <= 0 { return got == 0 ? 0 : errno }
            }
            return ETIMEDOUT
        }

        func endWriting() { shutdown(fd, CInt(SHUT_WR)) }

        /// Closing it says so to the other side.
        func breakOnClose() {
            var linger = linger(l_onoff: 1, l_linger: 0)
            setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
        }
    }

    fileprivate static func wait(_ fd: CInt, _ milliseconds: CInt = 5000) -> Bool {
        var descriptor = pollfd(fd: fd, events: Int16(POLLIN), revents: 0)
        return poll(&descriptor, 1, milliseconds) == 1
    }

    /// A client of a Service, in a place of the lab.
    static func client(_ lab: FlowProbe, at location: FlowProbe.Location, to target: AddressPort) throws -> Client {
        Client(
            fd: try lab.inside(location) {
                let socket = try Socket(target.address.family, .tcp)
                _ = socket.connect(target)
                let fd = dup(socket.descriptor)
                var descriptor = pollfd(fd: fd, events: Int16(POLLOUT), revents: 0)
                _ = poll(&descriptor, 1, 60_000)
                return fd
            }, peer: target.address)
    }

    private static func address(_ storage: sockaddr_storage) -> IPAddress? {
        withUnsafeBytes(of: storage) { bytes in
            bytes.loadUnaligned(as: sa_family_t.self) == sa_family_t(AF_INET)
                ? IPAddress(networkBytes: bytes[4..<8]) : IPAddress(networkBytes: bytes[8..<24])
        }
    }
}
