import KubeAPI
import KubeSchema
import NodeServices
import RuntimeSpec

/// Turns a container's declaration into what a runtime needs.
public struct ContainerPlanner: Sendable {
    /// What the shell has found out.
    public struct Input: Sendable {
        public var image = ImageConfig()
        /// What `runAsUser`, or else `image.user`, and its groups are in the image's /etc/passwd.
        public var imageUser = ContainerPlan.User()
        public var references = PodReferences()
        /// Opens as the namespace, for the kinds that the pod has of its own.
        public var namespaces: [String: String] = [:]
        /// The folder of each volume.
        public var volumes: [String: String] = [:]
        /// Bound into every container: resolv.conf, hosts, hostname and the like.
        public var extraMounts: [ContainerPlan.Mount] = []
        public var cgroup = ""
        /// Bytes.
        public var nodeMemory: Int64 = 0
        /// Text of a Localhost seccomp profile.
        public var seccompProfile: String?

        public init() {}
    }

    let pod: PodDeclaration
    let container: ContainerDeclaration
    public var input: Input

    public init(_ container: ContainerDeclaration, of pod: PodDeclaration, _ input: Input = Input()) {
        self.pod = pod
        self.container = container
        self.input = input
    }

    /// The container's own wish, else the pod's.
    private func setting(_ name: String) -> JSONValue? {
        container.securityContext?[name] ?? pod.securityContext?[name]
    }

    /// Whom the declaration names, not the image.
    public var declaredUser: UInt32? { setting("runAsUser")?.integer.map { UInt32(clamping: $0) } }

    /// The file of a Localhost seccomp profile, below the node's folder of them; nil for other kinds.
    public var seccompFile: String? {
        get throws(ConfigurationFailure) {
            guard let profile = setting("seccompProfile"), profile["type"]?.string == "Localhost" else { return nil }
            return try VolumePlan.safe(profile["localhostProfile"]?.string ?? "")
        }
    }

    private var isPrivileged: Bool { container.securityContext?["privileged"]?.bool ?? false }

    public func plan() throws(ConfigurationFailure) -> ContainerPlan {
        let environment = try EnvironmentVariables.make(container, of: pod, image: input.image.env, input.references)
        let values = Dictionary(environment.map { ($0.name, $0.value) }) { $1 }
        var plan = ContainerPlan(
            arguments: try arguments(values), environment: environment.map { "\($0.name)=\($0.value)" },
            cgroup: input.cgroup)
        plan.workingDirectory =
            container.json["workingDir"]?.string ?? (input.image.workingDir.isEmpty ? "/" : input.image.workingDir)
        plan.user = try user()
        plan.hasTerminal = container.hasTerminal
        plan.isRootReadOnly = container.securityContext?["readOnlyRootFilesystem"]?.bool ?? false
        setNamespaces(&plan)
        try setMounts(&plan, values)
        try setPrivileges(&plan)
        plan.resources = ContainerAmounts(container).cgroup
        plan.oomScoreAdjustment = QualityOfService(pod).oomScoreAdjustment(
            requested: ContainerAmounts(container).request("memory")?.value ?? 0, nodeMemory: input.nodeMemory)
        plan.annotations = [
            "io.kubernetes.pod.namespace": pod.key.namespace, "io.kubernetes.pod.name": pod.key.name,
            "io.kubernetes.pod.uid": pod.uid, "io.kubernetes.container.name": container.name,
        ]
        return plan
    }

    /// `command` replaces the image's entrypoint and its arguments; `args` alone replaces its arguments.
    private func arguments(_ values: [String: String]) throws(ConfigurationFailure) -> [String] {
        func list(_ field: String) -> [String]? {
            guard let list = container.json[field]?.array, !list.isEmpty else { return nil }
            return list.map { Expansion.expand($0.string ?? "") { values[$0] } }
        }
        let command = list("command")
        let arguments = (command ?? input.image.entrypoint) + (list("args") ?? (command == nil ? input.image.cmd : []))
        guard !arguments.isEmpty else { throw ConfigurationFailure("no command specified") }
        return arguments
    }

    // MARK: - Who

