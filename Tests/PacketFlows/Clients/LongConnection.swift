import Glibc
import Lab
import NetTypes

/// A TCP connection that stays open and asks again and again.
public struct LongConnection: ~Copyable {
    public struct Refused: Error, CustomStringConvertible {
        let target: AddressPort
        let code: CInt
        public var description: String { "connect to \(target): \(String(cString: strerror(code)))" }
    }

    private let socket: Socket

    private init(socket: consuming Socket) { self.socket = socket }

    /// Call it in the namespace to connect from.
    public static func open(to target: AddressPort) throws -> LongConnection {
        let socket = try Socket(target.address.family, .tcp)
        let code = socket.connect(target)
        guard code == 0 || code == EINPROGRESS && wait(socket, POLLOUT) else {
            throw Refused(target: target, code: code)
        }
        return LongConnection(socket: socket)
    }

    /// nil when no whole answer comes.
    public func ask() -> EchoReply? {
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

/// Long-lived connections, each with the endpoint it began with.
public struct LongConnections: ~Copyable {
    private let connections: [Box]

    private final class Box {
        let connection: LongConnection
        let first: EchoReply?

        init(_ target: AddressPort) throws {
            connection = try LongConnection.open(to: target)
            first = connection.ask()
        }
    }

    public init(_ lab: FlowProbe, _ targets: [AddressPort], count: Int) throws {
        connections = try lab.inside(.client) {
            try targets.flatMap { target in try (0..<count).map { _ in try Box(target) } }
        }
    }

    /// Those that do not answer as they did at first.
    public func broken() -> [String] {
        connections.compactMap { box in
            let reply = box.connection.ask()
            return box.first != nil && reply == box.first ? nil : "\(text(box.first)) became \(text(reply))"
        }
    }

    private func text(_ reply: EchoReply?) -> String { reply.map(\.description) ?? "silence" }
}
