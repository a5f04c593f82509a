import KubeAPI

/// The levels of the Pod Security Standards (KEP-2579).
public enum PodSecurityLevel: String, Sendable, CaseIterable {
    case privileged, baseline, restricted

    /// What of a Pod the level does not allow; each in upstream's words, such as `hostNamespaces (hostNetwork=true)`.
    func violations(metadata: JSONValue?, spec: JSONValue) -> [String] {
        let pod = PodSecurityChecks(metadata: metadata, spec: spec)
        switch self {
        case .privileged: return []
        case .baseline: return pod.baseline()
        case .restricted: return pod.baseline(isRestricted: true) + pod.restricted()
        }
    }
}

struct PodSecurityChecks {
    let metadata: JSONValue?
    let spec: JSONValue

    private var containers: [JSONValue] {
        ["initContainers", "containers", "ephemeralContainers"].flatMap { spec[$0]?.array ?? [] }
    }

    /// The names of the containers that `isBad` holds for: `container "a"`, `containers "a", "b"`.
    private func named(_ isBad: (JSONValue) -> Bool) -> String? {
        let names = containers.filter(isBad).map { "\"\($0["name"]?.string ?? "")\"" }
        guard !names.isEmpty else { return nil }
        return "\(names.count == 1 ? "container" : "containers") \(names.joined(separator: ", "))"
    }

    func baseline(isRestricted: Bool = false) -> [String] {
        var found: [String] = []
        let shared = ["hostNetwork", "hostPID", "hostIPC"].filter { spec[$0]?.bool == true }
        if !shared.isEmpty { found.append("host namespaces (\(shared.map { "\($0)=true" }.joined(separator: ", ")))") }
        if let subject = named({ $0[path: "securityContext", "privileged"]?.bool == true }) {
            found.append("privileged (\(subject) must not set securityContext.privileged=true)")
        }
        if !isRestricted, let subject = named({ !Self.addedCapabilities($0).isSubset(of: Self.allowedCapabilities) }) {
            let added = containers.flatMap { Self.addedCapabilities($0).subtracting(Self.allowedCapabilities) }.sorted()
            let list = added.map { "\"\($0)\"" }.joined(separator: ", ")
            found.append(
                "non-default capabilities (\(subject) must not include \(list) in securityContext.capabilities.add)")
        }
        let hostPaths = volumes { $0["hostPath"] != nil }
        if !isRestricted, let hostPaths { found.append("hostPath volumes (\(hostPaths))") }
        let ports = containers.flatMap { $0["ports"]?.array ?? [] }.compactMap { $0["hostPort"]?.integer }.filter {
            $0 != 0
        }
        if !ports.isEmpty,
            let subject = named({ ($0["ports"]?.array ?? []).contains { ($0["hostPort"]?.integer ?? 0) != 0 } })
        {
            found.append(
                "hostPort (\(subject) uses hostPort\(ports.count == 1 ? "" : "s") \(ports.map(\.description).joined(separator: ", ")))"
            )
        }
        return found + confinement()
    }

    private static let allowedCapabilities: Set = [
        "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP",
        "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
    ]

    private static func addedCapabilities(_ container: JSONValue) -> Set<String> {
        Set((container[path: "securityContext", "capabilities", "add"]?.array ?? []).compactMap(\.string))
    }

    private func volumes(_ isBad: (JSONValue) -> Bool) -> String? {
        let names = (spec["volumes"]?.array ?? []).filter(isBad).map { "\"\($0["name"]?.string ?? "")\"" }
        guard !names.isEmpty else { return nil }
        return "\(names.count == 1 ? "volume" : "volumes") \(names.joined(separator: ", "))"
    }

    private static let allowedSysctls: Set = [
        "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.ip_unprivileged_port_start",
        "net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range", "net.ipv4.ip_local_reserved_ports",
        "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl",
        "net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem",
    ]

