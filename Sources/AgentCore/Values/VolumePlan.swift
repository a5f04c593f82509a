import KubeAPI
import KubeSchema

/// What becomes of a volume on the node.
public enum VolumePlan: Sendable, Hashable {
    /// A folder of the pod's own; bytes when it is limited.
    case emptyDirectory(limit: Int64?)
    /// In memory.
    case memory(limit: Int64?)
    /// The machine's; `kind` is hostPath's `type`, empty for no check.
    case hostPath(path: String, kind: String)
    /// Files whose content follows what they refer to.
    case files([VolumeFile], group: Int64?)

    /// A file of a configMap, secret, downwardAPI or projected volume.
    public struct VolumeFile: Sendable, Hashable {
        public enum Content: Sendable, Hashable {
            case bytes([UInt8])
            /// A token for the pod's service account; seconds.
            case token(audience: String?, lifetime: Int64)
        }

        /// Below the volume; no `..`.
        public var path: String
        public var content: Content
        public var mode: UInt32

        public init(path: String, content: Content, mode: UInt32) {
            self.path = path
            self.content = content
            self.mode = mode
        }
    }

    /// Decides what `volume` of the pod is.
    public static func make(
        _ volume: JSONValue, of pod: PodDeclaration, _ references: PodReferences
    ) throws(ConfigurationFailure) -> VolumePlan {
        let name = volume["name"]?.string ?? ""
        if let empty = volume["emptyDir"] { return emptyDirectory(empty, pod) }
        if let host = volume["hostPath"] {
            return .hostPath(path: host["path"]?.string ?? "", kind: host["type"]?.string ?? "")
        }
        let group = pod.securityContext?["fsGroup"]?.integer
        for source in ["configMap", "secret", "downwardAPI"] {
            guard let json = volume[source] else { continue }
            let mode = UInt32(clamping: json["defaultMode"]?.integer ?? 0o644)
            return .files(try files(source, json, mode, pod, references), group: group)
        }
        if let projected = volume["projected"] {
            let mode = UInt32(clamping: projected["defaultMode"]?.integer ?? 0o644)
            var list: [VolumeFile] = []
            for source in projected["sources"]?.array ?? [] {
                for kind in ["configMap", "secret", "downwardAPI"] {
                    if let json = source[kind] { list += try files(kind, json, mode, pod, references) }
                }
                if let token = source["serviceAccountToken"] {
                    list.append(
                        VolumeFile(
                            path: try safe(token["path"]?.string ?? "token"),
                            content: .token(
                                audience: token["audience"]?.string,
                                lifetime: max(600, token["expirationSeconds"]?.integer ?? 3600)),
                            // Whoever the containers run as must be able to read it.
                            mode: group != nil || pod.soleUser != nil ? 0o600 : mode))
                }
            }
            return .files(list, group: group)
        }
        throw ConfigurationFailure("volume \"\(name)\" is of a kind that this node does not know")
    }

    private static func emptyDirectory(_ json: JSONValue, _ pod: PodDeclaration) -> VolumePlan {
        let limit = json["sizeLimit"]?.string.flatMap { try? Quantity(parsing: $0) }?.value
        guard json["medium"]?.string == "Memory" else { return .emptyDirectory(limit: limit) }
        // What the pod may use at most; what is written counts as its memory.
        let memory = ContainerAmounts.resources(pod.containers(.main).map(ContainerAmounts.init)).memoryLimit
        return .memory(limit: [limit, memory].compactMap(\.self).min())
    }

    private static func files(
        _ kind: String, _ json: JSONValue, _ mode: UInt32, _ pod: PodDeclaration, _ references: PodReferences
    ) throws(ConfigurationFailure) -> [VolumeFile] {
        if kind == "downwardAPI" { return try downward(json, mode, pod, references) }
        let name = json["name"]?.string ?? json["secretName"]?.string ?? ""
        let store = kind == "secret" ? references.secrets : references.configMaps
        let isOptional = json["optional"]?.bool == true
        guard let data = store[name] else {
            if isOptional { return [] }
            throw ConfigurationFailure("\(kind.lowercased()) \"\(name)\" not found")
        }
        guard let items = json["items"]?.array, !items.isEmpty else {
            return data.sorted { $0.key < $1.key }.map {
                VolumeFile(path: $0.key, content: .bytes($0.value), mode: mode)
            }
        }
        var list: [VolumeFile] = []
        for item in items {
            let key = item["key"]?.string ?? ""
            guard let value = data[key] else {
                if isOptional { continue }
                throw ConfigurationFailure("references non-existent \(kind.lowercased()) key: \(key)")
            }
            list.append(
                VolumeFile(
                    path: try safe(item["path"]?.string ?? key), content: .bytes(value),
                    mode: item["mode"]?.integer.map { UInt32(clamping: $0) } ?? mode))
        }
        return list
    }

    private static func downward(
        _ json: JSONValue, _ mode: UInt32, _ pod: PodDeclaration, _ references: PodReferences
    ) throws(ConfigurationFailure) -> [VolumeFile] {
        var list: [VolumeFile] = []
        for item in json["items"]?.array ?? [] {
            let text: String
            if let path = item["fieldRef"]?["fieldPath"]?.string {
                text = try FieldValues.field(path, pod, references)
            } else if let resource = item["resourceFieldRef"], let container = pod.containers.first {
                text = try FieldValues.amount(resource, container, pod, references)
            } else {
                continue
            }
            list.append(
                VolumeFile(
                    path: try safe(item["path"]?.string ?? ""), content: .bytes(Array(text.utf8)),
                    mode: item["mode"]?.integer.map { UInt32(clamping: $0) } ?? mode))
        }
        return list
    }

    /// A path that stays below where it starts.
    public static func safe(_ path: String) throws(ConfigurationFailure) -> String {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard !path.isEmpty, !path.hasPrefix("/"), !parts.contains("..") else {
            throw ConfigurationFailure("the path \"\(path)\" leads out of its volume")
        }
        return parts.filter { !$0.isEmpty && $0 != "." }.joined(separator: "/")
    }

    /// ConfigMaps and Secrets that a pod refers to anywhere.
    public static func references(of pod: PodDeclaration) -> (configMaps: Set<String>, secrets: Set<String>) {
        var configMaps: Set<String> = []
        var secrets: Set<String> = []
        for volume in pod.volumes {
            for source in [volume] + (volume["projected"]?["sources"]?.array ?? []) {
                if let name = source["configMap"]?["name"]?.string { configMaps.insert(name) }
                if let name = source["secret"]?["name"]?.string ?? source["secret"]?["secretName"]?.string {
                    secrets.insert(name)
                }
            }
        }
        for container in pod.containers {
            for source in container.json["envFrom"]?.array ?? [] {
                if let name = source["configMapRef"]?["name"]?.string { configMaps.insert(name) }
                if let name = source["secretRef"]?["name"]?.string { secrets.insert(name) }
            }
            for variable in container.json["env"]?.array ?? [] {
                if let name = variable["valueFrom"]?["configMapKeyRef"]?["name"]?.string { configMaps.insert(name) }
                if let name = variable["valueFrom"]?["secretKeyRef"]?["name"]?.string { secrets.insert(name) }
            }
        }
        return (configMaps, secrets)
    }
}
