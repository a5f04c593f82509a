import Glibc

/// Where an image archive's files come from: a tar, or an OCI layout's directory.
enum ImageFiles: Sendable {
    case archive(ArchiveFiles)
    case directory(Directory, name: String)

    var name: String {
        switch self {
        case .archive(let files): files.name
        case .directory(_, let name): name
        }
    }

    func contains(_ path: String) -> Bool {
        switch self {
        case .archive(let files): return files.contains(path)
        case .directory:
            return (try? open(path)) != nil
        }
    }

    /// - Parameter path: with `/` between names, relative; symbolic links in a directory are not followed.
    func open(_ path: String) throws(ImageError) -> any ByteSource {
        switch self {
        case .archive(let files): return try files.open(path)
        case .directory(let root, let name):
            let missing = ImageError(.malformed, "\(name) has no \(path)")
            var directory = root
            let names = path.split(separator: "/").compactMap { FileName(String($0)) }
            for part in names.dropLast() {
                guard let next = try directory.directory(part) else { throw missing }
                directory = next
            }
            guard let last = names.last else { throw missing }
            let file = openat(directory.descriptor, last.cString, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
            guard file >= 0 else { throw errno == ENOENT ? missing : .last("open \(path) of \(name)") }
            return FileSource(adopting: file, name: "\(path) of \(name)")
        }
    }

    func read(_ path: String, limit: Int) throws(ImageError) -> [UInt8] {
        try open(path).readAll(limit: limit, name: "\(path) of \(name)")
    }

    /// A blob whose digest is checked; for manifests and configurations.
    func blob(_ descriptor: Descriptor, limit: Int) throws(ImageError) -> [UInt8] {
        let bytes = try read(Self.path(descriptor.digest), limit: limit)
        let digest = Digest(of: bytes)
        guard digest == descriptor.digest else {
            throw ImageError(.digestMismatch, "\(name): \(Self.path(descriptor.digest)) has the digest \(digest)")
        }
        return bytes
    }

    /// OCI image-spec, image-layout.md.
    static func path(_ digest: Digest) -> String { "blobs/sha256/\(digest.hex)" }
}
