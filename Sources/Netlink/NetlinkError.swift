import CNftnl
import Glibc

/// What a netlink operation failed on.
public struct NetlinkError: Error, CustomStringConvertible, Sendable, Equatable {
    /// What was being done, e.g. "send a batch".
    public let operation: String
    /// Positive errno.
    public let code: CInt
    /// The kernel's own words, where it gives any (NETLINK_EXT_ACK).
    public let detail: String?

    public init(_ operation: String, code: CInt = errno, detail: String? = nil) {
        self.operation = operation
        self.code = code
        self.detail = detail
    }

    public var description: String {
        "cannot \(operation): \(String(cString: strerror(code)))\(detail.map { " (\($0))" } ?? "")"
    }
}

/// The kernel's answer to one message of a request.
public struct NetlinkReply: Sendable, Equatable {
    public let sequence: UInt32
    /// Positive errno; 0 for success.
    public let code: CInt
    public let detail: String?
    /// Where in the refused message the fault lies: bytes from the beginning of its header, where the kernel says it.
    public let offset: Int?
}

extension NetlinkReply {
    func isBefore(_ first: UInt32) -> Bool { sequence.precedes(first) }
}

extension NetlinkMessage {
    func isBefore(_ first: UInt32) -> Bool { sequence.precedes(first) }
}

extension UInt32 {
    /// Compares numbers that wrap around (RFC 1982).
    fileprivate func precedes(_ other: UInt32) -> Bool { Int32(bitPattern: self &- other) < 0 }
}
