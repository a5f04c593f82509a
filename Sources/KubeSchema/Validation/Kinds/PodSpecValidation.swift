import KubeAPI

/// The rules of a pod's specification, in a Pod and in every template.
struct PodSpecValidation {
    let spec: FieldCursor
    var findings = Findings()

    /// What the fields of `spec` break.
    static func check(_ spec: FieldCursor, _ findings: inout Findings) {
        var validation = PodSpecValidation(spec: spec)
        validation.run()
        for error in validation.findings.errors { findings.add(error) }
    }

    private var volumes: Set<String> { Set(spec["volumes"].items.map { $0["name"].string }) }

    private mutating func run() {
        checkVolumes()
        containers()
        names()
        scheduling()
        dns()
        securityContext()
        if let deadline = spec["activeDeadlineSeconds"].integer, !(1...Int64(Int32.max)).contains(deadline) {
            findings.invalid(spec["activeDeadlineSeconds"], "must be between 1 and 2147483647, inclusive")
        }
    }

    // MARK: - Containers

    private mutating func containers() {
        if spec["containers"].isEmpty { findings.missing(spec["containers"]) }
        let all = ["initContainers", "containers", "ephemeralContainers"].flatMap { spec[$0].items }
        var names: Set<String> = []
        let volumes = volumes
        for container in all {
            check(container: container, volumes)
            if !container["name"].isEmpty, !names.insert(container["name"].string).inserted {
                findings.duplicate(container["name"])
            }
        }
        for container in spec["initContainers"].items where container["restartPolicy"].string != "Always" {
            for field in container.set(among: ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"]) {
                findings.forbidden(field, "may not be set for init containers without restartPolicy=Always")
            }
        }
        hostPorts(spec["containers"].items)
    }

    private mutating func check(container: FieldCursor, _ volumes: Set<String>) {
        findings.requireFormat(container["name"], NameFormats.dns1123Label)
        let image = container["image"]
        if image.isEmpty {
            findings.missing(image)
        } else if image.string.first == " " || image.string.last == " " {
            findings.invalid(image, "must not have leading or trailing whitespace")
        }
        ports(container["ports"])
        environment(container["env"])
        for mount in container["volumeMounts"].items { volumeMount(mount, volumes, container) }
        findings.unique(container["volumeMounts"].items.map { $0["mountPath"] })
        for name in ["livenessProbe", "readinessProbe", "startupProbe"] where container[name].isSet {
            probe(container[name], name)
        }
        for hook in container["lifecycle"].set(among: ["postStart", "preStop"]) {
            handler(hook, ["exec", "httpGet", "tcpSocket", "sleep"])
        }
        resources(container["resources"])
        let security = container["securityContext"]
        if security["privileged"].isTrue, security["allowPrivilegeEscalation"].value == .bool(false) {
            findings.invalid(
                security, "cannot set `allowPrivilegeEscalation` to false and `privileged` to true")
        }
        for name in ["runAsUser", "runAsGroup"] { findings.within(security[name], 0...Int64(Int32.max)) }
    }

    private mutating func ports(_ ports: FieldCursor) {
        var names: Set<String> = []
        for port in ports.items {
            if !port["name"].isEmpty {
                findings.invalid(port["name"], NameFormats.portName(port["name"].string))
                if !names.insert(port["name"].string).inserted { findings.duplicate(port["name"]) }
            }
            if (port["containerPort"].integer ?? 0) == 0 {
                findings.missing(port["containerPort"])
            } else {
                findings.port(port["containerPort"])
            }
            if let host = port["hostPort"].integer, host != 0 {
                findings.port(port["hostPort"])
                if spec["hostNetwork"].isTrue, host != port["containerPort"].integer {
                    findings.invalid(port["containerPort"], "must match `hostPort` when `hostNetwork` is true")
                }
            }
            findings.require(port["protocol"])
        }
    }

    private mutating func hostPorts(_ containers: [FieldCursor]) {
        var seen: Set<JSONValue> = []
        for port in containers.flatMap({ $0["ports"].items }) where (port["hostPort"].integer ?? 0) != 0 {
            let key: JSONValue = [
                .string(port["protocol"].string), .string(port["hostIP"].string), port["hostPort"].value ?? 0,
            ]
            if !seen.insert(key).inserted { findings.duplicate(port["hostPort"]) }
        }
    }

