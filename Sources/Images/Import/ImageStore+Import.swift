import Glibc
import NodeServices

extension ImageStore {
    /// Adds the images of an archive: OCI layout (directory, tar or tar.gz) or `docker save`.
    /// - Parameters:
    ///   - path: `-` is standard input.
    ///   - name: what to call the image, for archives that hold one; nil keeps the archive's names.
    public func importArchive(_ path: String, name: String? = nil) throws -> [StoredImage] {
        let given = try name.map { try ImageReference($0) }
        // Else somebody's sweep could take the copy of a compressed archive for garbage.
        let lock = try StoreLock(layout.contentLock, .shared)
        defer { withExtendedLifetime(lock) {} }
        let files = try files(of: path)
        var images = try ArchivedImage.find(in: files, platform: platform)
        guard !images.isEmpty else { throw ImageError(.malformed, "\(files.name) holds no image") }
        if let given {
            guard images.count == 1 else {
                throw ImageError(
                    .invalidReference, "\(files.name) holds \(images.count) images: --name can be given to one only")
            }
            images[0].references = [given]
        }
        return try images.map { try add($0.content, references: $0.references, isLocal: true) }
    }

    private func files(of path: String) throws -> ImageFiles {
        var found = stat()
        if path != "-" {
            guard stat(path, &found) == 0 else { throw ImageError.last("open \(path)") }
            if found.st_mode & S_IFMT == S_IFDIR { return .directory(try Directory(path: path), name: path) }
        }
        let file = path == "-" ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) : open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw ImageError.last("open \(path)") }
        let name = path == "-" ? "standard input" : path
        var head = [UInt8](repeating: 0, count: 6)
        let isSeekable = lseek(file, 0, SEEK_CUR) >= 0
        if isSeekable, pread(file, &head, head.count, 0) >= 0, Decompression.kind(head) == .plain {
            return .archive(try ArchiveFiles(adopting: file, name: name))
        }
        return .archive(try ArchiveFiles(adopting: try spool(FileSource(adopting: file, name: name), name), name: name))
    }

    /// Writes what must be decompressed, or cannot be read twice, to a file without a name.
    private func spool(_ source: any ByteSource, _ name: String) throws(ImageError) -> CInt {
        let directory = try temporaryDirectory()
        defer { removeTemporary(directory) }
        let file = open(directory + "/archive", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .last("write to \(directory)") }
        do throws(ImageError) {
            let plain = try Decompression.source(source, name: name)
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
            defer { buffer.deallocate() }
            var written: Int64 = 0
            while case let count = try plain.read(into: buffer), count > 0 {
                written += Int64(count)
                guard written <= limits.bytes else {
                    throw ImageError(.tooLarge, "\(name) is larger than \(limits.bytes) bytes")
                }
                try FileWriting.writeAll(
                    UnsafeRawBufferPointer(rebasing: buffer[..<count]), to: file, name: "a copy of \(name)")
            }
            return file
        } catch {
            close(file)
            throw error
        }
    }
}
