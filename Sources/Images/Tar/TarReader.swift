/// Reads a tar archive member by member: ustar, pax and GNU's long names; not GNU's sparse files.
///
/// Every step reads at least a block, and what the archive says of itself is bounded before it is believed.
final class TarReader {
    private let source: any ByteSource
    private let name: String
    private var left: Int64 = 0
    private var padding: Int64 = 0
    private var shared = PaxRecords()
    private let block = UnsafeMutableRawBufferPointer.allocate(byteCount: TarHeader.length, alignment: 16)
    /// Where in the archive the next read is.
    private(set) var offset: Int64 = 0
    /// Pax headers and long names larger than that are refused.
    static let extensionLimit: Int64 = 1 << 20

    /// - Parameter name: what messages call the archive.
    init(_ source: any ByteSource, name: String) {
        self.source = source
        self.name = name
    }

    deinit { block.deallocate() }

    /// The next member; nil at the end of the archive. What is unread of the one before is passed over.
    func next() throws(ImageError) -> TarEntry? {
        try pass(left + padding)
        left = 0
        padding = 0
        var own = Extensions(records: shared)
        // A member has at most a few headers of its own before it.
        for _ in 0..<64 {
            guard let header = try header() else { return nil }
            if try !readExtension(header, into: &own) { return try begin(header, own) }
        }
        throw ImageError(.malformed, "\(name) has more than 64 extended headers in a row at byte \(offset)")
    }

    /// Content of the current member; 0 at its end.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(ImageError) -> Int {
        let wanted = Int(min(Int64(buffer.count), left))
        if wanted == 0 { return 0 }
        let got = try source.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted]))
        if got == 0 { throw cutShort() }
        left -= Int64(got)
        offset += Int64(got)
        return got
    }

    // MARK: Headers

    private struct Extensions {
        var records: PaxRecords
        var longPath: [UInt8]?
        var longTarget: [UInt8]?
    }

    /// Nil at the end: a block of zeros, or no more blocks.
    private func header() throws(ImageError) -> TarHeader? {
        let start = offset
        let got = try source.fill(block)
        offset += Int64(got)
        if got == 0 { return nil }
        guard got == TarHeader.length else { throw cutShort() }
        let bytes = UnsafeRawBufferPointer(block)
        if TarHeader.isZero(bytes) { return nil }
        guard let header = TarHeader(bytes) else {
            throw ImageError(.malformed, "\(name) is no tar archive, or is damaged at byte \(start)")
        }
        return header
    }

    /// True if the header says something of the member that follows.
    private func readExtension(_ header: TarHeader, into own: inout Extensions) throws(ImageError) -> Bool {
        switch header.type {
        case UInt8(ascii: "x"):
            guard own.records.add(try content(header)) else { throw damagedExtension() }
        case UInt8(ascii: "g"):
            guard shared.add(try content(header)) else { throw damagedExtension() }
            own.records = shared
        case UInt8(ascii: "L"): own.longPath = Array(try content(header).prefix { $0 != 0 })
        case UInt8(ascii: "K"): own.longTarget = Array(try content(header).prefix { $0 != 0 })
        default: return false
        }
        return true
    }

    /// The content of an extended header.
    private func content(_ header: TarHeader) throws(ImageError) -> [UInt8] {
        guard header.size <= Self.extensionLimit else {
            throw ImageError(.tooLarge, "\(name) has an extended header of \(header.size) bytes at byte \(offset)")
        }
        let bytes = try source.read(upTo: Int(header.size))
        offset += Int64(bytes.count)
        guard bytes.count == Int(header.size) else { throw cutShort() }
        try pass(Self.padding(after: header.size))
        return bytes
    }

    private func begin(_ header: TarHeader, _ own: Extensions) throws(ImageError) -> TarEntry {
        let records = own.records
        let path = own.longPath ?? records.path ?? header.path
        let target = own.longTarget ?? records.linkTarget ?? header.linkTarget
        guard !path.isEmpty, !path.contains(0), !target.contains(0) else {
            throw ImageError(.malformed, "\(name) has a member without a usable name before byte \(offset)")
        }
        let size = records.size ?? header.size
        let kind = try kind(header, path: path, target: target, isSparse: records.isSparse)
        guard size <= Int64.max - 2 * Int64(TarHeader.length) else { throw cutShort() }
        // Links, devices and directories have no content whatever their size field says (pax, typeflag).
        left = kind == .file ? size : 0
        padding = kind == .file ? Self.padding(after: size) : 0
        return TarEntry(
            path: path, kind: kind, mode: header.mode, user: records.user ?? header.user,
            group: records.group ?? header.group, modified: records.modified ?? TarTime(seconds: header.modified),
            size: left, extendedAttributes: records.extendedAttributes)
    }

    private func kind(
        _ header: TarHeader, path: [UInt8], target: [UInt8], isSparse: Bool
    ) throws(ImageError) -> TarEntry.Kind {
        let member = String(decoding: path, as: UTF8.self)
        if isSparse || header.type == UInt8(ascii: "S") {
            throw ImageError(
                .unsupported, "\(name): \(member) is a sparse file of GNU tar's; make the archive without --sparse")
        }
        switch header.type {
        case 0, UInt8(ascii: "0"), UInt8(ascii: "7"):
            return path.last == UInt8(ascii: "/") ? .directory : .file
        case UInt8(ascii: "1"): return .hardLink(target: target)
        case UInt8(ascii: "2"): return .symbolicLink(target: target)
        case UInt8(ascii: "3"): return .characterDevice(major: header.deviceMajor, minor: header.deviceMinor)
        case UInt8(ascii: "4"): return .blockDevice(major: header.deviceMajor, minor: header.deviceMinor)
        case UInt8(ascii: "5"): return .directory
        case UInt8(ascii: "6"): return .fifo
        default:
            let type = String(UnicodeScalar(header.type))
            throw ImageError(.unsupported, "\(name): \(member) is of a type that Apus does not know (\(type))")
        }
    }

    // MARK: Bytes

    private static func padding(after size: Int64) -> Int64 {
        (Int64(TarHeader.length) - size % Int64(TarHeader.length)) % Int64(TarHeader.length)
    }

    private func pass(_ count: Int64) throws(ImageError) {
        guard count > 0 else { return }
        let passed = try source.skip(count)
        offset += passed
        if passed < count { throw cutShort() }
    }

    private func cutShort() -> ImageError { ImageError(.malformed, "\(name) is cut short at byte \(offset)") }

    private func damagedExtension() -> ImageError {
        ImageError(.malformed, "\(name) has a damaged extended header before byte \(offset)")
    }
}
