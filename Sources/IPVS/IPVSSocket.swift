import CIPVS
import CLinux
import Glibc
import NetTypes
import Netlink

/// IPVS in the network namespace of the thread that opens it. One thread at a time.
public struct IPVSSocket: ~Copyable {
    private var socket: GenericSocket
    private let family: UInt16

    /// Each has an acknowledgement, and all must fit the receive buffer.
    private static let messagesAtOnce = 1000

    /// Throws ENOENT on a kernel without IPVS.
    public init() throws(NetlinkError) {
        var socket = try GenericSocket()
        family = try socket.family(IPVS_GENL_NAME, operation: "find IPVS in the kernel")
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
    ) throws(NetlinkError) -> [IPVSOperation] {
        var batch = IPVSBatch(family: family)
        var sent: [(sequence: UInt32, operation: IPVSOperation)] = []
        for operation in operations {
            let sequence = socket.nextSequence()
            try batch.append(operation, sequence)
            sent.append((sequence, operation))
        }
        guard let first = sent.first?.sequence else { return [] }
        let replies = try socket.exchange(batch.bytes, from: first, operation: "change virtual servers")
        var again: [IPVSOperation] = []
        for (sequence, operation) in sent where !replies.accepted.contains(sequence) {
            guard let refusal = replies.refused[sequence] else {
                refuse(IPVSError(operation: operation, code: EPROTO, reason: "the kernel did not answer"))
                continue
            }
            switch (operation, refusal.code) {
            case (.addServer(let server), EEXIST): again.append(.editServer(server))
            case (.addDestination(let key, let to), EEXIST): again.append(.editDestination(key, to))
            case (.deleteServer, ESRCH), (.deleteDestination, ESRCH), (.deleteDestination, ENOENT): break
            default:
                let reason = refusal.detail ?? String(cString: strerror(refusal.code))
                refuse(IPVSError(operation: operation, code: refusal.code, reason: reason))
            }
        }
        return again
    }

    /// Those of 0 seconds stay as they are.
    public mutating func setTimeouts(_ timeouts: IPVSTimeouts) throws(NetlinkError) {
        let sequence = socket.nextSequence()
        var batch = IPVSBatch(family: family)
        try batch.setTimeouts(timeouts, sequence)
        try request(batch, sequence, operation: "set the IPVS timeouts")
    }

    private mutating func request(
        _ batch: IPVSBatch, _ sequence: UInt32, operation: String, _ body: (NetlinkAttributes) -> Void = { _ in }
    ) throws(NetlinkError) {
        let replies = try socket.exchange(batch.bytes, from: sequence, operation: operation, body)
        if replies.accepted.contains(sequence) { return }
        let refusal = replies.refused[sequence]
        throw NetlinkError(
            operation, code: refusal?.code ?? EPROTO,
            detail: refusal == nil ? "the kernel did not answer" : refusal?.detail)
    }

    // MARK: Reading

    public mutating func timeouts() throws(NetlinkError) -> IPVSTimeouts {
        let operation = "read the IPVS timeouts"
        let sequence = socket.nextSequence()
        var batch = IPVSBatch(family: family)
        try batch.getTimeouts(sequence)
        var timeouts: IPVSTimeouts?
        try request(batch, sequence, operation: operation) { timeouts = IPVSTimeouts($0) ?? timeouts }
        guard let timeouts else { throw NetlinkError(operation, code: EPROTO) }
        return timeouts
    }

    /// Every virtual server of both families.
    public mutating func servers() throws(NetlinkError) -> [VirtualServer] {
        let sequence = socket.nextSequence()
        var batch = IPVSBatch(family: family)
        try batch.listServers(sequence)
        var found: [VirtualServer] = []
        try socket.dump(batch.bytes, sequence: sequence, operation: "list virtual servers") {
            if let server = VirtualServer($0) { found.append(server) }
        }
        return found
    }

    /// None for a virtual server that does not exist.
    public mutating func destinations(of key: VirtualServer.Key) throws(NetlinkError) -> [ObservedDestination] {
        let sequence = socket.nextSequence()
        var batch = IPVSBatch(family: family)
        try batch.listDestinations(of: key, sequence)
        var found: [ObservedDestination] = []
        let family = key.family
        try socket.dump(batch.bytes, sequence: sequence, operation: "list destinations of \(key)") {
            if let destination = ObservedDestination($0, family) { found.append(destination) }
        }
        return found
    }
}
