import KubeAPI

/// What binding reads of a core/v1 PersistentVolume.
public struct PersistentVolume: Sendable, Hashable {
    /// spec.claimRef: for whom the volume is kept.
    public struct ClaimReference: Sendable, Hashable {
        public let key: NamespacedName
        /// Empty while a user keeps the volume for a claim of that name.
        public let uid: String

        public init(key: NamespacedName, uid: String) {
            self.key = key
            self.uid = uid
        }
    }

    public let name: String
    public let uid: String
    public let resourceVersion: String
    public let labels: [String: String]
    /// Empty without one.
    public let storageClass: String
    public let accessModes: Set<String>
    /// Of `storage`; zero when it cannot be read, so that it suits nobody.
    public let capacity: Quantity
    /// `Filesystem` or `Block`.
    public let volumeMode: String
    /// spec.nodeAffinity.required; nil when every node reaches it.
    public let nodes: NodeSelector?
    public let claim: ClaimReference?
    /// status.phase
    public let phase: String
    public let isTerminating: Bool
    /// The CSI driver that serves it; empty for one of another kind.
    public let driver: String
    /// What the driver calls it.
    public let handle: String

    public init(json: JSONValue) throws(DecodingFailure) {
        let (metadata, spec) = (json["metadata"], json["spec"])
        guard let name = metadata?["name"]?.string, !name.isEmpty else {
            throw DecodingFailure("metadata.name", "required")
        }
        self.name = name
        uid = metadata?["uid"]?.string ?? ""
        resourceVersion = metadata?["resourceVersion"]?.string ?? ""
        labels = Dictionary(
            (metadata?["labels"]?.object?.members ?? []).map { ($0.key, $0.value.string ?? "") }
        ) { $1 }
        storageClass = StorageClass.name(of: json)
        accessModes = Set((spec?["accessModes"]?.array ?? []).compactMap(\.string))
        capacity = Quantity(storage: spec?["capacity"])
        volumeMode = spec?["volumeMode"]?.string ?? "Filesystem"
        claim = spec?["claimRef"].flatMap(ClaimReference.init(json:))
        phase = json["status"]?["phase"]?.string ?? ""
        isTerminating = metadata?["deletionTimestamp"]?.string != nil
        driver = spec?["csi"]?["driver"]?.string ?? ""
        handle = spec?["csi"]?["volumeHandle"]?.string ?? ""
        guard let required = spec?["nodeAffinity"]?["required"], required != .null else {
            nodes = nil
            return
        }
        do { nodes = try NodeSelector(json: required) } catch { throw error.under("spec.nodeAffinity.required") }
    }

    /// Whether it is kept for the claim: by its uid, or by its name until it is bound.
    public func isKept(for claim: PersistentVolumeClaim) -> Bool {
        guard let kept = self.claim, kept.key == claim.key else { return false }
        return kept.uid.isEmpty || kept.uid == claim.uid
    }
}

extension PersistentVolume.ClaimReference {
    public init?(json: JSONValue) {
        guard let name = json["name"]?.string, !name.isEmpty else { return nil }
        self.init(
            key: NamespacedName(namespace: json["namespace"]?.string ?? "", name: name),
            uid: json["uid"]?.string ?? "")
    }
}

extension Quantity {
    /// Of `storage` in a list of amounts; zero when it is missing or cannot be read.
    init(storage amounts: JSONValue?) {
        self = amounts?["storage"]?.string.flatMap { try? Quantity(parsing: $0) } ?? .zero
    }
}
