import KubeAPI

/// The levels of the Pod Security Standards (KEP-2579).
public enum PodSecurityLevel: String, Sendable, CaseIterable, Comparable {
    case privileged, baseline, restricted

    /// What of a Pod the level does not allow, in upstream's order: by the names of its checks, those of baseline first.
    func violations(metadata: JSONValue?, spec: JSONValue) -> [PodSecurityViolation] {
        let pod = PodSecurityChecks(metadata: metadata, spec: spec)
        switch self {
        case .privileged: return []
        case .baseline: return pod.baseline()
        case .restricted: return pod.baseline(isRestricted: true) + pod.restricted()
        }
    }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    public static func < (a: PodSecurityLevel, b: PodSecurityLevel) -> Bool { a.rank < b.rank }
}

/// Something that a level forbids: `privileged`, and which container does it.
struct PodSecurityViolation: Sendable, Hashable, CustomStringConvertible {
    let reason: String
    let detail: String

    init(_ reason: String, _ detail: String) { (self.reason, self.detail) = (reason, detail) }

    var description: String { detail.isEmpty ? reason : "\(reason) (\(detail))" }
}

struct PodSecurityChecks {
    let metadata: JSONValue?
    let spec: JSONValue

    private typealias Violation = PodSecurityViolation

    private var containers: [JSONValue] {
        ["initContainers", "containers", "ephemeralContainers"].flatMap { spec[$0]?.array ?? [] }
    }

    private static func name(_ object: JSONValue) -> String { object["name"]?.string ?? "" }

    private static func quoted(_ names: some Sequence<String>) -> String {
        names.map { "\"\($0)\"" }.joined(separator: ", ")
    }

    private static func plural(_ count: Int, _ one: String, _ many: String) -> String { count == 1 ? one : many }

    /// `container "a"`, `containers "a", "b"`; nil for none.
    private static func subject(_ names: [String]) -> String? {
        names.isEmpty ? nil : "\(plural(names.count, "container", "containers")) \(quoted(names))"
    }

    private func named(_ isBad: (JSONValue) -> Bool) -> String? {
        Self.subject(containers.filter(isBad).map(Self.name))
    }

    /// `pod and container "a"`, of those whose security context is bad; nil for none.
    private func setters(_ isBad: (JSONValue) -> Bool) -> String? {
        let pod = spec["securityContext"].map(isBad) == true ? ["pod"] : []
        let all = pod + [named { $0["securityContext"].map(isBad) ?? false }].compactMap(\.self)
        return all.isEmpty ? nil : all.joined(separator: " and ")
    }

    private var contexts: [JSONValue] { ([spec] + containers).compactMap { $0["securityContext"] } }

    // MARK: Baseline

    func baseline(isRestricted: Bool = false) -> [PodSecurityViolation] {
        [
            appArmor, isRestricted ? nil : capabilities, hostNamespaces, isRestricted ? nil : hostPaths, hostPorts,
            hosts, privileged, procMount, seLinux, isRestricted ? nil : unconfined, sysctls, hostProcess,
        ].compactMap(\.self)
    }

    private var appArmor: Violation? {
        let isBad = { (context: JSONValue) in context[path: "appArmorProfile", "type"] == "Unconfined" }
        guard let subject = setters(isBad) else { return nil }
        let count = contexts.count(where: isBad)
        return Violation(
            Self.plural(count, "forbidden AppArmor profile", "forbidden AppArmor profiles"),
            "\(subject) must not set AppArmor profile type to \"Unconfined\"")
    }

    private static let allowedCapabilities: Set = [
        "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP",
        "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
    ]

    private static func added(_ container: JSONValue, besides allowed: Set<String>) -> Set<String> {
        Set((container[path: "securityContext", "capabilities", "add"]?.array ?? []).compactMap(\.string))
            .subtracting(allowed)
    }

    /// `container "a" must not include "B" in securityContext.capabilities.add`
    private func forbiddenCapabilities(besides allowed: Set<String>) -> String? {
        guard let subject = named({ !Self.added($0, besides: allowed).isEmpty }) else { return nil }
        let all = Set(containers.flatMap { Self.added($0, besides: allowed) }).sorted()
        return "\(subject) must not include \(Self.quoted(all)) in securityContext.capabilities.add"
    }

