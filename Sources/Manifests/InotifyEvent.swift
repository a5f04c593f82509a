import Glibc

/// A record as inotify(7) lays it out.
struct InotifyEvent: Equatable {
    let watch: Int32
    let mask: UInt32
    /// Of the file in the watched directory; empty when the directory itself is meant.
    let name: String

    /// Every whole record in `bytes`.
    static func parse(_ bytes: UnsafeRawBufferPointer) -> [InotifyEvent] {
        let header = MemoryLayout<inotify_event>.size
        var events: [InotifyEvent] = []
        var offset = 0
        while offset + header <= bytes.count {
            let record = bytes.loadUnaligned(fromByteOffset: offset, as: inotify_event.self)
            let end = offset + header + Int(record.len)
            guard end <= bytes.count else { break }
            let name = bytes[(offset + header)..<end].prefix { $0 != 0 }
            events.append(
                InotifyEvent(watch: record.wd, mask: record.mask, name: String(decoding: name, as: UTF8.self)))
            offset = end
        }
        return events
    }

    func has(_ bits: Int32...) -> Bool { bits.contains { mask & UInt32(bitPattern: $0) != 0 } }
}

/// What a record means for a directory of manifests.
enum DirectoryChange: Equatable {
    /// The file has new contents, or is gone.
    case file(String)
    /// The file was made; whether it is whole depends on what it is.
    case created(String)
    /// Anything may have changed, even which directory it is.
    case everything
    case nothing

    /// `directory` and `parent` are the watches on the directory and on the one that holds it, under the name `name`.
    init(_ event: InotifyEvent, directory: Int32?, parent: Int32?, name: String) {
        if event.has(IN_Q_OVERFLOW) {
            self = .everything
        } else if event.watch == directory {
            self.init(inDirectory: event)
        } else {
            self = event.watch == parent && event.name == name ? .everything : .nothing
        }
    }

    /// Names with two dots are how Kubernetes mounts a ConfigMap: the link `..data` is swapped under all files.
    private init(inDirectory event: InotifyEvent) {
        if event.has(IN_IGNORED, IN_DELETE_SELF, IN_MOVE_SELF, IN_UNMOUNT) || event.name.hasPrefix("..") {
            self = .everything
        } else if !ManifestFolder.isManifest(event.name) {
            self = .nothing
        } else {
            self = event.has(IN_CREATE) ? .created(event.name) : .file(event.name)
        }
    }
}
