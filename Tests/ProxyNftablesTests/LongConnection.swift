import Glibc
import NetTypes

@testable import Lab

/// A TCP connection that stays open and asks again and again.
struct LongConnection: ~Copyable {
    private let socket: Socket

    private init(socket: consuming Socket) { self.socket = socket }

    /// Call it in the namespace to connect from.
    static func open(to target: AddressPort) throws(LabError) -> LongConnection {
        let socket = try Socket(target.address.family, .tcp)
        let code = socket.connect(target)
        guard code == 0 || code == EINPROGRESS && wait(socket, POLLOUT) else {
            throw LabError("connect to \(target)", code: code)
        }
        return LongConnection(socket: socket)
    }

    /// nil when no whole answer comes.
    func ask() -> EchoReply? {
        let question = Array("again\n".utf8)
        let sent = send(socket.descriptor, question, question.count, CInt(MSG_NOSIGNAL))
        guard sent == question.count else { return nil }
        var answer: [UInt8] = []
        while answer.last != UInt8(ascii: "\n") {
            var buffer = [UInt8](repeating: 0, count: 512)
            guard Self.wait(socket, POLLIN) else { return nil }
            let count = recv(socket.descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return nil }
            answer += buffer.prefix(count)
        }
        return EchoReply(String(decoding: answer.dropLast(), as: UTF8.self))
    }

    private static func wait(_ socket: borrowing Socket, _ event: CInt) -> Bool {
        var descriptor = pollfd(fd: socket.descriptor, events: Int16(event), revents: 0)
        return poll(&descriptor, 1, 5000) == 1
    }
}