    private var capabilities: Violation? {
        forbiddenCapabilities(besides: Self.allowedCapabilities).map { Violation("non-default capabilities", $0) }
    }

    private var hostNamespaces: Violation? {
        let shared = ["hostNetwork", "hostPID", "hostIPC"].filter { spec[$0]?.bool == true }
        guard !shared.isEmpty else { return nil }
        return Violation("host namespaces", shared.map { "\($0)=true" }.joined(separator: ", "))
    }

    private var hostPaths: Violation? {
        let names = (spec["volumes"]?.array ?? []).filter { $0["hostPath"] != nil }.map(Self.name)
        guard !names.isEmpty else { return nil }
        return Violation(
            "hostPath volumes", "\(Self.plural(names.count, "volume", "volumes")) \(Self.quoted(names))")
    }

    private var hostPorts: Violation? {
        func ports(_ container: JSONValue) -> [String] {
            (container["ports"]?.array ?? []).compactMap { $0["hostPort"]?.integer }.filter { $0 != 0 }.map(String.init)
        }
        let bad = containers.filter { !ports($0).isEmpty }
        guard let subject = Self.subject(bad.map(Self.name)) else { return nil }
        let all = Set(bad.flatMap(ports)).sorted()
        let verb = Self.plural(bad.count, "uses", "use")
        let noun = Self.plural(all.count, "hostPort", "hostPorts")
        return Violation("hostPort", "\(subject) \(verb) \(noun) \(all.joined(separator: ", "))")
    }

    /// Of probes and lifecycle handlers: since 1.34.
    private var hosts: Violation? {
        let places = [
            ["livenessProbe"], ["readinessProbe"], ["startupProbe"], ["lifecycle", "postStart"],
            ["lifecycle", "preStop"],
        ]
        func hosts(_ container: JSONValue) -> [String] {
            places.compactMap { container[path: $0[...]] }.flatMap { handler in
                ["httpGet", "tcpSocket"].compactMap { handler[path: $0, "host"]?.string }.filter { !$0.isEmpty }
            }
        }
        let bad = containers.filter { !hosts($0).isEmpty }
        guard let subject = Self.subject(bad.map(Self.name).sorted()) else { return nil }
        let all = Set(bad.flatMap(hosts)).sorted()
        let verb = Self.plural(bad.count, "uses", "use")
        let noun = Self.plural(all.count, "probe or lifecycle host", "probe or lifecycle hosts")
        return Violation("probe or lifecycle host", "\(subject) \(verb) \(noun) \(Self.quoted(all))")
    }

    private var privileged: Violation? {
        named { $0[path: "securityContext", "privileged"]?.bool == true }.map {
            Violation("privileged", "\($0) must not set securityContext.privileged=true")
        }
    }

    private var procMount: Violation? {
        named { !["", "Default"].contains($0[path: "securityContext", "procMount"]?.string ?? "") }.map {
            Violation("procMount", "\($0) must not set securityContext.procMount to \"Unmasked\"")
        }
    }

    private static let allowedTypes: Set = [
        "", "container_t", "container_init_t", "container_kvm_t", "container_engine_t",
    ]

    private var seLinux: Violation? {
        func type(_ context: JSONValue) -> String { context[path: "seLinuxOptions", "type"]?.string ?? "" }
        func sets(_ context: JSONValue, _ field: String) -> Bool {
            !(context[path: "seLinuxOptions", field]?.string ?? "").isEmpty
        }
        let subject = setters { !Self.allowedTypes.contains(type($0)) || sets($0, "user") || sets($0, "role") }
        guard let subject else { return nil }
        let types = Set(contexts.map(type)).subtracting(Self.allowedTypes).sorted()
        var found: [String] = []
        if !types.isEmpty { found.append("\(Self.plural(types.count, "type", "types")) \(Self.quoted(types))") }
        for field in ["user", "role"] where contexts.contains(where: { sets($0, field) }) {
            found.append("\(field) may not be set")
        }
        return Violation(
            "seLinuxOptions",
            "\(subject) set forbidden securityContext.seLinuxOptions: \(found.joined(separator: "; "))")
    }

    private static func profile(_ context: JSONValue) -> String? { context[path: "seccompProfile", "type"]?.string }

    private static func isConfined(_ profile: String) -> Bool { profile == "RuntimeDefault" || profile == "Localhost" }

