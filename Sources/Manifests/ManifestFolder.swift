import Glibc
import KubeAPI
import Logging

/// Reads the files of a directory and keeps account of them.
struct ManifestFolder {
    let path: String
    private let logger: Logger
    private var state = ManifestState()
    private var signatures: [String: FileContents.Signature] = [:]
    /// The directory could not be listed when last tried, and that has been reported.
    private var isMissing = false

    init(path: String, logger: Logger) {
        self.path = path
        self.logger = logger
    }

    /// `*.yaml`, `*.yml` and `*.json`, but no hidden files.
    static func isManifest(_ name: String) -> Bool {
        !name.hasPrefix(".") && [".yaml", ".yml", ".json"].contains { name.hasSuffix($0) && name != $0 }
    }

    func requireDirectory() throws(ManifestFailure) {
        do { _ = try list() } catch { throw ManifestFailure(file: path, reason: error.description) }
    }

    /// Reads every file that is new or not what it was. A directory that is gone takes nothing with it.
    mutating func scan() -> [ManifestEvent] {
        let names: Set<String>
        do {
            names = try list()
        } catch {
            defer { isMissing = true }
            return isMissing ? [] : [.failure(ManifestFailure(file: path, reason: "\(error)"))]
        }
        isMissing = false
        let gone = state.fileNames.union(signatures.keys).subtracting(names)
        let changed = names.filter { signatures[$0] == nil || signatures[$0] != FileContents.signature(path: full($0)) }
        return read(gone.union(changed))
    }

    /// Reads the files again, whatever is known of them.
    mutating func read(_ names: Set<String>) -> [ManifestEvent] {
        var events: [ManifestEvent] = []
        var queue = names.sorted()
        while !queue.isEmpty {
            var rereads: Set<String> = []
            for name in queue {
                let change = read(name)
                events += change.events
                rereads.formUnion(change.rereads)
            }
            queue = rereads.sorted()
        }
        return events
    }

    private mutating func read(_ name: String) -> ManifestState.Change {
        do throws(FileContents.Failure) {
            let contents = try FileContents(path: full(name))
            signatures[name] = contents.signature
            let parsed = ParsedManifest(contents.bytes, file: name)
            if !parsed.ignoredKinds.isEmpty {
                logger.info(
                    "kinds ignored",
                    metadata: ["file": "\(name)", "kinds": "\(parsed.ignoredKinds.sorted().joined(separator: ","))"])
            }
            return state.update(parsed)
        } catch {
            signatures[name] = nil
            if error.isMissing { return state.remove(file: name) }
            return state.update(ParsedManifest(broken: ManifestFailure(file: name, reason: error.description)))
        }
    }

    private func full(_ name: String) -> String { "\(path)/\(name)" }

    private func list() throws(FileContents.Failure) -> Set<String> {
        guard let directory = opendir(path) else { throw FileContents.Failure("open directory") }
        defer { closedir(directory) }
        var names: Set<String> = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if Self.isManifest(name) { names.insert(name) }
        }
        return names
    }
}
