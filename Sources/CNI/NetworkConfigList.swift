import KubeAPI

/// A network: its plugins in order (CNI specification, section 1). A single plugin's configuration is a list of one.
public struct NetworkConfigList: Sendable, Hashable {
    public var name: String
    public var version: CNIVersion
    public var disableCheck: Bool
    public var disableGC: Bool
    public var plugins: [Plugin]

    public struct Plugin: Sendable, Hashable {
        /// The name of the executable.
        public var type: String
        /// Such as `portMappings`: what the plugin wants to be told by the runtime.
        public var capabilities: Set<String>
        /// The whole object.
        public var config: JSONValue
    }

    /// - Parameter place: the file, for messages.
    public init(_ bytes: [UInt8], place: String) throws(CNIFailure) {
        let value: JSONValue
        do { value = try JSONParser.parse(bytes) } catch {
            throw CNIFailure(CNIFailure.Code.decodingFailure, "\(place) is no JSON: \(error)")
        }
        func refusal(_ why: String) -> CNIFailure {
            CNIFailure(CNIFailure.Code.invalidNetworkConfig, "\(place) \(why)")
        }
        guard let name = value["name"]?.string, Self.isName(name) else {
            throw refusal("needs a name of letters, digits, dots, underscores and dashes")
        }
        let objects = value["plugins"]?.array ?? [value]
        guard !objects.isEmpty else { throw refusal("lists no plugins") }
        var plugins: [Plugin] = []
        for object in objects {
            guard let type = object["type"]?.string, Self.isType(type) else {
                throw refusal("has a plugin whose type is no plain file name")
            }
            let capabilities = object["capabilities"]?.object?.members.filter { $0.value.bool == true }.map(\.key) ?? []
            plugins.append(Plugin(type: type, capabilities: Set(capabilities), config: object))
        }
        self.name = name
        self.plugins = plugins
        version = try Self.version(value, refusal)
        disableCheck = value["disableCheck"]?.bool ?? false
        disableGC = value["disableGC"]?.bool ?? false
    }

    /// The newest that both the list and Apus know.
    private static func version(
        _ value: JSONValue, _ refusal: (String) -> CNIFailure
    ) throws(CNIFailure) -> CNIVersion {
        var texts = value["cniVersions"]?.array?.compactMap(\.string) ?? []
        if let text = value["cniVersion"]?.string { texts.append(text) }
        let known = texts.compactMap(CNIVersion.init).filter { CNIVersion.supported.contains($0) }
        guard let newest = known.max() else {
            let all = CNIVersion.supported.map(\.description).joined(separator: ", ")
            throw refusal("has the cniVersion \"\(texts.joined(separator: ", "))\"; Apus knows \(all)")
        }
        return newest
    }

    private static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, isWord(first) else { return false }
        return text.utf8.count <= 128 && text.utf8.allSatisfy { isWord($0) || "._-".utf8.contains($0) }
    }

    private static func isType(_ text: String) -> Bool {
        !text.isEmpty && text != "." && text != ".." && !text.utf8.contains { $0 == 0x2f || $0 == 0 }
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte | 0x20)
    }
}
