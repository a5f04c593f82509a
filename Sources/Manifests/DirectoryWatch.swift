@preconcurrency import Dispatch
import Glibc
import Synchronization

/// Watches a directory, and the place where it stands, by inotify(7).
final class DirectoryWatch: Sendable {
    /// What has changed since it was last asked.
    struct Pending {
        var files: Set<String> = []
        var everything = false
    }

    private struct Watches {
        var directory: Int32?
        var parent: Int32?
        var pending = Pending()
    }

    /// A signal after changes; several may come as one.
    let signals: AsyncStream<Void>
    private let path: String
    private let name: String
    private let descriptor: Int32
    private let source: any DispatchSourceRead
    private let watches = Mutex(Watches())

    /// Watches from now on.
    init(path: String) throws(FileContents.Failure) {
        let descriptor = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
        guard descriptor >= 0 else { throw FileContents.Failure("inotify_init1") }
        let trimmed = String(path.reversed().drop { $0 == "/" }.reversed())
        let components = trimmed.split(separator: "/", omittingEmptySubsequences: false)
        self.path = path
        self.descriptor = descriptor
        name = components.last.map(String.init) ?? ""
        let (signals, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        self.signals = signals
        source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: DispatchQueue(label: "manifests"))
        source.setCancelHandler { close(descriptor) }
        source.setEventHandler { [weak self] in
            if let self, self.drain() { continuation.yield() }
        }
        source.activate()
        if !["", ".", ".."].contains(name) { watchParent(components.dropLast().joined(separator: "/"), of: trimmed) }
        rearm()
    }

    deinit { source.cancel() }

    func takePending() -> Pending {
        watches.withLock { watches in
            defer { watches.pending = Pending() }
            return watches.pending
        }
    }

    /// Watches what now stands under the path, which may be another directory than before, or none.
    func rearm() {
        let mask = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CREATE | IN_DELETE_SELF | IN_MOVE_SELF
        let new = inotify_add_watch(descriptor, path, UInt32(mask | IN_ONLYDIR))
        watches.withLock { watches in
            if let old = watches.directory, old != new { inotify_rm_watch(descriptor, old) }
            watches.directory = new >= 0 ? new : nil
        }
    }

    private func watchParent(_ parent: String, of path: String) {
        let parent = !parent.isEmpty ? parent : path.hasPrefix("/") ? "/" : "."
        let mask = IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CREATE
        let watch = inotify_add_watch(descriptor, parent, UInt32(mask | IN_ONLYDIR))
        if watch >= 0 { watches.withLock { $0.parent = watch } }
    }

    /// Reads all records there are; true when one of them matters.
    private func drain() -> Bool {
        var matters = false
        withUnsafeTemporaryAllocation(byteCount: 1 << 14, alignment: 8) { buffer in
            while true {
                let count = read(descriptor, buffer.baseAddress, buffer.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return }
                let records = InotifyEvent.parse(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                for record in records where note(record) { matters = true }
            }
        }
        return matters
    }

    private func note(_ record: InotifyEvent) -> Bool {
        watches.withLock { watches in
            switch DirectoryChange(record, directory: watches.directory, parent: watches.parent, name: name) {
            case .everything: watches.pending.everything = true
            case .file(let file): watches.pending.files.insert(file)
            case .created(let file):
                // What is being written is told again when it is closed.
                guard FileContents.isLink(path: "\(path)/\(file)") else { return false }
                watches.pending.files.insert(file)
            case .nothing: return false
            }
            return true
        }
    }
}
