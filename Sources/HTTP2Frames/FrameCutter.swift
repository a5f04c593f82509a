import NIOCore

/// Cuts a stream of HTTP/2 into whole frames (RFC 9113, section 4.1). Bytes and their order never change: from a header on
/// that cannot be one, everything goes on as it comes.
public struct FrameCutter {
    private static let headerLength = 9
    /// A header and the longest payload of a peer that was not told of more (RFC 9113, section 6.5.2).
    private static let longestFrame = headerLength + 16_384

    /// What has come of a frame, in storage of its own.
    private var begun = ByteBuffer()
    private var isLost = false

    public init() {}

    /// What can go on: each element is a frame.
    public mutating func cut(_ bytes: ByteBuffer) -> [ByteBuffer] {
        var bytes = bytes
        var frames: [ByteBuffer] = []
        while bytes.readableBytes > 0, !isLost {
            if begun.readableBytes == 0, let frame = Self.frame(of: &bytes, &isLost) {
                frames.append(frame)
            } else if var part = bytes.readSlice(length: min(bytes.readableBytes, missing)) {
                begun.writeBuffer(&part)
                guard let frame = Self.frame(of: &begun, &isLost) else { continue }
                frames.append(frame)
                begun = ByteBuffer()
            }
        }
        guard isLost else { return frames }
        defer { begun = ByteBuffer() }
        return frames + [begun, bytes].filter { $0.readableBytes > 0 }
    }

    /// Bytes until what has begun is a frame, or at least its header.
    private var missing: Int { (Self.frameLength(begun) ?? Self.headerLength) - begun.readableBytes }

    /// The first one, if all of it is there.
    private static func frame(of bytes: inout ByteBuffer, _ isLost: inout Bool) -> ByteBuffer? {
        guard let length = frameLength(bytes) else { return nil }
        isLost = length > longestFrame
        return isLost ? nil : bytes.readSlice(length: length)
    }

    /// Header and payload; nil when the header is not there yet.
    private static func frameLength(_ bytes: ByteBuffer) -> Int? {
        guard bytes.readableBytes >= headerLength else { return nil }
        return bytes.getInteger(at: bytes.readerIndex, as: UInt32.self).map { headerLength + Int($0 >> 8) }
    }
}
