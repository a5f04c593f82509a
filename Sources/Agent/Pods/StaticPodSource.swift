import ContainerRuntime
import AgentCore
import Crypto
import Glibc
import KubeAPI
import Logging
import Manifests
import Threads

/// Pods from the files of a folder, read anew when names, sizes or times of files have changed.
actor StaticPodSource {
    private let folder: String
    private let node: String
    private let logger: Logger
    private var seen: [String: String]?

    init(folder: String, node: String, logger: Logger) {
        self.folder = folder
        self.node = node
        self.logger = logger
    }

    /// All pods of the folder; nil when nothing has changed. A file that cannot be read counts as none.
    func changed() async -> [APIObject]? {
        let folder = folder
        guard let stamps = try? await OwnThread.wait({ Self.stamps(folder) }), stamps != seen else { return nil }
        seen = stamps
        var pods: [APIObject] = []
        for name in stamps.keys.sorted() { pods += await read("\(folder)/\(name)") }
        return pods
    }

    private static func stamps(_ folder: String) -> [String: String] {
        var stamps: [String: String] = [:]
        for name in Files.names(in: folder) where !name.hasPrefix(".") {
            var status = stat()
            guard stat("\(folder)/\(name)", &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
            stamps[name] = "\(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec) \(status.st_ino)"
        }
        return stamps
    }

    private func read(_ path: String) async -> [APIObject] {
        guard let text = try? await OwnThread.wait({ Files.read(path) }) else { return [] }
        do {
            return try YAMLDocuments.parse(text, file: path).compactMap { document in
                guard document.value["kind"]?.string == "Pod" else { return nil }
                return try StaticPod.make(document.value, node: node, identity: identity(document.value, path))
            }
        } catch {
            logger.warning("the manifest is not used", metadata: ["file": "\(path)", "error": "\(error)"])
            return []
        }
    }

    /// Another content, another pod.
    private func identity(_ json: JSONValue, _ path: String) -> String {
        let digest = SHA256.hash(data: JSONWriter.bytes(json) + Array("\(node)\(path)".utf8))
        return digest.prefix(16).map { byte in
            let text = String(byte, radix: 16)
            return text.count == 1 ? "0" + text : text
        }.joined()
    }
}
