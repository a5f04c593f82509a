/// The records of a pax extended header: `LENGTH KEYWORD=VALUE\n` (POSIX.1-2017, pax).
struct PaxRecords: Equatable {
    var path: [UInt8]?
    var linkTarget: [UInt8]?
    var size: Int64?
    var user: UInt32?
    var group: UInt32?
    var modified: TarTime?
    var extendedAttributes: [TarEntry.ExtendedAttribute] = []
    /// GNU's sparse files, which have holes of their own format.
    var isSparse = false

    /// The kernel keeps less for a file.
    private static let attributeLimit = 256

    init() {}

    /// False when a record breaks the format.
    mutating func add(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while let space = rest.firstIndex(of: UInt8(ascii: " ")) {
            guard let length = Int(String(decoding: rest[rest.startIndex..<space], as: UTF8.self)),
                length > space - rest.startIndex + 1, length <= rest.count
            else { return false }
            let record = rest[(space + 1)..<(rest.startIndex + length)]
            guard record.last == UInt8(ascii: "\n"), let equals = record.firstIndex(of: UInt8(ascii: "=")) else {
                return false
            }
            guard set(record[..<equals], Array(record[(equals + 1)...].dropLast())) else { return false }
            rest = rest.dropFirst(length)
        }
        // Some programs fill the block with zeros.
        return rest.allSatisfy { $0 == 0 }
    }

    private mutating func set(_ keyword: ArraySlice<UInt8>, _ value: [UInt8]) -> Bool {
        let attribute = Array("SCHILY.xattr.".utf8)
        if keyword.starts(with: attribute) {
            guard extendedAttributes.count < Self.attributeLimit else { return false }
            extendedAttributes.append(.init(name: Array(keyword.dropFirst(attribute.count)), value: value))
            return true
        }
        let text = String(decoding: value, as: UTF8.self)
        switch String(decoding: keyword, as: UTF8.self) {
        case "path": path = value
        case "linkpath": linkTarget = value
        case "size":
            guard let number = Int64(text), number >= 0 else { return false }
            size = number
        case "uid":
            guard let number = UInt32(text) else { return false }
            user = number
        case "gid":
            guard let number = UInt32(text) else { return false }
            group = number
        case "mtime":
            guard let time = TarTime(text) else { return false }
            modified = time
        case let name where name.hasPrefix("GNU.sparse."): isSparse = true
        default: break
        }
        return true
    }
}

extension TarTime {
    /// Decimal seconds with a fraction of any length.
    init?(_ text: String) {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let seconds = Int64(parts[0]), seconds > Int64.min else { return nil }
        var nanoseconds: Int64 = 0
        if parts.count == 2 {
            guard parts[1].utf8.allSatisfy(\.isDigit) else { return nil }
            let digits = parts[1].prefix(9)
            nanoseconds = Int64(digits + String(repeating: "0", count: 9 - digits.count)) ?? 0
        }
        let isNegative = text.hasPrefix("-") && nanoseconds > 0
        self.init(
            seconds: isNegative ? seconds - 1 : seconds,
            nanoseconds: isNegative ? 1_000_000_000 - nanoseconds : nanoseconds)
    }
}
