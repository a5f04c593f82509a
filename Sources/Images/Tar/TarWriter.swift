/// Writes a tar archive (POSIX.1-2017 ustar, with pax headers for what does not fit) piece by piece.
struct TarWriter {
    private let sink: (UnsafeRawBufferPointer) throws -> Void

    init(_ sink: @escaping (UnsafeRawBufferPointer) throws -> Void) { self.sink = sink }

    /// A member without content, or with all of it.
    func add(_ entry: TarEntry, content: [UInt8] = []) throws {
        var entry = entry
        entry.size = Int64(content.count)
        try begin(entry)
        try write(content)
        try endContent(of: entry)
    }

    /// A file whose content, `entry.size` bytes, comes from elsewhere.
    func add(_ entry: TarEntry, from source: any ByteSource) throws {
        try begin(entry)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
        defer { buffer.deallocate() }
        var left = entry.size
        while left > 0 {
            let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<Int(min(left, Int64(buffer.count)))])
            let got = try source.read(into: part)
            guard got > 0 else { throw ImageError(.malformed, "\(entry.name) became shorter while it was read") }
            try sink(UnsafeRawBufferPointer(rebasing: buffer[..<got]))
            left -= Int64(got)
        }
        try endContent(of: entry)
    }

    /// Two blocks of zeros.
    func end() throws { try write([UInt8](repeating: 0, count: 2 * TarHeader.length)) }

    private func begin(_ entry: TarEntry) throws {
        let records = paxRecords(entry)
        if !records.isEmpty {
            try write(header(path: Array("pax".utf8), type: "x", size: Int64(records.count), entry: entry))
            try write(records + padding(Int64(records.count)))
        }
        let (type, _) = kind(entry)
        try write(header(path: Array(entry.path.prefix(100)), type: type, size: entry.size, entry: entry))
    }

    private func endContent(of entry: TarEntry) throws { try write(padding(entry.size)) }

    private func write(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try sink($0) } }

    private func padding(_ size: Int64) -> [UInt8] {
        [UInt8](repeating: 0, count: (TarHeader.length - Int(size % Int64(TarHeader.length))) % TarHeader.length)
    }

    private func kind(_ entry: TarEntry) -> (type: Character, target: [UInt8]) {
        switch entry.kind {
        case .file: ("0", [])
        case .hardLink(let target): ("1", target)
        case .symbolicLink(let target): ("2", target)
        case .characterDevice: ("3", [])
        case .blockDevice: ("4", [])
        case .directory: ("5", [])
        case .fifo: ("6", [])
        }
    }

    private func paxRecords(_ entry: TarEntry) -> [UInt8] {
        var records: [UInt8] = []
        if entry.path.count > 100 { records += record("path", entry.path) }
        let target = kind(entry).target
        if target.count > 100 { records += record("linkpath", target) }
        for attribute in entry.extendedAttributes {
            records += record("SCHILY.xattr." + String(decoding: attribute.name, as: UTF8.self), attribute.value)
        }
        return records
    }

    /// The length counts its own digits.
    private func record(_ keyword: String, _ value: [UInt8]) -> [UInt8] {
        let rest = Array(" \(keyword)=".utf8) + value + [UInt8(ascii: "\n")]
        var length = rest.count + 1
        while "\(length)".utf8.count + rest.count != length { length = "\(length)".utf8.count + rest.count }
        return Array("\(length)".utf8) + rest
    }

    private func header(path: [UInt8], type: Character, size: Int64, entry: TarEntry) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: TarHeader.length)
        func put(_ bytes: some Collection<UInt8>, at offset: Int) {
            block.replaceSubrange(offset..<(offset + bytes.count), with: bytes)
        }
        /// Octal with a zero at the end, or the last bytes of two's complement when it is too large.
        func number(_ value: Int64, at offset: Int, width: Int) {
            let digits = String(max(0, value), radix: 8)
            if digits.count < width {
                put((String(repeating: "0", count: width - 1 - digits.count) + digits).utf8, at: offset)
            } else {
                var bytes = [UInt8](repeating: 0, count: width)
                for index in 0..<min(8, width) {
                    bytes[width - 1 - index] = UInt8(truncatingIfNeeded: value >> (8 * Int64(index)))
                }
                bytes[0] |= 0x80
                put(bytes, at: offset)
            }
        }
        put(path, at: 0)
        number(Int64(entry.mode), at: 100, width: 8)
        number(Int64(entry.user), at: 108, width: 8)
        number(Int64(entry.group), at: 116, width: 8)
        number(size, at: 124, width: 12)
        number(entry.modified.seconds, at: 136, width: 12)
        put(String(repeating: " ", count: 8).utf8, at: 148)
        put(String(type).utf8, at: 156)
        put(kind(entry).target.prefix(100), at: 157)
        put("ustar\u{0}00".utf8, at: 257)
        switch entry.kind {
        case .characterDevice(let major, let minor), .blockDevice(let major, let minor):
            number(Int64(major), at: 329, width: 8)
            number(Int64(minor), at: 337, width: 8)
        default: break
        }
        let sum = block.reduce(0) { $0 + Int64($1) }
        number(sum, at: 148, width: 8)
        return block
    }
}
