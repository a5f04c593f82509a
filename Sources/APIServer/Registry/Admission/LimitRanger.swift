import KubeAPI
import KubeSchema

/// Holds Pods, containers and claims to the LimitRanges of their namespace, and fills in their defaults.
public struct LimitRanger: AdmissionPlugin {
    public let name = "LimitRanger"
    private let objects: StoredObjects

    public init(_ objects: StoredObjects) { self.objects = objects }

    public func handles(_ request: AdmissionRequest) -> Bool {
        switch request.operation {
        case .create: request.isAbout("", "pods") || request.isAbout("", "persistentvolumeclaims")
        case .update: request.isAbout("", "persistentvolumeclaims")
        default: false
        }
    }

    /// The items of every LimitRange, of one type.
    private func limits(_ request: AdmissionRequest, _ type: String) async throws -> [JSONValue] {
        try await objects.list(StorePrefix.limitRanges, namespace: request.namespace).flatMap {
            $0.object[path: "spec", "limits"]?.array ?? []
        }.filter { $0["type"]?.string == type }
    }

    public func admit(_ request: inout AdmissionRequest) async throws {
        guard request.isAbout("", "pods"), var pod = request.object else { return }
        for range in try await objects.list(StorePrefix.limitRanges, namespace: request.namespace) {
            Self.fillIn(&pod, range.object)
        }
        request.object = pod
    }

    private static let annotation = "kubernetes.io/limit-ranger"

    /// What a LimitRange has filled in stands in an annotation of the Pod.
    private static func fillIn(_ pod: inout JSONValue, _ range: JSONValue) {
        let limits = (range[path: "spec", "limits"]?.array ?? []).filter { $0["type"] == "Container" }
        var done: [String] = []
        for (list, what) in [("containers", "container"), ("initContainers", "init container")] {
            guard var containers = pod[path: "spec", list]?.array else { continue }
            for index in containers.indices { done += fillIn(&containers[index], what, limits) }
            pod[path: "spec", list] = .array(containers)
        }
        guard !done.isEmpty else { return }
        pod[path: "metadata", "annotations", annotation] = .string(
            "LimitRanger plugin set: " + done.joined(separator: "; "))
    }

    /// Says what was filled in: `cpu, memory request for container main`.
    private static func fillIn(_ container: inout JSONValue, _ what: String, _ limits: [JSONValue]) -> [String] {
        let name = container["name"]?.string ?? ""
        var done: [String] = []
        for (list, source, word) in [("limits", "default", "limit"), ("requests", "defaultRequest", "request")] {
            var added: Set<String> = []
            for member in limits.flatMap({ $0[source]?.object?.members ?? [] })
            where added.contains(member.key) || container[path: "resources", list]?[member.key] == nil {
                container[path: "resources", list, member.key] = member.value
                added.insert(member.key)
            }
            if !added.isEmpty {
                done.insert("\(added.sorted().joined(separator: ", ")) \(word) for \(what) \(name)", at: 0)
            }
        }
        return done
    }

    public func validate(_ request: AdmissionRequest) async throws {
        guard let object = request.object else { return }
        var findings: [String] = []
        if request.isAbout("", "pods") {
            for limit in try await limits(request, "Container") {
                for container in ["initContainers", "containers"].flatMap({ object[path: "spec", $0]?.array ?? [] }) {
                    let resources = container["resources"]
                    findings += LimitCheck("Container", limit).findings(
                        requests: PodResources.amounts(resources?["requests"]),
                        limits: PodResources.amounts(resources?["limits"]))
                }
            }
            for limit in try await limits(request, "Pod") {
                findings += LimitCheck("Pod", limit).findings(
                    requests: PodResources.total(object, "requests"), limits: PodResources.total(object, "limits"))
            }
        } else {
            for limit in try await limits(request, "PersistentVolumeClaim") {
                let asked = PodResources.amounts(object[path: "spec", "resources", "requests"])
                findings += LimitCheck("PersistentVolumeClaim", limit).findings(requests: asked, limits: asked)
            }
        }
        guard !findings.isEmpty else { return }
        let list = findings.count == 1 ? findings[0] : "[\(findings.joined(separator: ", "))]"
        throw request.forbidden(list)
    }
}

/// One item of a LimitRange, held against what is asked for.
struct LimitCheck {
    private let type: String
    private let minimum: PodResources.Amounts
    private let maximum: PodResources.Amounts
    private let ratio: PodResources.Amounts

    init(_ type: String, _ limit: JSONValue) {
        self.type = type
        minimum = PodResources.amounts(limit["min"])
        maximum = PodResources.amounts(limit["max"])
        ratio = PodResources.amounts(limit["maxLimitRequestRatio"])
    }

    func findings(requests: PodResources.Amounts, limits: PodResources.Amounts) -> [String] {
        var findings: [String] = []
        for (resource, least) in minimum.sorted(by: { $0.key < $1.key }) {
            if let asked = requests[resource], asked < least {
                findings.append("minimum \(resource) usage per \(type) is \(least), but request is \(asked)")
            } else if requests[resource] == nil {
                findings.append("minimum \(resource) usage per \(type) is \(least).  No request is specified")
            } else if let limit = limits[resource], limit < least {
                findings.append("minimum \(resource) usage per \(type) is \(least), but limit is \(limit)")
            }
        }
        for (resource, most) in maximum.sorted(by: { $0.key < $1.key }) {
            if let limit = limits[resource], most < limit {
                findings.append("maximum \(resource) usage per \(type) is \(most), but limit is \(limit)")
            } else if limits[resource] == nil {
                findings.append("maximum \(resource) usage per \(type) is \(most).  No limit is specified")
            } else if let asked = requests[resource], most < asked {
                findings.append("maximum \(resource) usage per \(type) is \(most), but request is \(asked)")
            }
        }
        return findings + ratioFindings(requests, limits)
    }

    /// With six places, as Go's `%f` has.
    private static func fixed(_ number: Double) -> String {
        let millionths = String(Int64((number * 1_000_000).rounded()))
        let padded = String(repeating: "0", count: max(0, 7 - millionths.count)) + millionths
        return "\(padded.dropLast(6)).\(padded.suffix(6))"
    }

    private func ratioFindings(_ requests: PodResources.Amounts, _ limits: PodResources.Amounts) -> [String] {
        ratio.sorted { $0.key < $1.key }.compactMap { resource, most in
            guard let asked = requests[resource], let limit = limits[resource], !asked.isZero else {
                return
                    "\(resource) max limit to request ratio per \(type) is \(most), but no request is specified or request is 0."
            }
            let actual = Double(limit.milliValue) / Double(asked.milliValue)
            guard actual > Double(most.milliValue) / 1000 else { return nil }
            return
                "\(resource) max limit to request ratio per \(type) is \(most), but provided ratio is "
                + Self.fixed(actual)
        }
    }
}