    /// AppArmor, SELinux, /proc, seccomp, sysctls and Windows.
    private func confinement() -> [String] {
        var found: [String] = []
        let contexts = [spec["securityContext"]] + containers.map { $0["securityContext"] }
        if contexts.contains(where: { $0?[path: "appArmorProfile", "type"] == "Unconfined" }) {
            found.append("appArmorProfile (must not set AppArmor profile type to \"Unconfined\")")
        }
        let types: Set = ["", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"]
        let options = contexts.compactMap { $0?["seLinuxOptions"] }
        if options.contains(where: {
            !types.contains($0["type"]?.string ?? "") || $0["user"] != nil || $0["role"] != nil
        }) {
            found.append("seLinuxOptions (pod or containers set forbidden securityContext.seLinuxOptions)")
        }
        if let subject = named({ !["", "Default"].contains($0[path: "securityContext", "procMount"]?.string ?? "") }) {
            found.append("procMount (\(subject) must not set securityContext.procMount to \"Unmasked\")")
        }
        if contexts.contains(where: { $0?[path: "seccompProfile", "type"] == "Unconfined" }) {
            found.append(
                "seccompProfile (pod or containers must not set securityContext.seccompProfile.type to \"Unconfined\")")
        }
        let sysctls = (spec[path: "securityContext", "sysctls"]?.array ?? []).compactMap { $0["name"]?.string }
            .filter { !Self.allowedSysctls.contains($0) }
        if !sysctls.isEmpty { found.append("forbidden sysctls (\(sysctls.joined(separator: ", ")))") }
        if contexts.contains(where: { $0?[path: "windowsOptions", "hostProcess"]?.bool == true }) {
            found.append("hostProcess (pod or containers must not set securityContext.windowsOptions.hostProcess=true)")
        }
        return found
    }

    private static let allowedVolumes: Set = [
        "name", "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim",
        "projected",
        "secret",
    ]

    func restricted() -> [String] {
        var found: [String] = []
        if let subject = named({ $0[path: "securityContext", "allowPrivilegeEscalation"]?.bool != false }) {
            found.append(
                "allowPrivilegeEscalation != false (\(subject) must set securityContext.allowPrivilegeEscalation=false)"
            )
        }
        if let subject = named({ !Self.dropsAll($0) }) {
            found.append("unrestricted capabilities (\(subject) must set securityContext.capabilities.drop=[\"ALL\"])")
        } else if let subject = named({ !Self.addedCapabilities($0).isSubset(of: ["NET_BIND_SERVICE"]) }) {
            found.append(
                "unrestricted capabilities (\(subject) must not include capabilities other than \"NET_BIND_SERVICE\" in securityContext.capabilities.add)"
            )
        }
        let kinds = volumes { ($0.object?.members ?? []).contains { !Self.allowedVolumes.contains($0.key) } }
        if let kinds { found.append("restricted volume types (\(kinds) uses a restricted volume type)") }
        let ofPod = spec[path: "securityContext", "runAsNonRoot"]?.bool
        if let subject = named({ !($0[path: "securityContext", "runAsNonRoot"]?.bool ?? ofPod ?? false) }) {
            found.append("runAsNonRoot != true (pod or \(subject) must set securityContext.runAsNonRoot=true)")
        }
        let contexts = [spec["securityContext"]] + containers.map { $0["securityContext"] }
        if contexts.contains(where: { $0?["runAsUser"]?.integer == 0 }) {
            found.append("runAsUser=0 (pod or containers must not set runAsUser=0)")
        }
        let profile = spec[path: "securityContext", "seccompProfile", "type"]?.string
        let allowed: Set = ["RuntimeDefault", "Localhost"]
        if let subject = named({
            !allowed.contains($0[path: "securityContext", "seccompProfile", "type"]?.string ?? profile ?? "")
        }) {
            found.append(
                "seccompProfile (pod or \(subject) must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\")"
            )
        }
        return found
    }

    private static func dropsAll(_ container: JSONValue) -> Bool {
        (container[path: "securityContext", "capabilities", "drop"]?.array ?? []).contains("ALL")
    }
}
