import KubeAPI

extension Validation {
    /// What an update through a subresource of a pod may change, beside the rules of every pod.
    static func podSubresource(
        _ name: String, _ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings
    ) {
        let metadata = object["metadata"]
        podAnnotations(metadata["annotations"], object["spec"], &findings)
        PodSpecValidation.check(object["spec"], .init(podName: metadata["name"].string), &findings)
        guard let old else { return }
        podAnnotationUpdate(metadata["annotations"], old["metadata"]["annotations"], &findings)
        switch name {
        case "ephemeralcontainers":
            guard !old["metadata"]["annotations"][key: mirrorAnnotation].isSet else {
                findings = Findings()
                return findings.forbidden(FieldCursor(nil), "static pods do not support ephemeral containers")
            }
            ephemeralContainers(object["spec"], old["spec"], &findings)
        case "resize": resize(object["spec"], old, &findings)
        default: break
        }
    }

    // MARK: - ephemeralcontainers

    /// They are added and never changed again (KEP-277).
    private static func ephemeralContainers(_ spec: FieldCursor, _ old: FieldCursor, _ findings: inout Findings) {
        let list = spec["ephemeralContainers"]
        let byName = Dictionary(
            list.items.map { ($0["name"].string, $0) }, uniquingKeysWith: { _, last in last })
        for before in old["ephemeralContainers"].items {
            let name = before["name"].string
            if byName[name] == nil {
                findings.forbidden(list, "existing ephemeral containers \"\(name)\" may not be removed\n")
            } else if isChanged(byName[name], before) {
                findings.forbidden(list, "existing ephemeral containers \"\(name)\" may not be changed\n")
            }
        }
    }

    // MARK: - resize

    private static let onlyResources = "only cpu and memory resources are mutable"

    /// CPU and memory of containers (KEP-1287). That the class of service stays is the pod's strategy to see.
    private static func resize(_ spec: FieldCursor, _ old: FieldCursor, _ findings: inout Findings) {
        let before = old["spec"]
        if old["metadata"]["annotations"][key: mirrorAnnotation].isSet {
            return findings.forbidden(FieldCursor(nil), "static pods cannot be resized")
        }
        if before["os"]["name"].string == "windows" {
            return findings.forbidden(FieldCursor(nil), "windows pods cannot be resized")
        }
        let running = old["status"]["containerStatuses"].items.first { $0["state"]["running"].isSet }
        if let running, !running["resources"].isSet {
            findings.forbidden(spec, "Pod running on node without support for resize")
        }
        guard hasSameContainers(spec, before, &findings) else { return }
        for (container, was) in zip(spec["initContainers"].items, before["initContainers"].items) {
            resources(container["resources"], was["resources"], &findings)
            resizeOfInit(container, was, &findings)
        }
        for (container, was) in zip(spec["containers"].items, before["containers"].items) {
            resources(container["resources"], was["resources"], &findings)
            if isMoreThanResources(container, was) { findings.forbidden(spec, onlyResources) }
        }
    }

    private static func hasSameContainers(
        _ spec: FieldCursor, _ old: FieldCursor, _ findings: inout Findings
    ) -> Bool {
        var isSame = true
        for name in ["containers", "initContainers"] {
            guard spec[name].count == old[name].count else {
                findings.forbidden(spec[name], "\(name) may not be added or removed on resize")
                isSame = false
                continue
            }
            for (container, was) in zip(spec[name].items, old[name].items)
            where container["name"].string != was["name"].string {
                findings.forbidden(container["name"], "\(name) may not be renamed or reordered on resize")
                isSame = false
            }
        }
        return isSame
    }

    private static func resources(_ resources: FieldCursor, _ old: FieldCursor, _ findings: inout Findings) {
        for list in ["requests", "limits"] {
            let names = Set(resources[list].entries.map(\.key))
            if !old[list].entries.allSatisfy({ names.contains($0.key) }) {
                findings.forbidden(resources[list], "resource \(list) cannot be removed")
            }
        }
    }

    private static func resizeOfInit(_ container: FieldCursor, _ old: FieldCursor, _ findings: inout Findings) {
        if isMoreThanResources(container, old) {
            findings.forbidden(container, "only cpu and memory resources for init or sidecar containers are mutable")
        }
        let restarts = container["resizePolicy"].items.contains { $0["restartPolicy"].string == "RestartContainer" }
        if restarts, container["restartPolicy"].string != "Always", isChanged(container, old) {
            findings.forbidden(
                container, "non-sidecar init containers with a resize policy of RestartContainer cannot be resized")
        }
    }

    private static func isMoreThanResources(_ container: FieldCursor, _ old: FieldCursor) -> Bool {
        !withoutComputing(container).isEquivalent(to: withoutComputing(old))
    }

    private static func withoutComputing(_ container: FieldCursor) -> JSONValue {
        var value = container.value ?? .emptyObject
        for list in ["requests", "limits"] {
            for name in ["cpu", "memory"] { value[path: "resources", list, name] = nil }
            if value[path: "resources", list]?.object?.members.isEmpty ?? false { value[path: "resources", list] = nil }
        }
        if value["resources"]?.object?.members.isEmpty ?? false { value[path: "resources"] = nil }
        return value
    }

    private static func isChanged(_ value: FieldCursor?, _ old: FieldCursor) -> Bool {
        !(value?.value ?? .emptyObject).isEquivalent(to: old.value ?? .emptyObject)
    }
}
