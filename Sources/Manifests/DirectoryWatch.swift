import Glibc
import Synchronization

/// Watches a directory, and the place where it stands, by inotify(7).
final class DirectoryWatch: Sendable {
    /// What has changed since it was last asked.
    struct Pending {
        var files: Set<String> = []
        var everything = false
    }

    fileprivate struct Watches {
        var directory: Int32?
        var parent: Int32?
        var pending = Pending()
    }

    /// A signal after changes; several may come as one.
    let signals: AsyncStream<Void>
    private let path: String
    private let inotify: Inotify
    private let shared: Shared

    /// What the queue of inotify shares with whoever reads.
    fileprivate final class Shared: Sendable {
        let watches = Mutex(Watches())
        let path: String
        let name: String

        init(path: String, name: String) {
            self.path = path
            self.name = name
        }
    }

    /// Watches from now on.
    init(path: String) throws(FileContents.Failure) {
        let trimmed = String(path.reversed().drop { $0 == "/" }.reversed())
        let components = trimmed.split(separator: "/", omittingEmptySubsequences: false)
        let shared = Shared(path: path, name: components.last.map(String.init) ?? "")
        let (signals, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        self.path = path
        self.signals = signals
        self.shared = shared
        inotify = try Inotify(label: "manifests") { records in
            // Every record is noted, so that none is missed after the first that matters.
            if records.map(shared.note).contains(true) { continuation.yield() }
        }
        if !["", ".", ".."].contains(shared.name) {
            watchParent(components.dropLast().joined(separator: "/"), trimmed)
        }
        rearm()
    }

    func takePending() -> Pending {
        shared.watches.withLock { watches in
            defer { watches.pending = Pending() }
            return watches.pending
        }
    }

    /// Watches what now stands under the path, which may be another directory than before, or none.
    func rearm() {
        let mask = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CREATE | IN_DELETE_SELF | IN_MOVE_SELF
        let new = inotify.watch(directory: path, mask)
        shared.watches.withLock { watches in
            if let old = watches.directory, old != new { inotify.remove(old) }
            watches.directory = new
        }
    }

    private func watchParent(_ parent: String, _ path: String) {
        let parent = !parent.isEmpty ? parent : path.hasPrefix("/") ? "/" : "."
        let watch = inotify.watch(directory: parent, IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CREATE)
        shared.watches.withLock { $0.parent = watch }
    }
}

extension DirectoryWatch.Shared {
    /// True when the record matters.
    fileprivate func note(_ record: InotifyEvent) -> Bool {
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
