import Glibc
import NetTypes

/// One accepted connection and the answers it gets, which are the same every time.
struct EchoConnection {
    enum State { case open, finished }

    private let descriptor: CInt
    private let line: [UInt8]
    private let response: [UInt8]
    private var conversation = EchoConversation()
    private var hasAnswered = false

    /// nil if the client is gone already.
    init?(_ descriptor: CInt, name: String) {
        var local = sockaddr_in6()
        var peer = sockaddr_in6()
        guard Self.read(&local, { getsockname(descriptor, $0, $1) }),
            Self.read(&peer, { getpeername(descriptor, $0, $1) })
        else { return nil }
        let reply = EchoReply(backend: name, local: AddressPort(local), peer: AddressPort(peer))
        self.descriptor = descriptor
        line = reply.line
        response = reply.httpResponse
        var on: CInt = 1
        setsockopt(descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<CInt>.size))
    }

    /// Reads what is there and answers it. A client that closes without a request gets one line.
    mutating func serve(_ buffer: inout [UInt8]) -> State {
        let count = recv(descriptor, &buffer, buffer.count, 0)
        if count < 0 { return errno == EAGAIN || errno == EINTR ? .open : .finished }
        guard count > 0 else {
            if !hasAnswered { _ = answer(line) }
            return .finished
        }
        let requests = buffer.withUnsafeBufferPointer { conversation.receive($0.prefix(count)) }
        let bytes = conversation.style == .http ? response : line
        for _ in 0..<requests where !answer(bytes) { return .finished }
        return .open
    }

    private mutating func answer(_ bytes: [UInt8]) -> Bool {
        hasAnswered = true
        return send(descriptor, bytes, bytes.count, CInt(MSG_NOSIGNAL)) == bytes.count
    }

    private static func read(
        _ address: inout sockaddr_in6,
        _ call: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> CInt
    ) -> Bool {
        var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
        return withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { call($0, &length) == 0 }
        }
    }
}