    private mutating func environment(_ list: FieldCursor) {
        for variable in list.items {
            let (name, source) = (variable["name"], variable["valueFrom"])
            if name.isEmpty {
                findings.missing(name)
            } else {
                findings.invalid(name, NameFormats.environmentVariable(name.string))
            }
            guard source.isSet else { continue }
            if !variable["value"].isEmpty {
                findings.invalid(source.holding(""), "may not be specified when `value` is not empty")
            }
            let kinds = ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"]
            let given = source.set(among: kinds)
            if given.isEmpty {
                findings.invalid(
                    source.holding(""),
                    "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`"
                )
            } else if given.count > 1 {
                findings.invalid(
                    source.holding(""), "may not have more than one field specified at a time")
            }
            for name in ["configMapKeyRef", "secretKeyRef"] where source[name].isSet {
                findings.requireFormat(source[name]["key"], NameFormats.configMapKey)
            }
            if source["fieldRef"].isSet { fieldReference(source["fieldRef"]) }
        }
    }

    private static let fieldPaths: Set<String> = [
        "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName",
        "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs",
    ]

    private mutating func fieldReference(_ reference: FieldCursor) {
        let path = reference["fieldPath"]
        guard !path.isEmpty else { return findings.missing(path) }
        let isEntry = ["metadata.labels['", "metadata.annotations['"].contains { path.string.hasPrefix($0) }
        if !Self.fieldPaths.contains(path.string), !(isEntry && path.string.hasSuffix("']")) {
            findings.expect(path, oneOf: Array(Self.fieldPaths))
        }
    }

    private mutating func volumeMount(_ mount: FieldCursor, _ volumes: Set<String>, _ container: FieldCursor) {
        findings.require(mount["name"])
        if !mount["name"].isEmpty, !volumes.contains(mount["name"].string) {
            findings.add(FieldError(.notFound, mount["name"].path, mount["name"].value))
        }
        findings.require(mount["mountPath"])
        for name in ["subPath", "subPathExpr"] where !mount[name].isEmpty {
            if mount[name].string.hasPrefix("/") { findings.invalid(mount[name], "must be a relative path") }
            if mount[name].string.split(separator: "/").contains("..") {
                findings.invalid(mount[name], "must not contain '..'")
            }
        }
        if !mount["subPath"].isEmpty, !mount["subPathExpr"].isEmpty {
            findings.invalid(mount["subPathExpr"], "subPathExpr and subPath are mutually exclusive")
        }
        if mount["mountPropagation"].string == "Bidirectional", !container["securityContext"]["privileged"].isTrue {
            findings.forbidden(
                mount["mountPropagation"], "Bidirectional mount propagation is available only to privileged containers")
        }
    }

    private mutating func probe(_ probe: FieldCursor, _ name: String) {
        handler(probe, ["exec", "httpGet", "tcpSocket", "grpc"])
        for field in ["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"]
        {
            findings.nonNegative(probe[field])
        }
        let grace = probe["terminationGracePeriodSeconds"]
        if name == "readinessProbe" {
            if grace.isSet { findings.invalid(grace, "must not be set for readinessProbes") }
        } else {
            if let seconds = grace.integer, seconds <= 0 { findings.invalid(grace, "must be greater than 0") }
            if let threshold = probe["successThreshold"].integer, threshold != 1 {
                findings.invalid(probe["successThreshold"], "must be 1")
            }
        }
    }

    private mutating func handler(_ field: FieldCursor, _ kinds: [String]) {
        let given = field.set(among: kinds)
        if given.isEmpty { findings.missing(field, "must specify a handler type") }
        for extra in given.dropFirst() { findings.forbidden(extra, "may not specify more than 1 handler type") }
        if field["exec"].isSet { findings.require(field["exec"]["command"]) }
        if field["httpGet"].isSet {
            findings.require(field["httpGet"]["path"])
            findings.portOrName(field["httpGet"]["port"])
            for header in field["httpGet"]["httpHeaders"].items {
                findings.invalid(header["name"], NameFormats.httpHeaderName(header["name"].string))
            }
        }
        if field["tcpSocket"].isSet { findings.portOrName(field["tcpSocket"]["port"]) }
        if field["grpc"].isSet { findings.port(field["grpc"]["port"]) }
    }

