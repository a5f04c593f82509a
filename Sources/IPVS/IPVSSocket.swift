import CIPVS
import CLinux
import Glibc
import NetTypes
import Netlink

/// IPVS in the network namespace of the thread that opens it. One thread at a time.
///
/// Speaks generic netlink over the project's own socket: libnl-genl would add a second buffer and callbacks around the
/// same bytes, and acknowledges one message at a time.
public struct IPVSSocket: ~Copyable {
    private var socket: NetlinkSocket
    private let type: UInt16

    /// Each has an acknowledgement, and all must fit the receive buffer.
    private static let messagesAtOnce = 1000

    /// Throws ENOENT on a kernel without IPVS.
    public init() throws(NetlinkError) {
        var socket = try NetlinkSocket(.generic)
        let operation = "find IPVS in the kernel"
        var type: UInt16?
        let replies = try socket.exchange(IPVSMessage.familyRequest(socket.nextSequence()), operation: operation) {
            let attributes = $0.attributes(after: IPVSMessage.familyHeaderLength)
            type = attributes.first(UInt16(CTRL_ATTR_FAMILY_ID))?.uint16 ?? type
        }
        guard let type else {
            throw NetlinkError(operation, code: replies.first { $0.code != 0 }?.code ?? EPROTO)
        }
        self.type = type
        self.socket = socket
    }

    // MARK: Changes

    /// Applies the operations in order, as many as possible. To add what is there edits it, to delete what is not
    /// there does nothing. Throws the first that the kernel refused, after all.
    public mutating func apply(_ operations: [IPVSOperation]) throws {
        var refused: IPVSError?
        for start in stride(from: 0, to: operations.count, by: Self.messagesAtOnce) {
            let part = operations[start..<min(start + Self.messagesAtOnce, operations.count)]
            let again = try send(part) { refused = refused ?? $0 }
            if !again.isEmpty { _ = try send(again[...]) { refused = refused ?? $0 } }
        }
        if let refused { throw refused }
    }

    /// Returns what must be sent again, as an edit.
    private mutating func send(
        _ operations: ArraySlice<IPVSOperation>, _ refuse: (IPVSError) -> Void
    ) throws -> [IPVSOperation] {
        var message = IPVSMessage(type: type)
        var sent: [UInt32: IPVSOperation] = [:]
        for operation in operations {
            let sequence = socket.nextSequence()
            sent[sequence] = operation
            message.append(operation, sequence)
        }
        var again: [IPVSOperation] = []
        for reply in try socket.exchange(message.writer.bytes, operation: "change virtual servers") {
            guard let operation = sent.removeValue(forKey: reply.sequence), reply.code != 0 else { continue }
            switch (operation, reply.code) {
            case (.addServer(let server), EEXIST): again.append(.editServer(server))
            case (.addDestination(let key, let to), EEXIST): again.append(.editDestination(key, to))
            case (.deleteServer, ESRCH), (.deleteDestination, ESRCH), (.deleteDestination, ENOENT): break
            default:
                let reason = reply.detail ?? String(cString: strerror(reply.code))
                refuse(IPVSError(operation: operation, code: reply.code, reason: reason))
            }
        }
        if let lost = sent.first {
            refuse(IPVSError(operation: lost.value, code: EPROTO, reason: "the kernel did not answer"))
        }
        return again
    }

    /// Seconds for which the namespace's idle connections are remembered; 0 leaves a timeout as it is.
    public mutating func setTimeouts(tcp: UInt32, tcpFin: UInt32, udp: UInt32) throws(NetlinkError) {
        var message = IPVSMessage(type: type)
        message.timeouts(tcp: tcp, tcpFin: tcpFin, udp: udp, socket.nextSequence())
        try socket.request(message.writer.bytes, operation: "set the IPVS timeouts")
    }

    // MARK: Reading

    /// Every virtual server of both families.
    public mutating func servers() throws(NetlinkError) -> [VirtualServer] {
        var message = IPVSMessage(type: type)
        let sequence = socket.nextSequence()
        message.listServers(sequence)
        var found: [VirtualServer] = []
        try socket.dump(message.writer.bytes, sequence: sequence, operation: "list virtual servers") {
            if let server = VirtualServer($0.attributes(after: IPVSMessage.familyHeaderLength)) { found.append(server) }
        }
        return found
    }

    /// None for a virtual server that does not exist.
    public mutating func destinations(of key: VirtualServer.Key) throws(NetlinkError) -> [ObservedDestination] {
        var message = IPVSMessage(type: type)
        let sequence = socket.nextSequence()
        message.listDestinations(of: key, sequence)
        var found: [ObservedDestination] = []
        let family = key.family
        try socket.dump(message.writer.bytes, sequence: sequence, operation: "list destinations of \(key)") {
            let attributes = $0.attributes(after: IPVSMessage.familyHeaderLength)
            if let destination = ObservedDestination(attributes, family) { found.append(destination) }
        }
        return found
    }
}
