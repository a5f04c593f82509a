extension JSONParser {
    /// Where the field stands that `path` names, or the deepest field on the way there that exists; for messages about
    /// a text that is good JSON. nil when it is not.
    public static func position(of path: FieldPath, in text: some Collection<UInt8>) -> TextPosition? {
        func run(_ bytes: UnsafeBufferPointer<UInt8>) -> TextPosition? {
            var scanner = JSONScanner(bytes)
            let found = path.isAtEnd ? scanner.nextOffset : try? locate(path, depth: 0, &scanner)
            guard let offset = found else { return nil }
            return TextPosition(offset: offset, in: bytes)
        }
        return text.withContiguousStorageIfAvailable(run) ?? Array(text).withUnsafeBufferPointer(run)
    }

    /// Where each element of the array stands that `path` names; empty when there is none.
    public static func positions(ofElementsAt path: FieldPath, in text: some Collection<UInt8>) -> [TextPosition] {
        func run(_ bytes: UnsafeBufferPointer<UInt8>) -> [TextPosition] {
            var scanner = JSONScanner(bytes)
            guard let start = try? locate(path, depth: 0, &scanner) else { return [] }
            var elements = JSONScanner(UnsafeBufferPointer(rebasing: bytes[start...]))
            var counter = LineCounter(bytes)
            var positions: [TextPosition] = []
            try? elements.eachElement(depth: 0) { scanner, depth throws(JSONScanner.Fault) in
                positions.append(counter.advance(to: start + scanner.nextOffset))
                try scanner.skip(depth: depth)
            }
            return positions
        }
        return text.withContiguousStorageIfAvailable(run) ?? Array(text).withUnsafeBufferPointer(run)
    }

    /// Consumes a value and returns the offset of the field within it.
    private static func locate(
        _ path: FieldPath, depth: Int, _ scanner: inout JSONScanner
    ) throws(JSONScanner.Fault) -> Int {
        var offset = scanner.nextOffset
        if path.isAtEnd {
            try scanner.skip(depth: depth)
        } else if scanner.isAtArray {
            var index = 0
            try scanner.eachElement(depth: depth) { scanner, depth throws(JSONScanner.Fault) in
                if let below = path.below(index: index) {
                    offset = try locate(below, depth: depth, &scanner)
                } else {
                    try scanner.skip(depth: depth)
                }
                index += 1
            }
        } else if scanner.isAtObject {
            try scanner.eachMember(depth: depth) { scanner, key, depth throws(JSONScanner.Fault) in
                guard let below = path.below(key) else { return try scanner.skip(depth: depth) }
                offset = try locate(below, depth: depth, &scanner)
            }
        } else {
            try scanner.skip(depth: depth)
        }
        return offset
    }
}
