import KubeAPI
import KubeSchema
import RuntimeSpec

/// How well a pod is provided for (core/v1 PodQOSClass), and what follows for its cgroup and the out-of-memory killer.
public enum QualityOfService: String, Sendable {
    case guaranteed = "Guaranteed", burstable = "Burstable", bestEffort = "BestEffort"

    public init(_ pod: PodDeclaration) {
        var hasAny = false
        var isGuaranteed = true
        for container in pod.containers where container.role != .ephemeral {
            let amounts = ContainerAmounts(container)
            for resource in ["cpu", "memory"] {
                let limit = amounts.limit(resource)
                let request = amounts.request(resource)
                if request?.isZero == false || limit?.isZero == false { hasAny = true }
                guard let limit, !limit.isZero, request == nil || request == limit else {
                    isGuaranteed = false
                    continue
                }
            }
        }
        self = !hasAny ? .bestEffort : isGuaranteed ? .guaranteed : .burstable
    }

    /// Of the pod below the cgroup of all pods.
    public func cgroup(ofPod uid: String) -> String {
        switch self {
        case .guaranteed: "/pod\(uid)"
        case .burstable: "/burstable/pod\(uid)"
        case .bestEffort: "/besteffort/pod\(uid)"
        }
    }

    /// kubelet's pkg/kubelet/qos: a burstable container counts less the more of the node's memory it asks for.
    public func oomScoreAdjustment(requested: Int64, nodeMemory: Int64) -> Int {
        switch self {
        case .guaranteed: return -997
        case .bestEffort: return 1000
        case .burstable:
            guard nodeMemory > 0 else { return 999 }
            let share = Int(Double(min(requested, nodeMemory)) * 1000 / Double(nodeMemory))
            return min(max(1000 - share, 3), 999)
        }
    }
}

/// What one container asks for and may use at most.
public struct ContainerAmounts: Sendable {
    private let resources: JSONValue

    public init(_ container: ContainerDeclaration) { resources = container.json["resources"] ?? .null }

    public func request(_ resource: String) -> Quantity? { Self.quantity(resources["requests"]?[resource]) }
    public func limit(_ resource: String) -> Quantity? { Self.quantity(resources["limits"]?[resource]) }

    private static func quantity(_ json: JSONValue?) -> Quantity? {
        switch json {
        case .string(let text): try? Quantity(parsing: text)
        case .integer(let number): Quantity(number)
        default: nil
        }
    }

    /// Limits of its cgroup; a container without requests asks for what its limit is.
    public var cgroup: Resources { Self.resources([self]) }

    /// Limits of the cgroup of all of them: only where each has one.
    public static func resources(_ containers: [ContainerAmounts]) -> Resources {
        var resources = Resources()
        let requests = containers.map { ($0.request("cpu") ?? $0.limit("cpu"))?.milliValue ?? 0 }
        resources.cpuShares = shares(milli: requests.reduce(0, +))
        let cpu = containers.map { $0.limit("cpu")?.milliValue ?? 0 }
        if !cpu.contains(0), !cpu.isEmpty {
            resources.cpuPeriod = 100_000
            resources.cpuQuota = max(1000, cpu.reduce(0, +) * 100)
        }
        let memory = containers.map { $0.limit("memory")?.value ?? 0 }
        if !memory.contains(0), !memory.isEmpty { resources.memoryLimit = memory.reduce(0, +) }
        return resources
    }

    static func shares(milli: Int64) -> Int64 { min(max(milli * 1024 / 1000, 2), 262_144) }
}
