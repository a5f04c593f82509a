import KubeAPI

/// The rules of a pod's specification, in a Pod and in every template; a file per part of it.
struct PodSpecValidation {
    /// What else is known of the pods.
    struct Context {
        /// nil in a template: pods may differ from it and have no names yet.
        var podName: String?
        /// Volumes that the pods get besides: those of a StatefulSet's claims.
        var otherVolumes: [String] = []
    }

    let spec: FieldCursor
    let context: Context
    /// By name; the value is the kind of its source.
    let volumes: [String: String]
    let claims: Set<String>
    var findings = Findings()

    var isPod: Bool { context.podName != nil }
    var hasHostUsers: Bool { spec["hostUsers"].value != .bool(false) }

    /// What the fields of `spec` break.
    static func check(_ spec: FieldCursor, _ context: Context = Context(), _ findings: inout Findings) {
        var validation = PodSpecValidation(spec, context)
        validation.run()
        for error in validation.findings.errors { findings.add(error) }
    }

    private init(_ spec: FieldCursor, _ context: Context) {
        self.spec = spec
        self.context = context
        var volumes = Dictionary(
            context.otherVolumes.map { ($0, "persistentVolumeClaim") }, uniquingKeysWith: { first, _ in first })
        for volume in spec["volumes"].items {
            volumes[volume["name"].string] = Self.sources(of: volume).first ?? ""
        }
        self.volumes = volumes
        claims = Set(spec["resourceClaims"].items.map { $0["name"].string }.filter { !$0.isEmpty })
    }

    static func sources(of volume: FieldCursor) -> [String] {
        (volume.value?.object?.members ?? []).map(\.key).filter { $0 != "name" && volume[$0].isSet }
    }

    private mutating func run() {
        checkVolumes()
        resourceClaims()
        containers()
        resources()
        findings.labels(spec["nodeSelector"])
        securityContext()
        affinity(spec["affinity"])
        dns()
        gates()
        topologySpread()
        hostUsers()
        names()
        findings.within(spec["activeDeadlineSeconds"], 1...Int64(Int32.max))
        findings.tolerations(spec["tolerations"])
        if spec["overhead"].isSet { overhead() }
        operatingSystem()
    }

    /// All containers with what each list calls itself.
    var allContainers: [FieldCursor] {
        ["initContainers", "containers", "ephemeralContainers"].flatMap { spec[$0].items }
    }

    // MARK: - Small parts

    private mutating func resourceClaims() {
        var seen: Set<String> = []
        for claim in spec["resourceClaims"].items {
            let name = claim["name"]
            if name.isEmpty {
                findings.missing(name)
            } else if !seen.insert(name.string).inserted {
                findings.duplicate(name)
            } else {
                findings.invalid(name, NameFormats.dns1123Label(name.string))
            }
            switch claim.set(among: ["resourceClaimName", "resourceClaimTemplateName"]).count {
            case 0:
                findings.invalid(claim, "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`")
            case 2:
                findings.invalid(
                    claim, "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified")
            default: break
            }
            for field in claim.set(among: ["resourceClaimName", "resourceClaimTemplateName"]) {
                findings.invalid(field, NameFormats.dns1123Subdomain(field.string))
            }
        }
    }

    /// Of the pod as a whole (KEP-2837).
    private mutating func resources() {
        let resources = spec["resources"]
        guard resources.isSet else { return }
        if spec["os"]["name"].string == "windows" {
            return findings.forbidden(resources, "may not be set for a windows pod")
        }
        if resources["claims"].isSet {
            findings.forbidden(resources["claims"], "claims may not be set for Resources at pod-level")
        }
        findings.resourceRequirements(resources, ofPod: true)
        let own = PodResources.amounts(resources["requests"].value)
        for (name, sum) in containerRequests().sorted(by: { $0.key < $1.key }) {
            guard let request = own[name], sum > request else { continue }
            findings.invalid(
                resources["requests"][key: name],
                "must be greater than or equal to aggregate container requests of \(sum)")
        }
        let most = PodResources.amounts(resources["limits"].value)
        for (index, container) in spec["containers"].items.enumerated() {
            for (name, field) in container["resources"]["limits"].entries {
                guard let limit = PodResources.amounts(container["resources"]["limits"].value)[name],
                    let bound = most[name], limit > bound
                else { continue }
                findings.invalid(
                    field.placed(at: "\(resources.path).containers[\(index)][\(name)].limits"),
                    "must be less than or equal to pod limits of \(bound)")
            }
        }
    }

    private func containerRequests() -> PodResources.Amounts {
        var pod: JSONValue = ["spec": spec.value ?? .emptyObject]
        pod[path: "spec", "resources"] = nil
        pod[path: "spec", "overhead"] = nil
        return PodResources.total(pod, "requests")
    }

