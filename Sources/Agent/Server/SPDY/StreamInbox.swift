import NIOCore

/// What has come for a stream and was not taken yet; whoever brings more waits while it is full.
actor StreamInbox {
    private static let capacity = 16
    private var items: [ByteBuffer] = []
    private var isEnded = false
    private var reader: CheckedContinuation<ByteBuffer?, Never>?
    private var writers: [CheckedContinuation<Void, Never>] = []

    func put(_ bytes: ByteBuffer) async {
        guard !isEnded else { return }
        if let waiting = reader {
            reader = nil
            return waiting.resume(returning: bytes)
        }
        items.append(bytes)
        if items.count >= Self.capacity { await withCheckedContinuation { writers.append($0) } }
    }

    /// Nothing follows.
    func end() {
        isEnded = true
        reader?.resume(returning: nil)
        reader = nil
        release()
    }

    /// The next piece, nil after the last. One caller at a time.
    func next() async -> ByteBuffer? {
        if !items.isEmpty {
            defer { release() }
            return items.removeFirst()
        }
        if isEnded { return nil }
        return await withCheckedContinuation { reader = $0 }
    }

    /// Whoever takes nothing any more lets those go who bring.
    func abandon() {
        items = []
        end()
    }

    private func release() {
        for writer in writers { writer.resume() }
        writers = []
    }
}
