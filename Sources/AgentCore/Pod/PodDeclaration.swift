import KubeAPI
import RuntimeSpec

/// What the agent reads of a Pod's specification.
public struct PodDeclaration: Sendable, Hashable {
    public enum RestartPolicy: String, Sendable {
        case always = "Always", onFailure = "OnFailure", never = "Never"
    }

    public let object: APIObject
    /// In the order of the object: initial ones (sidecars among them), main ones, ephemeral ones.
    public let containers: [ContainerDeclaration]
    public let restartPolicy: RestartPolicy

    public init(_ object: APIObject) {
        self.object = object
        restartPolicy = object.spec?["restartPolicy"]?.string.flatMap(RestartPolicy.init) ?? .always
        func list(_ field: String, _ role: ContainerDeclaration.Role) -> [ContainerDeclaration] {
            (object.spec?[field]?.array ?? []).map { ContainerDeclaration($0, role) }
        }
        containers =
            list("initContainers", .initial) + list("containers", .main) + list("ephemeralContainers", .ephemeral)
    }

    public var key: NamespacedName { object.key }
    public var uid: String { object.uid }
    private var spec: JSONValue { object.spec ?? .null }

    public func containers(_ role: ContainerDeclaration.Role) -> [ContainerDeclaration] {
        containers.filter { $0.role == role }
    }

    public subscript(container name: String) -> ContainerDeclaration? { containers.first { $0.name == name } }

    /// Seconds.
    public var terminationGrace: Int64 { max(0, spec["terminationGracePeriodSeconds"]?.integer ?? 30) }
    /// Seconds from the pod's start.
    public var activeDeadline: Int64? { spec["activeDeadlineSeconds"]?.integer }
    public var usesHostNetwork: Bool { spec["hostNetwork"]?.bool ?? false }
    public var usesHostPID: Bool { spec["hostPID"]?.bool ?? false }
    public var usesHostIPC: Bool { spec["hostIPC"]?.bool ?? false }
    /// False asks for a user namespace of its own.
    public var usesHostUsers: Bool { spec["hostUsers"]?.bool ?? true }
    public var sharesProcesses: Bool { spec["shareProcessNamespace"]?.bool ?? false }
    public var securityContext: JSONValue? { spec["securityContext"] }
    /// Values by names, whose parts have dots between them.
    public var sysctls: [String: String] {
        let list = (securityContext?["sysctls"]?.array ?? []).map { sysctl in
            (SysctlNamespace.normalized(sysctl["name"]?.string ?? ""), sysctl["value"]?.string ?? "")
        }
        return Dictionary(list) { $1 }
    }
    public var volumes: [JSONValue] { spec["volumes"]?.array ?? [] }
    public var serviceAccount: String { spec["serviceAccountName"]?.string ?? "default" }
    public var enablesServiceLinks: Bool { spec["enableServiceLinks"]?.bool ?? true }
    public var priority: Int64 { spec["priority"]?.integer ?? 0 }
    /// It stays when the node runs short (kubelet's IsCriticalPod).
    public var isCritical: Bool { priority >= 2_000_000_000 || StaticPod.isStatic(object) }
    public var readinessGates: [String] {
        spec["readinessGates"]?.array?.compactMap { $0["conditionType"]?.string } ?? []
    }

    /// The host name inside the pod: at most 63 characters of its name, unless it says otherwise.
    public var hostname: String {
        let name = spec["hostname"]?.string ?? object.name
        var label = String(name.prefix(63))
        while label.hasSuffix("-") || label.hasSuffix(".") { label.removeLast() }
        return label
    }

    /// With its subdomain in the cluster's domain; nil for a pod without subdomain.
    public func fullName(domain: String) -> String? {
        guard let subdomain = spec["subdomain"]?.string, !subdomain.isEmpty else { return nil }
        return "\(hostname).\(subdomain).\(key.namespace).svc.\(domain)"
    }

    /// What `hostname` says inside: the full name where setHostnameAsFQDN wants it.
    public func kernelHostname(domain: String) throws(ConfigurationFailure) -> String {
        guard spec["setHostnameAsFQDN"]?.bool == true, let name = fullName(domain: domain) else { return hostname }
        guard name.utf8.count <= 64 else {
            throw ConfigurationFailure(
                "failed to construct FQDN from pod hostname and cluster domain, FQDN \(name) is too long "
                    + "(64 characters is the max, \(name.utf8.count) characters requested)")
        }
        return name
    }

    /// Seconds of grace once deletion has been asked for; nil before.
    public var deletionGrace: Int64? {
        guard object.isBeingDeleted else { return nil }
        return object.metadata?["deletionGracePeriodSeconds"]?.integer ?? terminationGrace
    }

