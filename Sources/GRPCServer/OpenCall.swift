import NIOCore

/// A call as its connection sees it.
struct OpenCall {
    let method: MethodTable.Method?
    /// nil for one answer to one request.
    let stream: RPCStream?
    private var reader: MessageReader
    /// The first of the two header blocks is written.
    var hasBegun = false
    /// The last header block is written.
    var hasEnded = false
    /// The client has sent everything.
    private(set) var isHalfClosed = false
    var deadline: Scheduled<Void>?
    var cancel: (@Sendable () -> Void)?

    /// `method` nil for a call that was refused: what its client still sends is dropped.
    init(_ method: MethodTable.Method?, stream: RPCStream? = nil, messageBytes: Int) {
        self.method = method
        self.stream = stream
        reader = MessageReader(limit: messageBytes)
    }

    var heldBytes: Int { reader.heldBytes }

    /// The messages that are complete with these bytes. The only one of a unary call comes when its client has sent
    /// everything.
    mutating func receive(_ bytes: ByteBuffer?, isEnd: Bool) throws(RPCStatus) -> [ByteBuffer] {
        if isEnd { isHalfClosed = true }
        guard let method, !hasEnded else { return [] }
        if let bytes { reader.add(bytes) }
        if method.isUnary, !isEnd {
            try reader.check()
            return []
        }
        var messages: [ByteBuffer] = []
        while let message = try reader.next() { messages.append(message) }
        if isEnd, reader.heldBytes > 0 {
            throw RPCStatus(.internalError, "the last message is cut off after \(reader.heldBytes) bytes")
        }
        if method.isUnary, messages.count != 1 {
            throw RPCStatus(.internalError, "\(messages.count) requests were sent where one belongs")
        }
        return messages
    }

    /// Nothing more of it is wanted.
    func abandon() {
        deadline?.cancel()
        cancel?()
        stream?.close()
    }
}
