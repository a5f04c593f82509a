import CLinux
import Glibc

/// Unpacks one layer (OCI image-spec, layer.md) into a directory that overlayfs can take as a lower one: the archive's
/// whiteouts become overlayfs' own.
///
/// The archive is not trusted: no name leads outside the directory, and limits hold for what it may take. The directory
/// must be the unpacker's alone while it works.
final class LayerUnpacker {
    private let path: LayerPath
    private let limits: UnpackLimits
    private let name: String
    private var bytes: Int64 = 0
    /// Times of directories, which later entries in them change: put on at the end.
    private var times: [(path: [FileName], modified: TarTime)] = []
    /// Where the last entry was: its neighbours come next.
    private var last: (steps: [PathStep], place: LayerPath.Place)?
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 4096)

    /// - Parameters:
    ///   - below: The unpacked layers below this one, the topmost first.
    ///   - name: What messages call the layer.
    init(into root: Directory, below: [Directory], limits: UnpackLimits, name: String) {
        path = LayerPath(root: root, below: LayersBelow(layers: below), limits: limits, name: name)
        self.limits = limits
        self.name = name
    }

    deinit { buffer.deallocate() }

    /// Reads `archive`, an uncompressed tar, to its end. Returns the bytes of all files in it.
    func unpack(_ archive: any ByteSource) throws(ImageError) -> Int64 {
        let reader = TarReader(archive, name: name)
        var count = 0
        while let entry = try reader.next() {
            count += 1
            guard count <= limits.entries else {
                throw ImageError(.tooLarge, "\(name) has more than \(limits.entries) entries")
            }
            do {
                try add(entry, reader)
            } catch {
                throw error.within("\(name), entry \(entry.name)")
            }
        }
        try archive.drain()
        try setDirectoryTimes()
        return bytes
    }

    private func add(_ entry: TarEntry, _ reader: TarReader) throws(ImageError) {
        let steps = try steps(entry.path)
        guard case .name(let file)? = steps.last else { return try addRoot(entry) }
        let place = try place(Array(steps.dropLast()))
        if file.hasPrefix(".wh.") { return try addWhiteout(file, at: place) }
        switch entry.kind {
        case .directory: try addDirectory(file, entry, at: place)
        case .file: try addFile(file, entry, reader, at: place)
        case .hardLink(let target): try addHardLink(file, to: target, at: place)
        case .symbolicLink(let target):
            let bytes = target.map { CChar(bitPattern: $0) } + [0]
            try addNode(file, entry, at: place) { symlinkat(bytes, place.directory.descriptor, file.cString) }
        case .fifo: try addSpecial(file, entry, at: place, type: S_IFIFO, device: 0)
        case .characterDevice(let major, let minor):
            try addSpecial(file, entry, at: place, type: S_IFCHR, device: apus_device(major, minor))
        case .blockDevice(let major, let minor):
            try addSpecial(file, entry, at: place, type: S_IFBLK, device: apus_device(major, minor))
        }
    }

    // MARK: Places

    /// An entry's own name must not climb; symbolic links on the way may, as far as the root.
    private func steps(_ name: [UInt8]) throws(ImageError) -> [PathStep] {
        guard name.count <= limits.pathBytes, let steps = PathStep.parse(name) else {
            throw ImageError(.tooLarge, "the name is longer than a file's can be")
        }
        guard !steps.contains(.parent) else { throw ImageError(.malformed, "the name leads upwards with ..") }
        return steps
    }

    private func place(_ steps: [PathStep]) throws(ImageError) -> LayerPath.Place {
        if let last, last.steps == steps { return last.place }
        let place = try path.find(steps)
        times += place.made
        last = (steps, place)
        return place
    }

    /// Makes room for an entry of that name. What was there may have been on the way to other places.
    private func clear(_ file: FileName, at place: LayerPath.Place) throws(ImageError) {
        guard try place.directory.status(file) != nil else { return }
        try place.directory.remove(file)
        last = nil
    }

    // MARK: Entries

    private func addRoot(_ entry: TarEntry) throws(ImageError) {
        guard entry.kind == .directory else {
            throw ImageError(.malformed, "the root of a layer is a directory")
        }
        try FileAttributes(entry).apply(to: path.root.descriptor, name: "the layer's root")
        times.append(([], entry.modified))
    }

    private func addWhiteout(_ mark: FileName, at place: LayerPath.Place) throws(ImageError) {
        if mark.bytes.elementsEqual(".wh..wh..opq".utf8) {
            try place.directory.makeOpaque()
            last = nil
            return
        }
        // Other names of aufs' own say nothing here.
        if mark.hasPrefix(".wh..wh.") { return }
        guard let file = FileName(mark.bytes.dropFirst(4)) else {
            throw ImageError(.malformed, "it marks a name as deleted that no file can have")
        }
        // A layer deletes what is below it, not what it brings itself.
        if try place.directory.status(file) == nil { try place.directory.makeWhiteout(file) }
    }

    private func addDirectory(_ file: FileName, _ entry: TarEntry, at place: LayerPath.Place) throws(ImageError) {
        guard place.path.count < limits.depth else {
            throw ImageError(.tooLarge, "it is more than \(limits.depth) directories deep")
        }
        let there = try place.directory.status(file)
        if there?.kind != .directory { try clear(file, at: place) }
        var directory = there?.kind == .directory ? try place.directory.directory(file) : nil
        if directory == nil { directory = try place.directory.makeDirectory(file, mode: 0o700) }
        guard let directory else { return }
        if there?.kind == .whiteout { try directory.makeOpaque() }
        try FileAttributes(entry).apply(to: directory.descriptor, name: file.text)
        times.append((place.path + [file], entry.modified))
    }

    private func addFile(
        _ file: FileName, _ entry: TarEntry, _ reader: TarReader, at place: LayerPath.Place
    ) throws(ImageError) {
        guard entry.size <= limits.bytes - bytes else {
            throw ImageError(.tooLarge, "the layer's files are larger than \(limits.bytes) bytes")
        }
        bytes += entry.size
        try clear(file, at: place)
        let descriptor = openat(
            place.directory.descriptor, file.cString, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .last("create it") }
        defer { close(descriptor) }
        while case let count = try reader.read(into: buffer), count > 0 {
            try FileWriting.writeAll(
                UnsafeRawBufferPointer(rebasing: buffer[..<count]), to: descriptor, name: file.text)
        }
        try FileAttributes(entry).apply(to: descriptor, name: file.text)
    }

    private func addHardLink(
        _ file: FileName, to target: [UInt8], at place: LayerPath.Place
    ) throws(ImageError) {
        let steps = try steps(target)
        guard case .name(let original)? = steps.last else {
            throw ImageError(.malformed, "it links to the layer's root")
        }
        let from = try path.find(steps.dropLast())
        times += from.made
        let text = String(decoding: target, as: UTF8.self)
        guard let status = try from.directory.status(original), status.kind != .whiteout else {
            throw ImageError(.malformed, "it links to \(text), which the layer does not hold")
        }
        guard status.kind != .directory else { throw ImageError(.malformed, "it links to the directory \(text)") }
        // A link to itself is there already.
        if from.path == place.path, original == file { return }
        try clear(file, at: place)
        guard
            linkat(from.directory.descriptor, original.cString, place.directory.descriptor, file.cString, 0) == 0
        else { throw .last("link it to \(text)") }
    }

    private func addSpecial(
        _ file: FileName, _ entry: TarEntry, at place: LayerPath.Place, type: mode_t, device: dev_t
    ) throws(ImageError) {
        if type == S_IFCHR, device == 0 {
            throw ImageError(.malformed, "it is overlayfs' mark of a deleted file, which no archive may hold")
        }
        try addNode(file, entry, at: place) {
            mknodat(place.directory.descriptor, file.cString, type | 0o600, device)
        }
    }

    private func addNode(
        _ file: FileName, _ entry: TarEntry, at place: LayerPath.Place, _ make: () -> CInt
    ) throws(ImageError) {
        try clear(file, at: place)
        guard make() == 0 else { throw .last("create it") }
        // A link that takes the place of a directory changes the way to others.
        if case .symbolicLink = entry.kind { last = nil }
        var isLink = false
        if case .symbolicLink = entry.kind { isLink = true }
        try FileAttributes(entry).apply(to: file, in: place.directory, isLink: isLink)
    }

    // MARK: End

    private func setDirectoryTimes() throws(ImageError) {
        for (path, modified) in times {
            var directory: Directory? = self.path.root
            for name in path { directory = try directory?.directory(name) }
            // A later entry may have replaced it.
            guard let directory else { continue }
            let time = timespec(tv_sec: Int(modified.seconds), tv_nsec: Int(modified.nanoseconds))
            guard futimens(directory.descriptor, [time, time]) == 0 else { throw .last("set a directory's time") }
        }
    }
}