    /// Nanoseconds since 1970: when a node took it up first.
    public var startTime: Int64? { object.status?["startTime"]?.string.flatMap(RFC3339.nanoseconds) }

    /// Whom all its containers run as, when their declarations agree; ephemeral ones do not count.
    public var soleUser: Int64? {
        let own = securityContext?["runAsUser"]
        let users = Set(
            containers.filter { $0.role != .ephemeral }.map { ($0.securityContext?["runAsUser"] ?? own)?.integer })
        return users.count == 1 ? users.first ?? nil : nil
    }

    /// True for what has ended before, whoever ended it.
    public var isTerminal: Bool { ["Succeeded", "Failed"].contains(object.status?["phase"]?.string) }
}

public struct ContainerDeclaration: Sendable, Hashable {
    public enum Role: String, Sendable {
        case initial, main, ephemeral
    }

    public let json: JSONValue
    public let role: Role
    public let name: String

    public init(_ json: JSONValue, _ role: Role) {
        self.json = json
        self.role = role
        name = json["name"]?.string ?? ""
    }

    public var image: String { json["image"]?.string ?? "" }
    /// An initial container that goes on while the main ones run (KEP-753).
    public var isSidecar: Bool { role == .initial && json["restartPolicy"]?.string == "Always" }
    /// In place of the pod's.
    var restartPolicy: PodDeclaration.RestartPolicy? {
        json["restartPolicy"]?.string.flatMap(PodDeclaration.RestartPolicy.init)
    }
    public var securityContext: JSONValue? { json["securityContext"] }
    /// In place of the image's; nil for that.
    public var stopSignal: String? { json["lifecycle"]?["stopSignal"]?.string }
    /// Of an ephemeral container: whose processes it sees.
    public var target: String? { json["targetContainerName"]?.string.flatMap { $0.isEmpty ? nil : $0 } }
    public var hasStdin: Bool { json["stdin"]?.bool ?? false }
    public var closesStdinOnce: Bool { json["stdinOnce"]?.bool ?? false }
    public var hasTerminal: Bool { json["tty"]?.bool ?? false }
    public var terminationMessagePath: String { json["terminationMessagePath"]?.string ?? "/dev/termination-log" }
    public var takesMessageFromLog: Bool { json["terminationMessagePolicy"]?.string == "FallbackToLogsOnError" }
    public var postStart: JSONValue? { json["lifecycle"]?["postStart"] }
    public var preStop: JSONValue? { json["lifecycle"]?["preStop"] }

    public func probe(_ kind: ProbeKind) -> ProbeDeclaration? {
        json["\(kind.rawValue)Probe"].map(ProbeDeclaration.init)
    }

    /// Whether a rule of its own wants it to run again, whatever its policy (KEP-5307).
    func rulesRestart(_ exitCode: Int32) -> Bool {
        (json["restartPolicyRules"]?.array ?? []).contains { rule in
            let holds = rule["exitCodes"]?["values"]?.array?.contains(.integer(Int64(exitCode))) ?? false
            switch rule["exitCodes"]?["operator"]?.string {
            case "In": return holds && rule["action"] == "Restart"
            case "NotIn": return !holds && rule["action"] == "Restart"
            default: return false
            }
        }
    }

    /// Always, IfNotPresent or Never; by the tag when nothing is said.
    public var pullPolicy: String {
        if let policy = json["imagePullPolicy"]?.string { return policy }
        return image.hasSuffix(":latest")
            || !image.split(separator: "/").suffix(1).joined().contains(":")
                && !image.contains("@")
            ? "Always" : "IfNotPresent"
    }
}

public enum ProbeKind: String, Sendable, CaseIterable {
    case startup, readiness, liveness
}

/// core/v1 Probe; times in seconds.
public struct ProbeDeclaration: Sendable, Hashable {
    public let json: JSONValue

    public init(_ json: JSONValue) { self.json = json }

    private func number(_ field: String, _ normal: Int64, least: Int64 = 1) -> Int64 {
        min(max(json[field]?.integer ?? normal, least), 1_000_000)
    }

    public var initialDelay: Int64 { number("initialDelaySeconds", 0, least: 0) }
    public var period: Int64 { number("periodSeconds", 10) }
    public var timeout: Int64 { number("timeoutSeconds", 1) }
    public var successThreshold: Int64 { number("successThreshold", 1) }
    public var failureThreshold: Int64 { number("failureThreshold", 3) }
    public var terminationGrace: Int64? { json["terminationGracePeriodSeconds"]?.integer }
}