    private mutating func overhead() {
        for (name, field) in spec["overhead"].entries {
            // Upstream reads it as limits.
            let field = field.placed(at: "\(spec["overhead"].path).limits[\(name)]")
            findings.containerResourceName(name, field)
            findings.amount(field, of: name)
        }
    }

    private mutating func names() {
        let override = spec["hostnameOverride"]
        if override.isSet {
            if spec["setHostnameAsFQDN"].isTrue {
                findings.forbidden(override, "may not be specified when setHostnameAsFQDN is true")
            }
            if spec["hostNetwork"].isTrue {
                findings.forbidden(override, "may not be specified when hostNetwork is true")
            }
            findings.atMost(override, bytes: 64)
            findings.invalid(override, NameFormats.dns1123Subdomain(override.string))
        }
        for name in ["serviceAccountName", "nodeName"] { findings.expect(spec[name], NameFormats.dns1123Subdomain) }
        for name in ["hostname", "subdomain"] { findings.expect(spec[name], NameFormats.dns1123Label) }
        for alias in spec["hostAliases"].items {
            findings.address(alias["ip"])
            for name in alias["hostnames"].items { findings.invalid(name, NameFormats.dns1123Subdomain(name.string)) }
        }
        findings.expect(spec["priorityClassName"], NameFormats.dns1123Subdomain)
        if spec["runtimeClassName"].isSet {
            findings.invalid(
                spec["runtimeClassName"], NameFormats.dns1123Subdomain(spec["runtimeClassName"].string))
        }
    }

    private mutating func gates() {
        for gate in spec["readinessGates"].items {
            findings.invalid(gate["conditionType"], NameFormats.qualifiedName(gate["conditionType"].string))
        }
        var seen: Set<String> = []
        for gate in spec["schedulingGates"].items {
            let place = gate.holding(.string(gate["name"].string))
            findings.invalid(place, NameFormats.qualifiedName(place.string))
            if !seen.insert(place.string).inserted { findings.duplicate(place) }
        }
    }

    private mutating func dns() {
        let config = spec["dnsConfig"]
        if spec["dnsPolicy"].string == "None" {
            guard config.isSet else {
                return findings.missing(config, "must provide `dnsConfig` when `dnsPolicy` is None")
            }
            if config["nameservers"].isEmpty {
                return findings.missing(
                    config["nameservers"], "must provide at least one DNS nameserver when `dnsPolicy` is None")
            }
        }
        let (servers, searches) = (config["nameservers"], config["searches"])
        if servers.count > 3 { findings.invalid(servers, "must not have more than 3 nameservers") }
        for server in servers.items { findings.address(server) }
        if searches.count > 32 { findings.invalid(searches, "must not have more than 32 search paths") }
        if searches.items.map(\.string).joined(separator: " ").utf8.count > 2048 {
            findings.invalid(
                searches, "must not have more than 2048 characters (including spaces) in the search list")
        }
        for search in searches.items where search.string != "." {
            let name = search.string.hasSuffix(".") ? String(search.string.dropLast()) : search.string
            findings.invalid(search.holding(.string(name)), NameFormats.underscoredSubdomain(name))
        }
        for option in config["options"].items where option["name"].isEmpty {
            findings.missing(option, "must not be empty")
        }
    }

    private static let notOnWindows = [
        "appArmorProfile", "seLinuxOptions", "seccompProfile", "fsGroup", "fsGroupChangePolicy", "sysctls",
        "runAsUser", "runAsGroup", "supplementalGroups", "supplementalGroupsPolicy", "seLinuxChangePolicy",
    ]
    private static let notInWindowsContainers = [
        "appArmorProfile", "seLinuxOptions", "seccompProfile", "capabilities", "readOnlyRootFilesystem", "privileged",
        "allowPrivilegeEscalation", "procMount", "runAsUser", "runAsGroup",
    ]

    private mutating func operatingSystem() {
        let name = spec["os"]["name"]
        guard spec["os"].isSet else { return }
        if name.isEmpty { return findings.missing(name) }
        switch name.string {
        case "linux":
            for security in [spec["securityContext"]] + allContainers.map({ $0["securityContext"] })
            where security["windowsOptions"].isSet {
                findings.forbidden(security["windowsOptions"], "windows options cannot be set for a linux pod")
            }
        case "windows":
            let ofPod =
                spec["securityContext"].set(among: Self.notOnWindows)
                + spec.set(among: ["hostUsers", "shareProcessNamespace"])
                + spec.set(among: ["hostPID", "hostIPC"]).filter(\.isTrue)
            let ofContainers = allContainers.flatMap { $0["securityContext"].set(among: Self.notInWindowsContainers) }
            for field in ofPod + ofContainers { findings.forbidden(field, "cannot be set for a windows pod") }
        default: findings.notSupported(name.placed(at: spec["os"].path), ["linux", "windows"])
        }
    }
}
