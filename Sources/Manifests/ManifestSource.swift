import Logging

/// A directory of manifests as a source of objects, read once or watched.
public struct ManifestSource: Sendable {
    public let directory: String
    private let logger: Logger

    public init(directory: String, logger: Logger) {
        self.directory = directory
        self.logger = logger
    }

    /// What is there now, as the events that `run` would begin with, `.synced` excepted.
    public func load() throws(ManifestFailure) -> [ManifestEvent] {
        var folder = ManifestFolder(path: directory, logger: logger)
        try folder.requireDirectory()
        return folder.scan()
    }

    /// Tells `handler` what is there, then `.synced`, then every change, until the task is cancelled. Fails only at the
    /// start, when there is no directory or it cannot be watched; later failures are events.
    public func run(
        isolation: isolated (any Actor)? = #isolation, _ handler: (ManifestEvent) async -> Void
    ) async throws(ManifestFailure) {
        let watch: DirectoryWatch
        do {
            watch = try DirectoryWatch(path: directory)
        } catch {
            throw ManifestFailure(file: directory, reason: error.description)
        }
        var folder = ManifestFolder(path: directory, logger: logger)
        try folder.requireDirectory()
        for event in folder.scan() { await handler(event) }
        await handler(.synced)
        for await _ in watch.signals {
            let pending = watch.takePending()
            if pending.everything { watch.rearm() }
            for event in folder.read(pending.files) { await handler(event) }
            guard pending.everything else { continue }
            for event in folder.scan() { await handler(event) }
        }
    }
}
