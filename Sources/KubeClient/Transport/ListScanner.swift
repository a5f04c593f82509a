import NIOCore

/// Cuts the body of a Kubernetes list into its items while it arrives, so that memory holds one item and not the list.
///
/// The scanner follows brackets and strings only; whether an item is valid JSON is its decoder's to say.
struct ListScanner {
    enum Element: Equatable {
        /// The bytes of one element of `items`.
        case item(ByteBuffer)
        /// An element larger than the limit, dropped.
        case tooLong
    }

    enum Failure: Error, Equatable {
        case truncated
        case unbalanced
        case envelopeTooLong
    }

    private enum Position {
        /// Outside `items`; the bytes belong to the envelope.
        case envelope
        /// Inside `items`, between elements.
        case betweenItems
        case inItem
        case droppingItem
    }

    private let itemLimit: Int
    private let envelopeLimit = 1 << 16
    private var buffer = ByteBuffer()
    /// Bytes of `buffer` already looked at.
    private var offset = 0
    private var envelope = ByteBuffer()
    private var position = Position.envelope
    private var nesting = JSONNesting()
    private var key = ItemsKey()

    init(itemLimit: Int) { self.itemLimit = itemLimit }

    mutating func append(_ chunk: ByteBuffer) {
        guard buffer.readableBytes > 0 else {
            buffer = chunk
            return
        }
        buffer.discardReadBytes()
        buffer.writeImmutableBuffer(chunk)
    }

    /// The next complete element; nil when more bytes are needed.
    mutating func next() throws(Failure) -> Element? {
        while true {
            switch position {
            case .envelope:
                guard try scanEnvelope() else { return nil }
            case .betweenItems:
                guard scanBetween() else { return nil }
            case .inItem, .droppingItem:
                guard try scanItem() else { return nil }
                return endItem()
            }
        }
    }

    /// The list without its items: `{"kind":…,"metadata":{…},"items":[]}`.
    mutating func finish() throws(Failure) -> ByteBuffer {
        guard position == .envelope, nesting.depth == 0, envelope.readableBytes > 0 else { throw .truncated }
        return envelope
    }

    private mutating func discard() {
        buffer.moveReaderIndex(forwardBy: offset)
        offset = 0
    }

    /// Copies bytes to the envelope; true once it stands inside `items`.
    private mutating func scanEnvelope() throws(Failure) -> Bool {
        while let byte = buffer.readInteger(as: UInt8.self) {
            let opensItems = key.opensItems(byte, in: nesting)
            nesting.step(byte)
            guard nesting.depth >= 0 else { throw .unbalanced }
            envelope.writeInteger(byte)
            guard envelope.readableBytes <= envelopeLimit else { throw .envelopeTooLong }
            if opensItems {
                position = .betweenItems
                return true
            }
        }
        return false
    }

    /// True once it stands on an element's first byte or on the end of `items`.
    private mutating func scanBetween() -> Bool {
        while let byte = buffer.getInteger(at: buffer.readerIndex, as: UInt8.self) {
            switch byte {
            case UInt8(ascii: "]"):
                position = .envelope
                return true
            case UInt8(ascii: ","), UInt8(ascii: " "), 0x09, 0x0A, 0x0D: buffer.moveReaderIndex(forwardBy: 1)
            default:
                position = .inItem
                return true
            }
        }
        return false
    }

    /// True once it stands on the byte after an element.
    private mutating func scanItem() throws(Failure) -> Bool {
        var (nesting, index, isEnd) = (self.nesting, offset, false)
        buffer.withUnsafeReadableBytes { bytes in
            while index < bytes.count, nesting.depth >= 2 {
                isEnd = nesting.endsElement(bytes[index])
                if isEnd { return }
                nesting.step(bytes[index])
                index += 1
            }
        }
        guard nesting.depth >= 2 else { throw .unbalanced }
        (self.nesting, offset) = (nesting, index)
        if offset > itemLimit { position = .droppingItem }
        if position == .droppingItem { discard() }
        return isEnd
    }

    private mutating func endItem() -> Element {
        defer { position = .betweenItems }
        guard position == .inItem, var item = buffer.readSlice(length: offset) else { return .tooLong }
        offset = 0
        while let last = item.readableBytesView.last, last <= 0x20 { item.moveWriterIndex(to: item.writerIndex - 1) }
        return .item(item)
    }
}

/// Where a byte of JSON text stands: inside a string or not, and how deep.
private struct JSONNesting {
    private(set) var depth = 0
    private(set) var isInString = false
    private(set) var isEscaped = false

    mutating func step(_ byte: UInt8) {
        if isInString {
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isInString = false
            }
            return
        }
        switch byte {
        case UInt8(ascii: "\""): isInString = true
        case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
        case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
        default: break
        }
    }

    /// True on the comma or bracket after an element of `items`, which stands at depth 2.
    func endsElement(_ byte: UInt8) -> Bool {
        depth == 2 && !isInString && (byte == UInt8(ascii: ",") || byte == UInt8(ascii: "]"))
    }
}

/// Recognises the key `"items"` of the outermost object and the bracket that opens its array.
private struct ItemsKey {
    private enum State { case none, matching(Int), sawKey, sawColon }

    private static let name = Array("items".utf8)
    private var state = State.none

    /// `nesting` is the one before `byte`.
    mutating func opensItems(_ byte: UInt8, in nesting: JSONNesting) -> Bool {
        guard nesting.depth == 1 else {
            state = .none
            return false
        }
        let isSpace = byte == UInt8(ascii: " ") || (0x09...0x0D).contains(byte)
        switch state {
        case .matching(let index) where index < Self.name.count && byte == Self.name[index]:
            state = .matching(index + 1)
        case .matching(Self.name.count) where byte == UInt8(ascii: "\""): state = .sawKey
        case .sawKey where byte == UInt8(ascii: ":"): state = .sawColon
        case .sawColon where byte == UInt8(ascii: "["): return true
        case .sawKey where isSpace, .sawColon where isSpace: break
        default: state = byte == UInt8(ascii: "\"") && !nesting.isInString ? .matching(0) : .none
        }
        return false
    }
}
