import KubeAPI

/// Of a Pod, or of the template of Pods.
struct PodWarnings {
    private let pod: FieldCursor
    private let isTemplate: Bool

    init(_ pod: FieldCursor, isTemplate: Bool) {
        self.pod = pod
        self.isTemplate = isTemplate
    }

    private var spec: FieldCursor { pod["spec"] }
    private var annotations: FieldCursor { pod["metadata"]["annotations"] }

    private var containers: [FieldCursor] {
        ["initContainers", "containers", "ephemeralContainers"].flatMap { spec[$0].items }
    }

    func add(to warnings: inout [String]) {
        guard pod.isSet else { return }
        placement(&warnings)
        oldAnnotations(&warnings)
        volumes(&warnings)
        duplicates(&warnings)
        for container in containers { self.container(container, &warnings) }
        ports(&warnings)
        if let seconds = spec["terminationGracePeriodSeconds"].integer, seconds < 0 {
            warnings.append(
                "\(spec["terminationGracePeriodSeconds"].path): must be >= 0; negative values are invalid and will be "
                    + "treated as 1")
        }
        podAffinity(&warnings)
    }

    // MARK: Where it may run

    private static let oldLabels = [
        "beta.kubernetes.io/arch": #"deprecated since v1.14; use "kubernetes.io/arch" instead"#,
        "beta.kubernetes.io/os": #"deprecated since v1.14; use "kubernetes.io/os" instead"#,
        "failure-domain.beta.kubernetes.io/region":
            #"deprecated since v1.17; use "topology.kubernetes.io/region" instead"#,
        "failure-domain.beta.kubernetes.io/zone": #"deprecated since v1.17; use "topology.kubernetes.io/zone" instead"#,
        "beta.kubernetes.io/instance-type":
            #"deprecated since v1.17; use "node.kubernetes.io/instance-type" instead"#,
        "app.kubernetes.io/created-by": "deprecated since v1.9",
        "scheduler.alpha.kubernetes.io/preferAvoidPods": "deprecated since v1.22; use Taints and Tolerations instead",
        "node-role.kubernetes.io/master": #"use "node-role.kubernetes.io/control-plane" instead"#,
    ]

    private static let nobody = "a null labelSelector results in matching no pod"

    private func placement(_ warnings: inout [String]) {
        for (key, place) in spec["nodeSelector"].entries {
            if let why = Self.oldLabels[key] { warnings.append("\(place.path): \(why)") }
        }
        let affinity = spec["affinity"]["nodeAffinity"]
        let required = affinity["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"].items
        let preferred = affinity["preferredDuringSchedulingIgnoredDuringExecution"].items.map { $0["preference"] }
        for term in required + preferred {
            for expression in term["matchExpressions"].items {
                label(expression["key"], &warnings)
                for value in expression["values"].items {
                    for why in NameFormats.labelValue(value.string) {
                        warnings.append("\(value.path): \(value.string) is invalid, \(why)")
                    }
                }
            }
        }
        for constraint in spec["topologySpreadConstraints"].items {
            label(constraint["topologyKey"], &warnings)
            if !constraint["labelSelector"].isSet {
                warnings.append("\(constraint["labelSelector"].path): \(Self.nobody)")
            }
        }
    }

    private func label(_ key: FieldCursor, _ warnings: inout [String]) {
        if let why = Self.oldLabels[key.string] { warnings.append("\(key.path): \(key.string) is \(why)") }
    }

    private func podAffinity(_ warnings: inout [String]) {
        for kind in ["podAffinity", "podAntiAffinity"] {
            let affinity = spec["affinity"][kind]
            let required = affinity["requiredDuringSchedulingIgnoredDuringExecution"].items
            let preferred = affinity["preferredDuringSchedulingIgnoredDuringExecution"].items.map {
                $0["podAffinityTerm"]
            }
            for term in required + preferred where !term["labelSelector"].isSet {
                warnings.append("\(term["labelSelector"].path): \(Self.nobody)")
            }
        }
    }

    // MARK: What does nothing any more

    private static let seccomp = #"non-functional in v1.27+; use the "seccompProfile" field instead"#

    private func oldAnnotations(_ warnings: inout [String]) {
        for (key, why) in [
            (
                "scheduler.alpha.kubernetes.io/critical-pod",
                #"non-functional in v1.16+; use the "priorityClassName" field instead"#
            ),
            (
                "security.alpha.kubernetes.io/sysctls",
                #"non-functional in v1.11+; use the "sysctls" field instead"#
            ),
            (
                "security.alpha.kubernetes.io/unsafe-sysctls",
                #"non-functional in v1.11+; use the "sysctls" field instead"#
            ),
        ] { annotation(key, why, &warnings) }
        if !spec["securityContext"]["seccompProfile"].isSet {
            annotation("seccomp.security.alpha.kubernetes.io/pod", Self.seccomp, &warnings)
        }
    }

