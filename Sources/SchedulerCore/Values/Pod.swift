import KubeAPI
import KubeSchema

/// What scheduling reads of a pod. Immutable, so that it is shared and never copied.
public final class Pod: Sendable {
    public let key: NamespacedName
    public let uid: String
    public let labels: [String: String]
    /// Seconds since 1970.
    public let created: Int64
    /// Seconds since 1970; when the kubelet took it, or `created`.
    public let started: Int64
    /// Deletion has been asked for.
    public let isTerminating: Bool
    /// It is to make room for another pod (status.conditions: DisruptionTarget).
    let isPreempted: Bool
    /// Succeeded or Failed: it holds nothing any more.
    public let isFinished: Bool
    /// Empty while it has none.
    public let nodeName: String
    /// status.nominatedNodeName
    public let nominatedNode: String
    public let schedulerName: String
    public let priority: Int64
    /// preemptionPolicy: Never
    public let neverPreempts: Bool
    /// Names of spec.schedulingGates.
    public let gates: [String]
    /// Of status.conditions: PodScheduled.
    public let scheduledCondition: ScheduledCondition?

    let controller: PodController?
    let requests: Resources
    /// For scores; containers that ask for nothing count as a little.
    let assumedRequests: Resources
    let ports: [HostPort]
    /// Normalised names of the containers' images, init containers among them.
    let images: [String]
    let nodeSelection: NodeSelection
    let tolerations: [Toleration]
    let affinities: PodAffinities
    let spread: [SpreadConstraint]
    /// The PersistentVolumeClaims that it mounts, each once.
    let claims: [Claim]

    struct Claim: Sendable, Hashable {
        let name: String
        /// Made for this pod alone, for a generic ephemeral volume.
        let isEphemeral: Bool
    }

    public struct ScheduledCondition: Sendable, Hashable {
        public var status: String
        public var reason: String
        public var message: String
    }

    /// core/v1 Pod. Only what scheduling depends on must be readable.
    public init(json: JSONValue) throws(DecodingFailure) {
        let metadata = json["metadata"] ?? .emptyObject
        let spec = json["spec"] ?? .emptyObject
        let status = json["status"]
        guard let name = metadata["name"]?.string, !name.isEmpty else {
            throw DecodingFailure("metadata.name", "required")
        }
        let key = NamespacedName(namespace: metadata["namespace"]?.string ?? "", name: name)
        let labels = metadata["labels"].labels
        self.key = key
        self.labels = labels
        uid = metadata["uid"]?.string ?? ""
        created = metadata["creationTimestamp"].seconds ?? 0
        started = status?["startTime"].seconds ?? created
        controller = PodController(metadata: metadata)
        isTerminating = metadata["deletionTimestamp"]?.string != nil
        isPreempted = (status?["conditions"]?.array ?? []).contains {
            $0["type"]?.string == "DisruptionTarget" && $0["status"]?.string == "True"
                && $0["reason"]?.string == "PreemptionByScheduler"
        }
        isFinished = ["Succeeded", "Failed"].contains(status?["phase"]?.string)
        nodeName = spec["nodeName"]?.string ?? ""
        nominatedNode = status?["nominatedNodeName"]?.string ?? ""
        schedulerName = spec["schedulerName"]?.string ?? "default-scheduler"
        priority = min(max(spec["priority"]?.integer ?? 0, Int64(Int32.min)), Int64(Int32.max))
        neverPreempts = spec["preemptionPolicy"]?.string == "Never"
        gates = (spec["schedulingGates"]?.array ?? []).compactMap { $0["name"]?.string }
        scheduledCondition = status.flatMap(ScheduledCondition.init(status:))
        ports = HostPort.all(in: spec)
        let containers = (spec["initContainers"]?.array ?? []) + (spec["containers"]?.array ?? [])
        images = containers.map { ImageName.normalised($0["image"]?.string ?? "") }
        tolerations = [Toleration](spec: spec)
        claims = Self.claims(spec, pod: name)
        do throws(DecodingFailure) {
            let requests = try PodRequests(spec: spec)
            self.requests = requests.requests
            assumedRequests = requests.assumed
            nodeSelection = try NodeSelection(spec: spec)
            affinities = try PodAffinities(spec: spec, namespace: key.namespace, labels: labels)
            spread = try SpreadConstraint.all(in: spec, namespace: key.namespace, labels: labels)
        } catch {
            throw error.under("spec")
        }
    }

    var claimKeys: [NamespacedName] { claims.map { NamespacedName(namespace: key.namespace, name: $0.name) } }

    private static func claims(_ spec: JSONValue, pod: String) -> [Claim] {
        var seen: Set<String> = []
        return (spec["volumes"]?.array ?? []).compactMap { volume -> Claim? in
            if let claim = volume["persistentVolumeClaim"]?["claimName"]?.string {
                return Claim(name: claim, isEphemeral: false)
            }
            guard volume["ephemeral"]?.object != nil, let name = volume["name"]?.string else { return nil }
            return Claim(name: "\(pod)-\(name)", isEphemeral: true)
        }.filter { seen.insert($0.name).inserted }
    }
}

extension Pod.ScheduledCondition {
    fileprivate init?(status: JSONValue) {
        let condition = (status["conditions"]?.array ?? []).first { $0["type"]?.string == "PodScheduled" }
        guard let condition else { return nil }
        self.init(
            status: condition["status"]?.string ?? "", reason: condition["reason"]?.string ?? "",
            message: condition["message"]?.string ?? "")
    }
}

extension JSONValue? {
    /// Of an object of strings.
    var labels: [String: String] {
        guard let object = self?.object else { return [:] }
        return Dictionary(object.members.map { ($0.key, $0.value.string ?? "") }) { $1 }
    }

    /// Of a metav1.Time, since 1970.
    var seconds: Int64? { self?.string.flatMap { RFC3339.seconds($0) } }
}
