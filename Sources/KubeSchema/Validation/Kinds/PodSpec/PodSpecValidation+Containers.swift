import KubeAPI

extension PodSpecValidation {
    mutating func containers() {
        if spec["containers"].isEmpty { findings.missing(spec["containers"]) }
        for container in spec["containers"].items { check(container: container) }
        findings.unique(spec["containers"].items.map { $0["name"] })
        hostPorts(spec["containers"].items)
        for container in spec["containers"].items { handlers(of: container) }
        initContainers()
        ephemeralContainers()
        if spec["hostNetwork"].isTrue { hostNetworkPorts() }
    }

    private mutating func initContainers() {
        var names = Set(spec["containers"].items.map { $0["name"].string })
        for container in spec["initContainers"].items {
            check(container: container)
            let name = container["name"]
            if !name.isEmpty, !names.insert(name.string).inserted { findings.duplicate(name) }
            hostPorts([container])
            if container["restartPolicy"].string == "Always" {
                handlers(of: container)
            } else {
                for field in container.set(among: ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"]) {
                    findings.forbidden(field, "may not be set for init containers without restartPolicy=Always")
                }
            }
        }
    }

    private static let notInEphemeral = [
        "lifecycle", "livenessProbe", "ports", "readinessProbe", "resizePolicy", "resources", "restartPolicy",
        "startupProbe",
    ]

    /// They may look into others and are no part of what the pod does (KEP-277).
    private mutating func ephemeralContainers() {
        let others = Set((spec["containers"].items + spec["initContainers"].items).map { $0["name"].string })
        var names = others
        for container in spec["ephemeralContainers"].items {
            check(container: container)
            let (name, target) = (container["name"], container["targetContainerName"])
            if !name.isEmpty, !names.insert(name.string).inserted { findings.duplicate(name) }
            if !target.isEmpty, !others.contains(target.string) {
                findings.add(FieldError(.notFound, target.path, target.value))
            }
            let fields =
                Self.notInEphemeral.map { container[$0] }
                + container["volumeMounts"].items.flatMap { [$0["subPath"], $0["subPathExpr"]] }
            for field in fields where !field.isEmpty {
                findings.forbidden(field, "cannot be set for an Ephemeral Container")
            }
        }
    }

    private mutating func check(container: FieldCursor) {
        findings.requireFormat(container["name"], NameFormats.dns1123Label)
        let image = container["image"]
        if image.isEmpty {
            findings.missing(image)
        } else if isPod, image.string.first?.isWhitespace == true || image.string.last?.isWhitespace == true {
            findings.invalid(image, "must not have leading or trailing whitespace")
        }
        ports(container["ports"])
        environment(container["env"])
        environmentSources(container["envFrom"])
        mounts(of: container)
        devices(of: container)
        findings.resourceRequirements(container["resources"], claims: claims)
        resizePolicy(container["resizePolicy"])
        securityContext(of: container)
    }

    private mutating func ports(_ ports: FieldCursor) {
        var names: Set<String> = []
        for port in ports.items {
            if !port["name"].isEmpty {
                let details = NameFormats.portName(port["name"].string)
                findings.invalid(port["name"], details)
                if details.isEmpty, !names.insert(port["name"].string).inserted { findings.duplicate(port["name"]) }
            }
            if (port["containerPort"].integer ?? 0) == 0 {
                findings.missing(port["containerPort"])
            } else {
                findings.port(port["containerPort"])
            }
            if let host = port["hostPort"].integer, host != 0 { findings.port(port["hostPort"]) }
            findings.require(port["protocol"])
        }
    }

    private mutating func hostPorts(_ containers: [FieldCursor]) {
        var seen: Set<String> = []
        for port in containers.flatMap({ $0["ports"].items }) {
            guard let number = port["hostPort"].integer, number != 0 else { continue }
            let key = "\(port["protocol"].string)/\(port["hostIP"].string)/\(number)"
            if !seen.insert(key).inserted { findings.duplicate(port["hostPort"].holding(.string(key))) }
        }
    }