    /// Seccomp profiles that are named and not allowed.
    private var unconfined: Violation? {
        let isBad = { (context: JSONValue) in Self.profile(context).map { !Self.isConfined($0) } ?? false }
        guard let subject = setters(isBad) else { return nil }
        let values = Set(contexts.filter(isBad).compactMap(Self.profile)).sorted()
        return Violation(
            "seccompProfile", "\(subject) must not set securityContext.seccompProfile.type to \(Self.quoted(values))")
    }

    private static let allowedSysctls: Set = [
        "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.ip_unprivileged_port_start",
        "net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range", "net.ipv4.ip_local_reserved_ports",
        "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl",
        "net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem",
    ]

    private var sysctls: Violation? {
        let names = (spec[path: "securityContext", "sysctls"]?.array ?? []).map(Self.name)
            .filter { !Self.allowedSysctls.contains($0) }
        return names.isEmpty ? nil : Violation("forbidden sysctls", names.joined(separator: ", "))
    }

    private var hostProcess: Violation? {
        setters { $0[path: "windowsOptions", "hostProcess"]?.bool == true }.map {
            Violation("hostProcess", "\($0) must not set securityContext.windowsOptions.hostProcess=true")
        }
    }

    // MARK: Restricted

    func restricted() -> [PodSecurityViolation] {
        // What Linux alone has.
        let isWindows = spec[path: "os", "name"] == "windows"
        return [
            isWindows ? nil : escalation, isWindows ? nil : unrestrictedCapabilities, volumes, root, rootUser,
            isWindows ? nil : seccomp,
        ].compactMap(\.self)
    }

    private var escalation: Violation? {
        named { $0[path: "securityContext", "allowPrivilegeEscalation"]?.bool != false }.map {
            Violation(
                "allowPrivilegeEscalation != false", "\($0) must set securityContext.allowPrivilegeEscalation=false")
        }
    }

    private var unrestrictedCapabilities: Violation? {
        let keeping = named { container in
            !(container[path: "securityContext", "capabilities", "drop"]?.array ?? []).contains("ALL")
        }
        let details = [
            keeping.map { "\($0) must set securityContext.capabilities.drop=[\"ALL\"]" },
            forbiddenCapabilities(besides: ["NET_BIND_SERVICE"]),
        ].compactMap(\.self)
        return details.isEmpty ? nil : Violation("unrestricted capabilities", details.joined(separator: "; "))
    }

    private static let allowedVolumes: Set = [
        "name", "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim",
        "projected", "secret",
    ]

    private var volumes: Violation? {
        func types(_ volume: JSONValue) -> [String] {
            (volume.object?.members ?? []).map(\.key).filter { !Self.allowedVolumes.contains($0) }
        }
        let bad = (spec["volumes"]?.array ?? []).filter { !types($0).isEmpty }
        guard !bad.isEmpty else { return nil }
        let all = Set(bad.flatMap(types)).sorted()
        let noun = Self.plural(bad.count, "volume", "volumes")
        let verb = Self.plural(bad.count, "uses", "use")
        let type = Self.plural(all.count, "restricted volume type", "restricted volume types")
        return Violation(
            "restricted volume types",
            "\(noun) \(Self.quoted(bad.map(Self.name))) \(verb) \(type) \(Self.quoted(all))")
    }

    private var root: Violation? {
        let reason = "runAsNonRoot != true"
        if let subject = setters({ $0["runAsNonRoot"]?.bool == false }) {
            return Violation(reason, "\(subject) must not set securityContext.runAsNonRoot=false")
        }
        guard spec[path: "securityContext", "runAsNonRoot"]?.bool != true else { return nil }
        return named { $0[path: "securityContext", "runAsNonRoot"] == nil }.map {
            Violation(reason, "pod or \($0) must set securityContext.runAsNonRoot=true")
        }
    }

    private var rootUser: Violation? {
        setters { $0["runAsUser"]?.integer == 0 }.map { Violation("runAsUser=0", "\($0) must not set runAsUser=0") }
    }

    private var seccomp: Violation? {
        if let unconfined { return unconfined }
        guard spec["securityContext"].flatMap(Self.profile) == nil else { return nil }
        return named { $0["securityContext"].flatMap(Self.profile) == nil }.map {
            Violation(
                "seccompProfile",
                "pod or \($0) must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\"")
        }
    }
}
