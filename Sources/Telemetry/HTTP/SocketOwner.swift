import Glibc

/// Whose process holds the client's end of a TCP connection: the kernel lists the sockets of this network namespace with
/// their owners in /proc/net/tcp and tcp6 (proc(5)).
enum SocketOwner {
    struct Ports: Sendable, Hashable {
        let client: UInt16
        let server: UInt16
    }

    /// True when there are sockets with these ports here, and all of them are root's. A client on another machine, or in
    /// another namespace, has none.
    static func isRoot(_ ports: Ports) -> Bool {
        guard ports.client > 0, ports.server > 0 else { return false }
        let owners = ["/proc/self/net/tcp", "/proc/self/net/tcp6"].flatMap { Self.owners(of: ports, in: lines(of: $0)) }
        return !owners.isEmpty && owners.allSatisfy { $0 == 0 }
    }

    /// User ids of established connections between these ports. Lines as in /proc/net/tcp: number, local address and
    /// port, remote address and port, state, three more fields, user id.
    static func owners(of ports: Ports, in lines: some Sequence<some StringProtocol>) -> [UInt32] {
        lines.compactMap { line in
            let words = line.split(separator: " ", maxSplits: 8)
            guard words.count > 7, port(words[1]) == ports.client, port(words[2]) == ports.server, words[3] == "01"
            else {
                return nil
            }
            return UInt32(words[7])
        }
    }

    /// Of `0100007F:A1B2`.
    private static func port(_ address: some StringProtocol) -> UInt16? {
        address.lastIndex(of: ":").flatMap { UInt16(address[address.index(after: $0)...], radix: 16) }
    }

    private static func lines(of path: String) -> [Substring] {
        guard let file = fopen(path, "re") else { return [] }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    }
}