    private mutating func resources(_ resources: FieldCursor) {
        let (limits, requests) = (resources["limits"], resources["requests"])
        for (_, limit) in limits.entries { findings.quantity(limit) }
        for (name, field) in requests.entries {
            guard let request = findings.quantity(field) else { continue }
            let limit = (limits[key: name].value?.string).flatMap { try? Quantity(parsing: $0) }
            if let limit, request > limit {
                findings.invalid(field, "must be less than or equal to \(name) limit of \(limit.text)")
            } else if isExtended(name), limit != request {
                if limit == nil {
                    findings.missing(limits, "Limit must be set for non overcommitable resources")
                } else {
                    findings.invalid(field, "must be equal to \(name) limit of \(limit?.text ?? "")")
                }
            }
        }
    }

    private func isExtended(_ name: String) -> Bool {
        name.hasPrefix("hugepages-") || name.contains("/") && !name.contains("kubernetes.io/")
    }

    // MARK: - Volumes

    private mutating func checkVolumes() {
        var names: Set<String> = []
        for volume in spec["volumes"].items {
            let name = volume["name"]
            findings.requireFormat(name, NameFormats.dns1123Label)
            if !name.isEmpty, !names.insert(name.string).inserted { findings.duplicate(name) }
            let sources = (volume.value?.object?.members ?? []).map(\.key).filter { $0 != "name" && volume[$0].isSet }
            if sources.isEmpty { findings.missing(volume, "must specify a volume type") }
            for extra in sources.dropFirst() {
                findings.forbidden(volume[extra], "may not specify more than 1 volume type")
            }
            for source in sources { volumeSource(volume[source], source) }
        }
    }

    private mutating func volumeSource(_ source: FieldCursor, _ kind: String) {
        if let mode = source["defaultMode"].integer, !(0...0o777).contains(mode) {
            findings.invalid(source["defaultMode"], "must be a number between 0 and 0777 (octal), both inclusive")
        }
        for item in source["items"].items {
            if kind != "downwardAPI" { findings.require(item["key"]) }
            findings.require(item["path"])
            if let mode = item["mode"].integer, !(0...0o777).contains(mode) {
                findings.invalid(item["mode"], "must be a number between 0 and 0777 (octal), both inclusive")
            }
        }
        switch kind {
        case "configMap": findings.require(source["name"])
        case "secret": findings.require(source["secretName"])
        case "hostPath": findings.require(source["path"])
        case "persistentVolumeClaim": findings.require(source["claimName"])
        case "projected":
            for item in source["sources"].items where item["serviceAccountToken"].isSet {
                let seconds = item["serviceAccountToken"]["expirationSeconds"]
                if let count = seconds.integer, count < 600 {
                    findings.invalid(seconds, "may not specify a duration less than 10 minutes")
                }
                if let count = seconds.integer, count > 1 << 32 {
                    findings.invalid(seconds, "may not specify a duration larger than 2^32 seconds")
                }
                findings.require(item["serviceAccountToken"]["path"])
            }
        default: break
        }
    }

    // MARK: - The rest

    private mutating func names() {
        for name in ["serviceAccountName", "nodeName", "priorityClassName", "runtimeClassName"] {
            findings.expect(spec[name], NameFormats.dns1123Subdomain)
        }
        for name in ["hostname", "subdomain"] { findings.expect(spec[name], NameFormats.dns1123Label) }
        for alias in spec["hostAliases"].items {
            findings.address(alias["ip"])
            for name in alias["hostnames"].items { findings.invalid(name, NameFormats.dns1123Subdomain(name.string)) }
        }
        for secret in spec["imagePullSecrets"].items { findings.require(secret["name"]) }
        for gate in spec["readinessGates"].items {
            findings.invalid(gate["conditionType"], NameFormats.qualifiedName(gate["conditionType"].string))
        }
    }

    private mutating func scheduling() {
        findings.labels(spec["nodeSelector"])
        var gates: Set<String> = []
        for gate in spec["schedulingGates"].items {
            findings.invalid(gate["name"], NameFormats.qualifiedName(gate["name"].string))
            if !gates.insert(gate["name"].string).inserted { findings.duplicate(gate["name"]) }
        }
        if !spec["nodeName"].isEmpty, !gates.isEmpty {
            findings.forbidden(
                spec["nodeName"], "cannot be set until all schedulingGates have been cleared")
        }
        for toleration in spec["tolerations"].items { self.toleration(toleration) }
        for constraint in spec["topologySpreadConstraints"].items {
            if let skew = constraint["maxSkew"].integer, skew <= 0 {
                findings.invalid(constraint["maxSkew"], "must be greater than zero")
            }
            findings.require(constraint["topologyKey"], "can not be empty")
            findings.labelSelector(constraint["labelSelector"])
        }
        affinity(spec["affinity"])
    }

