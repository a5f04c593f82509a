import Glibc
import Synchronization

/// Watches one file by inotify(7), wherever its name leads: its own directory, and the one that a link points into.
public final class FileWatch: Sendable {
    /// A signal after anything that may have changed the file; several may come as one.
    public let signals: AsyncStream<Void>
    private let path: String
    private let inotify: Inotify
    private let names: Names

    /// What the file is called in the directories that are watched.
    private final class Names: Sendable {
        let set = Mutex<Set<String>>([])
    }

    /// Watches from now on. Fails when the kernel gives no more inotify instances.
    public init(path: String) throws(ManifestFailure) {
        self.path = path
        let names = Names()
        self.names = names
        let (signals, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        self.signals = signals
        do {
            inotify = try Inotify(label: "file") { records in
                let names = names.set.withLock { $0 }
                if records.contains(where: { Self.matters($0, names) }) { continuation.yield() }
            }
        } catch {
            throw ManifestFailure(file: path, reason: error.description)
        }
        rearm()
    }

    /// To be called after a signal, before the file is read: a link may lead elsewhere now.
    public func rearm() {
        let places = [path, Self.resolved(path)].map(Self.split)
        names.set.withLock { $0 = Set(places.map(\.name)) }
        let mask = IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_DELETE_SELF | IN_MOVE_SELF
        for directory in Set(places.map(\.directory)) { _ = inotify.watch(directory: directory, mask) }
    }

    /// Names with two dots are how Kubernetes mounts a ConfigMap: the link `..data` is swapped under all files.
    private static func matters(_ event: InotifyEvent, _ names: Set<String>) -> Bool {
        names.contains(event.name) || event.name.isEmpty || event.name.hasPrefix("..") || event.has(IN_Q_OVERFLOW)
    }

    private static func resolved(_ path: String) -> String {
        guard let real = realpath(path, nil) else { return path }
        defer { free(real) }
        return String(cString: real)
    }

    private static func split(_ path: String) -> (directory: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return (".", path) }
        let directory = path[..<slash]
        return (directory.isEmpty ? "/" : String(directory), String(path[path.index(after: slash)...]))
    }
}
