import Glibc

/// What the dynamic linker reads of an executable or library (System V ABI, chapters 4 and 5): 64-bit, little-endian.
struct ELFFile: Equatable {
    /// The dynamic linker; nil for libraries and static executables.
    var interpreter: String?
    /// Names of libraries, as `libc.so.6`.
    var needed: [String] = []
    /// DT_RUNPATH, or the older DT_RPATH; `$ORIGIN` is the file's own directory.
    var searchPaths: [String] = []

    private static let headerBytes = 64
    private static let segmentBytes = 56

    init(path: String) throws(ImageError) {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw .last("open \(path)") }
        defer { close(file) }
        var found = stat()
        guard fstat(file, &found) == 0 else { throw .last("look at \(path)") }
        let reader = Reader(file: file, size: UInt64(max(0, found.st_size)), path: path)
        let header = try reader.bytes(at: 0, count: Self.headerBytes)
        guard header.starts(with: [0x7f, 0x45, 0x4c, 0x46, 2, 1]) else {
            throw ImageError(.unsupported, "\(path) is no 64-bit ELF file")
        }
        let segments = try Self.segments(header, reader)
        if let place = segments.first(where: { $0.type == 3 /* PT_INTERP */ }) {
            interpreter = Self.text(try reader.bytes(at: place.offset, count: Int(min(place.size, 4096))), at: 0)
        }
        if let dynamic = segments.first(where: { $0.type == 2 /* PT_DYNAMIC */ }) {
            try readDynamic(dynamic, segments, reader)
        }
    }

    private struct Segment {
        var type: UInt64
        var offset: UInt64
        var address: UInt64
        var size: UInt64
    }

    private static func segments(_ header: [UInt8], _ reader: Reader) throws(ImageError) -> [Segment] {
        let start = number(header, at: 32, bytes: 8)
        let size = number(header, at: 54, bytes: 2)
        let count = Int(number(header, at: 56, bytes: 2))
        guard size == UInt64(segmentBytes) else { throw reader.damaged }
        let table = try reader.bytes(at: start, count: count * segmentBytes)
        return (0..<count).map { index in
            let base = index * segmentBytes
            return Segment(
                type: number(table, at: base, bytes: 4), offset: number(table, at: base + 8, bytes: 8),
                address: number(table, at: base + 16, bytes: 8), size: number(table, at: base + 32, bytes: 8))
        }
    }

    private mutating func readDynamic(
        _ dynamic: Segment, _ segments: [Segment], _ reader: Reader
    ) throws(ImageError) {
        guard dynamic.size <= 1 << 20 else { throw reader.damaged }
        let table = try reader.bytes(at: dynamic.offset, count: Int(dynamic.size))
        var names: [UInt64] = []
        var paths: [UInt64] = []
        var strings: (address: UInt64, size: UInt64) = (0, 0)
        for base in stride(from: 0, through: table.count - 16, by: 16) {
            let value = Self.number(table, at: base + 8, bytes: 8)
            switch Self.number(table, at: base, bytes: 8) {
            case 1 /* DT_NEEDED */: names.append(value)
            case 5 /* DT_STRTAB */: strings.address = value
            case 10 /* DT_STRSZ */: strings.size = value
            case 15, 29 /* DT_RPATH, DT_RUNPATH */: paths.append(value)
            default: break
            }
        }
        // The table is named by its address in memory.
        let isLoaded = { (segment: Segment) in
            segment.type == 1 && strings.address >= segment.address && strings.address - segment.address < segment.size
        }
        guard let segment = segments.first(where: isLoaded), strings.size <= 64 << 20 else {
            if names.isEmpty { return }
            throw reader.damaged
        }
        let text = try reader.bytes(
            at: segment.offset &+ (strings.address - segment.address), count: Int(strings.size))
        needed = names.map { Self.text(text, at: $0) }
        searchPaths = paths.flatMap { Self.text(text, at: $0).split(separator: ":").map(String.init) }
    }

    private static func number(_ bytes: [UInt8], at offset: Int, bytes count: Int) -> UInt64 {
        (0..<count).reduce(0) { $0 | UInt64(bytes[offset + $1]) << (8 * UInt64($1)) }
    }

    private static func text(_ bytes: [UInt8], at offset: UInt64) -> String {
        String(decoding: bytes.dropFirst(Int(clamping: offset)).prefix { $0 != 0 }, as: UTF8.self)
    }

    private struct Reader {
        let file: CInt
        let size: UInt64
        let path: String

        var damaged: ImageError { ImageError(.malformed, "\(path) is damaged: its ELF tables lead outside of it") }

        func bytes(at offset: UInt64, count: Int) throws(ImageError) -> [UInt8] {
            guard offset <= size, UInt64(count) <= size - offset else { throw damaged }
            let source = try FileSource(section: file, offset: Int64(offset), length: Int64(count), name: path)
            let bytes = try source.read(upTo: count)
            guard bytes.count == count else { throw damaged }
            return bytes
        }
    }
}

/// The libraries that a program needs to run, found where the dynamic linker would look (ld.so(8)).
struct LibraryClosure {
    /// By the name under which they are looked for.
    private(set) var libraries: [String: String] = [:]
    private(set) var interpreter: String?

    private static let standard: [String] = {
        #if arch(arm64)
            let triplet = "aarch64-linux-gnu"
        #else
            let triplet = "x86_64-linux-gnu"
        #endif
        return ["/lib/\(triplet)", "/usr/lib/\(triplet)", "/lib64", "/usr/lib64", "/lib", "/usr/lib", "/usr/local/lib"]
    }()

    init(of program: String) throws(ImageError) {
        var waiting = [program]
        var inherited: [String] = []
        while let path = waiting.popLast() {
            let file = try ELFFile(path: path)
            if path == program { interpreter = file.interpreter }
            let origin = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
            let paths = file.searchPaths.map {
                $0.replacing("${ORIGIN}", with: origin).replacing("$ORIGIN", with: origin)
            }
            if path == program { inherited = paths }
            for name in file.needed where libraries[name] == nil {
                let candidates = (paths + inherited + Self.standard).map { "\($0)/\(name)" }
                guard let found = candidates.first(where: { access($0, R_OK) == 0 }) else {
                    throw ImageError(
                        .notFound, "\(path) needs the library \(name), which is in none of its directories")
                }
                libraries[name] = found
                waiting.append(found)
            }
        }
    }
}