    private mutating func toleration(_ toleration: FieldCursor) {
        let (key, name) = (toleration["key"], toleration["operator"])
        if !key.isEmpty { findings.invalid(key, NameFormats.qualifiedName(key.string)) }
        if key.isEmpty, name.string != "Exists" {
            findings.invalid(
                name.holding(.string(name.string)),
                "operator must be Exists when `key` is empty, which means \"match all values and all keys\"")
        }
        if toleration["tolerationSeconds"].isSet, toleration["effect"].string != "NoExecute" {
            findings.invalid(
                toleration["effect"].holding(.string(toleration["effect"].string)),
                "effect must be 'NoExecute' when `tolerationSeconds` is set")
        }
        switch name.string {
        case "", "Equal":
            if !toleration["value"].isEmpty {
                findings.invalid(name, NameFormats.labelValue(toleration["value"].string))
            }
        case "Exists":
            if !toleration["value"].isEmpty {
                findings.invalid(toleration, "value must be empty when `operator` is 'Exists'")
            }
        default: findings.expect(name, oneOf: ["Equal", "Exists"])
        }
    }

    private mutating func affinity(_ affinity: FieldCursor) {
        for name in ["podAffinity", "podAntiAffinity"] {
            for term in affinity[name]["requiredDuringSchedulingIgnoredDuringExecution"].items { podTerm(term) }
            for weighted in affinity[name]["preferredDuringSchedulingIgnoredDuringExecution"].items {
                weight(weighted["weight"])
                podTerm(weighted["podAffinityTerm"])
            }
        }
        let node = affinity["nodeAffinity"]
        for preferred in node["preferredDuringSchedulingIgnoredDuringExecution"].items { weight(preferred["weight"]) }
        let required = node["requiredDuringSchedulingIgnoredDuringExecution"]
        if required.isSet, required["nodeSelectorTerms"].isEmpty {
            findings.missing(required["nodeSelectorTerms"], "must have at least one node selector term")
        }
    }

    private mutating func weight(_ weight: FieldCursor) {
        if let number = weight.integer, !(1...100).contains(number) {
            findings.invalid(weight, "must be in the range 1-100")
        }
    }

    private mutating func podTerm(_ term: FieldCursor) {
        if term["topologyKey"].isEmpty {
            findings.missing(term["topologyKey"], "can not be empty")
        } else {
            findings.invalid(term["topologyKey"], NameFormats.qualifiedName(term["topologyKey"].string))
        }
        findings.labelSelector(term["labelSelector"])
        findings.labelSelector(term["namespaceSelector"])
    }

    private mutating func dns() {
        let config = spec["dnsConfig"]
        if spec["dnsPolicy"].string == "None", config["nameservers"].isEmpty {
            if config.isSet {
                findings.missing(
                    config["nameservers"], "must provide at least one DNS nameserver when `dnsPolicy` is None")
            } else {
                findings.missing(config, "must provide `dnsConfig` when `dnsPolicy` is None")
            }
        }
        if config["nameservers"].count > 3 {
            findings.invalid(config["nameservers"], "must not have more than 3 nameservers")
        }
        for server in config["nameservers"].items { findings.address(server) }
        if config["searches"].count > 32 {
            findings.invalid(config["searches"], "must not have more than 32 search paths")
        }
    }

    private mutating func securityContext() {
        let security = spec["securityContext"]
        for name in ["runAsUser", "runAsGroup", "fsGroup"] { findings.within(security[name], 0...Int64(Int32.max)) }
        for group in security["supplementalGroups"].items { findings.within(group, 0...Int64(Int32.max)) }
        if spec["shareProcessNamespace"].isTrue, spec["hostPID"].isTrue {
            findings.invalid(spec["shareProcessNamespace"], "ShareProcessNamespace and HostPID cannot both be enabled")
        }
        if spec["hostUsers"].value == .bool(false) {
            for name in ["hostPID", "hostIPC"] where spec[name].isTrue {
                findings.forbidden(spec[name], "when `hostUsers` is false")
            }
        }
    }
}