    private func annotation(_ key: String, _ why: String, _ warnings: inout [String]) {
        let place = annotations[key: key]
        if place.isSet { warnings.append("\(place.path): \(why)") }
    }

    private static let oldVolumes = [
        ("photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+"),
        ("gitRepo", "deprecated in v1.11, and disabled by default in v1.33+"),
        ("scaleIO", "deprecated in v1.16, non-functional in v1.22+"),
        ("flocker", "deprecated in v1.22, non-functional in v1.25+"),
        ("storageos", "deprecated in v1.22, non-functional in v1.25+"),
        ("quobyte", "deprecated in v1.22, non-functional in v1.25+"),
        ("glusterfs", "deprecated in v1.25, non-functional in v1.26+"),
        ("cephfs", "deprecated in v1.28, non-functional in v1.31+"),
        ("rbd", "deprecated in v1.28, non-functional in v1.31+"),
    ]

    private func volumes(_ warnings: inout [String]) {
        for volume in spec["volumes"].items {
            for (source, why) in Self.oldVolumes where volume[source].isSet {
                warnings.append("\(volume[source].path): \(why)")
            }
            ObjectWarnings.fractions(
                volume["ephemeral"]["volumeClaimTemplate"]["spec"]["resources"], &warnings)
        }
    }

    // MARK: What is there twice

    private func duplicates(_ warnings: inout [String]) {
        for (list, member, word) in [("hostAliases", "ip", "ip"), ("imagePullSecrets", "name", "name")] {
            var seen: Set<String> = []
            for item in spec[list].items where !seen.insert(item[member].string).inserted {
                warnings.append("\(item[member].path): duplicate \(word) \"\(item[member].string)\"")
            }
        }
        for secret in spec["imagePullSecrets"].items where secret["name"].isEmpty {
            warnings.append("\(secret["name"].path): invalid empty name \"\"")
        }
        for alias in spec["hostAliases"].items { ObjectWarnings.address(alias["ip"], &warnings) }
        for server in spec["dnsConfig"]["nameservers"].items { ObjectWarnings.address(server, &warnings) }
    }

    private func container(_ container: FieldCursor, _ warnings: inout [String]) {
        let name = container["name"].string
        if !container["securityContext"]["seccompProfile"].isSet {
            annotation("container.seccomp.security.alpha.kubernetes.io/\(name)", Self.seccomp, &warnings)
        }
        let isConfined = [spec, container].contains { $0["securityContext"]["appArmorProfile"].isSet }
        if isTemplate, !isConfined {
            annotation(
                "container.apparmor.security.beta.kubernetes.io/\(name)",
                #"deprecated since v1.30; use the "appArmorProfile" field instead"#, &warnings)
        }
        ObjectWarnings.fractions(container["resources"], &warnings)
        var names: Set<String> = []
        for variable in container["env"].items {
            let name = variable["name"].string
            guard !names.insert(name).inserted else { continue }
            let (value, reference) = (variable["value"].string, "$(\(name))")
            // `X=$(X)abc` is meant.
            guard variable["valueFrom"].isSet || value == reference || !value.contains(reference) else { continue }
            warnings.append(
                "\(variable.path): hides previous definition of \"\(name)\", which may be dropped when using apply")
        }
    }

    private func ports(_ warnings: inout [String]) {
        var seen: [String: [FieldCursor]] = [:]
        for port in containers.flatMap({ $0["ports"].items }) {
            let (address, number) = (port["hostIP"].string, port["hostPort"].integer ?? 0)
            let key = "\(port["containerPort"].integer ?? 0)/\(port["protocol"].string)"
            for other in seen[key] ?? [] {
                let (itsAddress, itsNumber) = (other["hostIP"].string, other["hostPort"].integer ?? 0)
                let word: String
                if address == itsAddress, number == itsNumber {
                    word = "duplicate"
                } else if number == 0 || itsNumber == 0 {
                    word = "overlapping"
                } else if number == itsNumber, address.isEmpty != itsAddress.isEmpty {
                    word = "dangerously ambiguous"
                } else {
                    continue
                }
                warnings.append("\(port.path): \(word) port definition with \(other.path)")
            }
            seen[key, default: []].append(port)
        }
    }
}
