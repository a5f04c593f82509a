import KubeAPI

/// What the pods of each node need: the objects that the node's kubelet may therefore read.
///
/// Changed object by object; counts, so that one pod's going does not take what another still needs.
public struct NodeGraph: Sendable {
    /// Something that a pod, or a volume of one, refers to.
    public struct Reference: Sendable, Hashable {
        public enum Kind: Sendable {
            case secret, configMap, persistentVolumeClaim, persistentVolume, serviceAccount, resourceClaim, pod
            case volumeAttachment, resourceSlice
        }
        public var kind: Kind
        public var namespace: String
        public var name: String

        public init(_ kind: Kind, _ namespace: String, _ name: String) {
            self.kind = kind
            self.namespace = namespace
            self.name = name
        }
    }

    private struct PodKey: Hashable {
        var namespace: String
        var name: String
    }

    private struct PodPlace {
        var node: String
        var references: Set<Reference>
    }

    private var pods: [PodKey: PodPlace] = [:]
    private var needs: [String: [Reference: Int]] = [:]
    /// Claims by the name of the volume that is bound to them.
    private var claims: [String: Reference] = [:]
    /// Secrets that a volume's driver needs, by the volume.
    private var volumeSecrets: [Reference: Set<String>] = [:]
    private var secretsOfVolume: [String: Set<Reference>] = [:]
    /// Volume attachments and resource slices, which name their node themselves.
    private var nodesOf: [Reference: String] = [:]

    public init() {}

    /// Takes a Pod, PersistentVolume, VolumeAttachment or ResourceSlice, new or changed; ignores anything else.
    public mutating func upsert(_ object: JSONValue) {
        guard let name = object["metadata"]?["name"]?.string else { return }
        switch object["kind"]?.string {
        case "Pod": putPod(object, name)
        case "PersistentVolume": putVolume(object, name)
        case "VolumeAttachment":
            nodesOf[Reference(.volumeAttachment, "", name)] = object["spec"]?["nodeName"]?.string
        case "ResourceSlice": nodesOf[Reference(.resourceSlice, "", name)] = object["spec"]?["nodeName"]?.string
        default: break
        }
    }

    public mutating func remove(kind: String, namespace: String, name: String) {
        switch kind {
        case "Pod": takePod(PodKey(namespace: namespace, name: name))
        case "PersistentVolume": takeVolume(name)
        case "VolumeAttachment": nodesOf[Reference(.volumeAttachment, "", name)] = nil
        case "ResourceSlice": nodesOf[Reference(.resourceSlice, "", name)] = nil
        default: break
        }
    }

    /// Whether a pod of `node` needs the object, or the object is the node's own.
    public func node(_ node: String, needs reference: Reference) -> Bool {
        if let owner = nodesOf[reference] { return owner == node }
        guard let needed = needs[node] else { return false }
        if needed[reference] != nil { return true }
        switch reference.kind {
        case .persistentVolume: return claims[reference.name].map { needed[$0] != nil } ?? false
        case .secret:
            return (volumeSecrets[reference] ?? []).contains { volume in
                claims[volume].map { needed[$0] != nil } ?? false
            }
        default: return false
        }
    }

    // MARK: - Pods

    private mutating func putPod(_ pod: JSONValue, _ name: String) {
        let key = PodKey(namespace: pod["metadata"]?["namespace"]?.string ?? "", name: name)
        takePod(key)
        guard let node = pod["spec"]?["nodeName"]?.string, !node.isEmpty else { return }
        // A mirror pod is the kubelet's own work: it may name anything, and so opens nothing.
        let isMirror = pod["metadata"]?["annotations"]?["kubernetes.io/config.mirror"] != nil
        var references = isMirror ? [] : PodReferences.all(pod, namespace: key.namespace)
        references.insert(Reference(.pod, key.namespace, name))
        pods[key] = PodPlace(node: node, references: references)
        for reference in references { needs[node, default: [:]][reference, default: 0] += 1 }
    }

    private mutating func takePod(_ key: PodKey) {
        guard let old = pods.removeValue(forKey: key) else { return }
        for reference in old.references {
            guard let count = needs[old.node]?[reference] else { continue }
            needs[old.node]?[reference] = count > 1 ? count - 1 : nil
        }
        if needs[old.node]?.isEmpty == true { needs[old.node] = nil }
    }

    // MARK: - Volumes

    private mutating func putVolume(_ volume: JSONValue, _ name: String) {
        takeVolume(name)
        let claim = volume["spec"]?["claimRef"]
        let namespace = claim?["namespace"]?.string ?? ""
        if let claimName = claim?["name"]?.string {
            claims[name] = Reference(.persistentVolumeClaim, namespace, claimName)
        }
        let secrets = VolumeReferences.secrets(ofVolume: volume["spec"], claimNamespace: namespace)
        guard !secrets.isEmpty else { return }
        secretsOfVolume[name] = secrets
        for secret in secrets { volumeSecrets[secret, default: []].insert(name) }
    }

    private mutating func takeVolume(_ name: String) {
        claims[name] = nil
        for secret in secretsOfVolume.removeValue(forKey: name) ?? [] {
            volumeSecrets[secret]?.remove(name)
            if volumeSecrets[secret]?.isEmpty == true { volumeSecrets[secret] = nil }
        }
    }
}
