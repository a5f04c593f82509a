import Glibc
import KubeAPI

/// What ADD answered and with which configuration, kept so that CHECK and DEL get the same (CNI specification, section 5):
/// a file per attachment, in libcni's form.
struct ResultCache: Sendable {
    let directory: String

    struct Entry: Equatable {
        var containerID: String
        var interface: String
        var network: String
        var namespacePath: String
        var config: JSONValue
        var result: JSONValue
        var arguments: [Attachment.Argument]
        var capabilities: [String: JSONValue]

        var attachment: Attachment {
            Attachment(
                containerID: containerID, namespacePath: namespacePath, interface: interface, arguments: arguments,
                capabilities: capabilities)
        }
    }

    func path(_ network: String, _ containerID: String, _ interface: String) -> String {
        "\(directory)/\(network)-\(containerID)-\(interface)"
    }

    func save(_ entry: Entry) throws(CNIFailure) {
        SmallFile.makeDirectories(directory)
        let path = path(entry.network, entry.containerID, entry.interface)
        guard SmallFile.replace(path, JSONWriter.bytes(entry.json)) else {
            throw CNIFailure(CNIFailure.Code.ioFailure, "cannot write \(path): \(String(cString: strerror(errno)))")
        }
    }

    /// Nil when there is none, or when it is damaged.
    func load(_ network: String, _ containerID: String, _ interface: String) -> Entry? {
        read(path(network, containerID, interface))
    }

    func remove(_ network: String, _ containerID: String, _ interface: String) {
        unlink(path(network, containerID, interface))
    }

    /// Every attachment that is kept.
    func entries() -> [Entry] {
        SmallFile.names(in: directory).filter { !$0.hasSuffix("-new") }.sorted().compactMap {
            read("\(directory)/\($0)")
        }
    }

    private func read(_ path: String) -> Entry? {
        guard let bytes = SmallFile.read(path, limit: 1 << 20), let value = try? JSONParser.parse(bytes) else {
            return nil
        }
        return Entry(value)
    }
}

extension ResultCache.Entry {
    var json: JSONValue {
        [
            "kind": "cniCacheV1", "containerId": .string(containerID), "ifName": .string(interface),
            "networkName": .string(network), "netns": .string(namespacePath), "config": config,
            "cniArgs": .array(arguments.map { .array([.string($0.key), .string($0.value)]) }),
            "capabilityArgs": .object(
                JSONObject(capabilities.sorted { $0.key < $1.key }.map { .init($0.key, $0.value) })),
            "result": result,
        ]
    }

    init?(_ value: JSONValue) {
        guard let containerID = value["containerId"]?.string, let interface = value["ifName"]?.string,
            let network = value["networkName"]?.string, let config = value["config"], let result = value["result"]
        else { return nil }
        self.init(
            containerID: containerID, interface: interface, network: network,
            namespacePath: value["netns"]?.string ?? "", config: config, result: result,
            arguments: (value["cniArgs"]?.array ?? []).compactMap { pair in
                guard let key = pair.array?.first?.string, let text = pair.array?.last?.string else { return nil }
                return Attachment.Argument(key, text)
            },
            capabilities: Dictionary(
                (value["capabilityArgs"]?.object?.members ?? []).map { ($0.key, $0.value) }, uniquingKeysWith: { $1 }))
    }
}