    private func user() throws(ConfigurationFailure) -> ContainerPlan.User {
        var user = input.imageUser
        if let uid = declaredUser { user.uid = uid }
        if let gid = setting("runAsGroup")?.integer { user.gid = UInt32(clamping: gid) }
        var groups = user.additionalGroups
        groups += (pod.securityContext?["supplementalGroups"]?.array ?? []).compactMap(\.integer).map {
            UInt32(clamping: $0)
        }
        if let group = pod.securityContext?["fsGroup"]?.integer { groups.append(UInt32(clamping: group)) }
        user.additionalGroups = groups.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
        if setting("runAsNonRoot")?.bool == true, user.uid == 0 {
            throw ConfigurationFailure(
                "container has runAsNonRoot and image will run as root (pod: \"\(pod.key.name)_\(pod.key.namespace)"
                    + "(\(pod.uid))\", container: \(container.name))")
        }
        return user
    }

    private func setPrivileges(_ plan: inout ContainerPlan) throws(ConfigurationFailure) {
        let security = container.securityContext
        func names(_ field: String) -> [String] {
            security?["capabilities"]?[field]?.array?.compactMap(\.string) ?? []
        }
        plan.isPrivileged = isPrivileged
        plan.addedCapabilities = names("add")
        plan.droppedCapabilities = names("drop")
        plan.allowsPrivilegeEscalation = security?["allowPrivilegeEscalation"]?.bool ?? true
        plan.masksProc = security?["procMount"]?.string != "Unmasked"
        switch setting("seccompProfile")?["type"]?.string {
        case "RuntimeDefault": plan.seccomp = .runtimeDefault
        case "Localhost":
            guard let profile = input.seccompProfile else {
                throw ConfigurationFailure("there is no seccomp profile \(try seccompFile ?? "")")
            }
            plan.seccomp = .profile(profile)
        default: plan.seccomp = .unconfined
        }
    }

    // MARK: - Where

    private func setNamespaces(_ plan: inout ContainerPlan) {
        func namespace(_ kind: String, otherwise: ContainerPlan.Namespace) -> ContainerPlan.Namespace {
            input.namespaces[kind].map { .path($0) } ?? otherwise
        }
        plan.network = namespace("net", otherwise: .host)
        plan.ipc = namespace("ipc", otherwise: .host)
        plan.uts = namespace("uts", otherwise: .host)
        plan.pid = namespace("pid", otherwise: pod.usesHostPID ? .host : .own)
    }

    private func setMounts(_ plan: inout ContainerPlan, _ values: [String: String]) throws(ConfigurationFailure) {
        let given = Set((container.json["volumeMounts"]?.array ?? []).compactMap { $0["mountPath"]?.string })
        plan.mounts = input.extraMounts.filter { !given.contains($0.destination) }
        // Parents before what is mounted inside them.
        let mounts = (container.json["volumeMounts"]?.array ?? []).sorted {
            ($0["mountPath"]?.string ?? "").count < ($1["mountPath"]?.string ?? "").count
        }
        for mount in mounts { plan.mounts.append(try bind(mount, values)) }
    }

    private func bind(
        _ mount: JSONValue, _ values: [String: String]
    ) throws(ConfigurationFailure) -> ContainerPlan.Mount {
        let name = mount["name"]?.string ?? ""
        guard let folder = input.volumes[name] else {
            throw ConfigurationFailure("volume mount \"\(name)\" names no volume of the pod")
        }
        var source = folder
        if let path = mount["subPathExpr"]?.string {
            source += "/" + (try VolumePlan.safe(Expansion.expand(path) { values[$0] }))
        } else if let path = mount["subPath"]?.string, !path.isEmpty {
            source += "/" + (try VolumePlan.safe(path))
        }
        let propagation =
            switch mount["mountPropagation"]?.string {
            case "Bidirectional": "rshared"
            case "HostToContainer": "rslave"
            default: "rprivate"
            }
        let path = mount["mountPath"]?.string ?? ""
        return .bind(
            source, at: path.hasPrefix("/") ? path : "/\(path)", isReadOnly: mount["readOnly"]?.bool ?? false,
            propagation: propagation)
    }

    /// Folders inside volumes that must be there before the container starts, by volume.
    public func subPaths() throws(ConfigurationFailure) -> [(volume: String, path: String)] {
        let environment = try EnvironmentVariables.make(container, of: pod, image: input.image.env, input.references)
        let values = Dictionary(environment.map { ($0.name, $0.value) }) { $1 }
        var list: [(volume: String, path: String)] = []
        for mount in container.json["volumeMounts"]?.array ?? [] {
            let path =
                mount["subPathExpr"]?.string.map { Expansion.expand($0) { values[$0] } } ?? mount["subPath"]?.string
            guard let path, !path.isEmpty, let name = mount["name"]?.string else { continue }
            list.append((name, try VolumePlan.safe(path)))
        }
        return list
    }
}
