import Glibc
import NIOCore

/// Cuts a byte stream into lines without ever holding more than one line above the limit.
struct LineSplitter {
    enum Element: Equatable {
        /// Without its newline; never empty.
        case line(ByteBuffer)
        /// A line longer than the limit, dropped; reported once, when it ends or the limit is passed.
        case tooLong
    }

    private let limit: Int
    private var buffer = ByteBuffer()
    /// Bytes of `buffer` known to hold no newline.
    private var searched = 0
    private var isDropping = false

    init(limit: Int) { self.limit = limit }

    /// Bytes of a line whose end has not arrived.
    var pending: Int { buffer.readableBytes }

    mutating func append(_ chunk: ByteBuffer) {
        guard buffer.readableBytes > 0 else {
            buffer = chunk
            return
        }
        buffer.discardReadBytes()
        buffer.writeImmutableBuffer(chunk)
    }

    /// The next complete line; nil when more bytes are needed.
    mutating func next() -> Element? {
        while true {
            guard let length = newlineOffset() else { return dropOverflow() }
            let line = buffer.readSlice(length: length)
            buffer.moveReaderIndex(forwardBy: 1)
            searched = 0
            if isDropping {
                isDropping = false
                continue
            }
            guard length <= limit else { return .tooLong }
            if let line, length > 0 { return .line(line) }
        }
    }

    private mutating func dropOverflow() -> Element? {
        searched = buffer.readableBytes
        guard isDropping || searched > limit else { return nil }
        buffer.clear()
        searched = 0
        defer { isDropping = true }
        return isDropping ? nil : .tooLong
    }

    private func newlineOffset() -> Int? {
        buffer.withUnsafeReadableBytes { bytes in
            guard let base = bytes.baseAddress, bytes.count > searched else { return nil }
            guard let found = memchr(base + searched, 0x0A, bytes.count - searched) else { return nil }
            return UnsafeRawPointer(found) - base
        }
    }
}