    /// In a template a port of the host may still be left to be filled in.
    private mutating func hostNetworkPorts() {
        for port in spec["containers"].items.flatMap({ $0["ports"].items }) {
            let host = port["hostPort"].integer ?? 0
            guard isPod || host != 0, host != port["containerPort"].integer ?? 0 else { continue }
            findings.invalid(
                port["hostPort"].holding(.integer(host)), "must match `containerPort` when `hostNetwork` is true")
        }
    }

    private mutating func resizePolicy(_ list: FieldCursor) {
        var seen: Set<String> = []
        for policy in list.items {
            let (resource, restart) = (policy["resourceName"], policy["restartPolicy"])
            if !seen.insert(resource.string).inserted { findings.duplicate(policy.holding(resource.value)) }
            for (field, values) in [
                (resource, ["cpu", "memory"]), (restart, ["NotRequired", "RestartContainer"]),
            ] {
                let place = field.placed(at: list.path)
                if field.isEmpty { findings.missing(place) } else { findings.expect(place, oneOf: values) }
            }
            if spec["restartPolicy"].string == "Never", restart.string != "NotRequired" {
                findings.invalid(
                    restart.placed(at: list.path), "must be 'NotRequired' when `restartPolicy` is 'Never'")
            }
        }
    }

    // MARK: - Probes and hooks

    private mutating func handlers(of container: FieldCursor) {
        for hook in container["lifecycle"].set(among: ["postStart", "preStop"]) {
            handler(hook, ["exec", "httpGet", "tcpSocket", "sleep"])
        }
        for name in ["livenessProbe", "readinessProbe", "startupProbe"] where container[name].isSet {
            probe(container[name], name)
        }
    }

    private mutating func probe(_ probe: FieldCursor, _ name: String) {
        handler(probe, ["exec", "httpGet", "tcpSocket", "grpc"])
        for field in ["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"]
        {
            findings.nonNegative(probe[field])
        }
        let grace = probe["terminationGracePeriodSeconds"]
        if let seconds = grace.integer, seconds <= 0 { findings.invalid(grace, "must be greater than 0") }
        if name == "readinessProbe" {
            if grace.isSet { findings.invalid(grace, "must not be set for readinessProbes") }
        } else if let threshold = probe["successThreshold"].integer, threshold != 1 {
            findings.invalid(probe["successThreshold"], "must be 1")
        }
    }

    private mutating func handler(_ field: FieldCursor, _ kinds: [String]) {
        let given = field.set(among: kinds)
        if given.isEmpty { findings.missing(field, "must specify a handler type") }
        for extra in given.dropFirst() { findings.forbidden(extra, "may not specify more than 1 handler type") }
        if field["exec"].isSet { findings.require(field["exec"]["command"]) }
        let http = field["httpGet"]
        if http.isSet {
            findings.require(http["path"])
            findings.portOrName(http["port"])
            for header in http["httpHeaders"].items {
                let name = header["name"].holding(.string(header["name"].string))
                findings.invalid(
                    name.placed(at: http["httpHeaders"].path), NameFormats.httpHeaderName(name.string))
            }
        }
        if field["tcpSocket"].isSet { findings.portOrName(field["tcpSocket"]["port"]) }
        if field["grpc"].isSet {
            findings.port(field["grpc"]["port"].holding(.integer(field["grpc"]["port"].integer ?? 0)))
        }
        let seconds = field["sleep"]["seconds"].integer ?? 0
        if field["sleep"].isSet, let grace = spec["terminationGracePeriodSeconds"].integer,
            !(0...max(0, grace) ~= seconds)
        {
            findings.invalid(
                field["sleep"].holding(.integer(seconds)),
                "must be non-negative and less than terminationGracePeriodSeconds (\(grace))")
        }
    }
}
