import Glibc

/// Owns a descriptor.
private final class OpenFile: Sendable {
    let descriptor: CInt

    init(adopting descriptor: CInt) { self.descriptor = descriptor }

    deinit { close(descriptor) }
}

/// The files of an image archive by name. Names are only looked up here, never used as paths of this machine.
struct ArchiveFiles: Sendable {
    private struct Stretch: Sendable {
        var offset: Int64
        var length: Int64
    }

    private let file: OpenFile
    private var stretches: [String: Stretch] = [:]
    /// Old `docker save` puts links in the place of layers that came before.
    private var links: [String: String] = [:]
    /// What messages call the archive.
    let name: String

    private static let memberLimit = 100_000

    /// Notes where each file of an uncompressed tar lies; reads only headers.
    /// - Parameter file: seekable; owned from here on.
    init(adopting file: CInt, name: String) throws(ImageError) {
        self.file = OpenFile(adopting: file)
        self.name = name
        var found = stat()
        guard fstat(file, &found) == 0 else { throw .last("look at \(name)") }
        let whole = try FileSource(section: file, offset: 0, length: Int64(found.st_size), name: name)
        let reader = TarReader(whole, name: name)
        var count = 0
        while let entry = try reader.next() {
            count += 1
            guard count <= Self.memberLimit else {
                throw ImageError(.tooLarge, "\(name) has more than \(Self.memberLimit) members: it is no image archive")
            }
            guard let path = Self.normal(entry.path) else { continue }
            switch entry.kind {
            case .file: stretches[path] = Stretch(offset: reader.offset, length: entry.size)
            case .hardLink(let target): links[path] = Self.normal(target)
            case .symbolicLink(let target):
                let parent = path.split(separator: "/").dropLast().joined(separator: "/")
                links[path] = Self.normal(Array((parent + "/").utf8) + target)
            default: break
            }
        }
    }

    func contains(_ path: String) -> Bool { stretch(path) != nil }

    func open(_ path: String) throws(ImageError) -> FileSource {
        guard let found = stretch(path) else { throw ImageError(.malformed, "\(name) has no \(path)") }
        return try FileSource(
            section: file.descriptor, offset: found.offset, length: found.length, name: "\(path) of \(name)")
    }

    func read(_ path: String, limit: Int) throws(ImageError) -> [UInt8] {
        try open(path).readAll(limit: limit, name: "\(path) of \(name)")
    }

    private func stretch(_ path: String) -> Stretch? {
        guard var path = Self.normal(Array(path.utf8)) else { return nil }
        for _ in 0..<8 {
            if let found = stretches[path] { return found }
            guard let next = links[path] else { return nil }
            path = next
        }
        return nil
    }

    /// Without `.`, `..` and doubled slashes; nil when it climbs out or is empty.
    private static func normal(_ path: [UInt8]) -> String? {
        guard let steps = PathStep.parse(path) else { return nil }
        var names: [String] = []
        for step in steps {
            switch step {
            case .name(let name): names.append(name.text)
            case .parent:
                if names.isEmpty { return nil }
                names.removeLast()
            }
        }
        return names.isEmpty ? nil : names.joined(separator: "/")
    }
}
