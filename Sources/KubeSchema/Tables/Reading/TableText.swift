/// A piece of an embedded table; its bytes are part of the program.
struct TableText {
    private var start: UnsafePointer<UInt8>
    /// -1 when all pieces have been cut off.
    private var count: Int

    init(_ text: StaticString) {
        start = text.utf8Start
        count = text.utf8CodeUnitCount
    }

    private init(start: UnsafePointer<UInt8>, count: Int) {
        self.start = start
        self.count = count
    }

    /// Cuts off what stands before the next separator, or all that is left.
    private mutating func cut(_ separator: UInt8) -> TableText? {
        guard count >= 0 else { return nil }
        var length = 0
        while length < count, start[length] != separator { length += 1 }
        defer {
            start += min(length + 1, count)
            count -= length + 1
        }
        return TableText(start: start, count: length)
    }

    mutating func nextLine() -> TableText? { cut(UInt8(ascii: "\n")) }

    /// The next column, empty when there is none.
    mutating func nextColumn() -> TableText { cut(UInt8(ascii: "\t")) ?? TableText(start: start, count: 0) }

    var isEmpty: Bool { count <= 0 }

    var first: UInt8 { count > 0 ? start[0] : 0 }

    func dropFirst(_ number: Int) -> TableText {
        TableText(start: start + min(number, max(count, 0)), count: max(count - number, 0))
    }

    var string: String { String(decoding: UnsafeBufferPointer(start: start, count: max(count, 0)), as: UTF8.self) }

    /// The parts between separators; none for an empty text.
    func split(_ separator: Unicode.Scalar) -> [String] {
        guard !isEmpty else { return [] }
        var (rest, parts) = (self, [String]())
        while let part = rest.cut(UInt8(ascii: separator)) { parts.append(part.string) }
        return parts
    }

    /// The lines of a table with their columns, `count` of them each.
    static func rows(_ text: StaticString, columns count: Int) -> [[TableText]] {
        var (rest, rows) = (TableText(text), [[TableText]]())
        while var line = rest.nextLine() {
            if !line.isEmpty { rows.append((0..<count).map { _ in line.nextColumn() }) }
        }
        return rows
    }
}
