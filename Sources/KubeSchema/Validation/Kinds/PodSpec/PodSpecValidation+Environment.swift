import KubeAPI

extension PodSpecValidation {
    mutating func environment(_ list: FieldCursor) {
        for variable in list.items {
            let (name, source) = (variable["name"], variable["valueFrom"])
            if name.isEmpty {
                findings.missing(name)
            } else {
                findings.invalid(name, NameFormats.environmentVariable(name.string))
            }
            if source.isSet { environmentSource(source, variable) }
        }
    }

    private mutating func environmentSource(_ source: FieldCursor, _ variable: FieldCursor) {
        let kinds = ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"]
        if source["fieldRef"].isSet { fieldReference(source["fieldRef"], Self.environmentPaths) }
        if source["resourceFieldRef"].isSet { resourceReference(source["resourceFieldRef"], needsContainer: false) }
        for name in ["configMapKeyRef", "secretKeyRef"] where source[name].isSet {
            let reference = source[name]["name"]
            findings.invalid(
                reference.holding(.string(reference.string)), NameFormats.dns1123Subdomain(reference.string))
            findings.requireFormat(source[name]["key"], NameFormats.configMapKey)
        }
        if source["fileKeyRef"].isSet { fileReference(source["fileKeyRef"]) }
        let place = source.holding("")
        switch source.set(among: kinds).count {
        case 0:
            findings.invalid(
                place,
                "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`"
            )
        case _ where !variable["value"].isEmpty:
            findings.invalid(place, "may not be specified when `value` is not empty")
        case 1: break
        default: findings.invalid(place, "may not have more than one field specified at a time")
        }
    }

    /// A file of an emptyDir (KEP-3721).
    private mutating func fileReference(_ reference: FieldCursor) {
        findings.require(reference["key"])
        findings.require(reference["path"])
        let volume = reference["volumeName"]
        switch volumes[volume.string] {
        case nil: findings.add(FieldError(.notFound, volume.path, .string(volume.string)))
        case "emptyDir"?: break
        default: findings.invalid(volume, "referenced volume must be of type emptyDir")
        }
    }

    mutating func environmentSources(_ list: FieldCursor) {
        for item in list.items {
            if !item["prefix"].isEmpty {
                findings.invalid(item["prefix"], NameFormats.environmentVariable(item["prefix"].string))
            }
            let given = item.set(among: ["configMapRef", "secretRef"])
            for reference in given { findings.requireFormat(reference["name"], NameFormats.dns1123Subdomain) }
            let place = list.holding("")
            if given.isEmpty {
                findings.invalid(place, "must specify one of: `configMapRef` or `secretRef`")
            } else if given.count > 1 {
                findings.invalid(place, "may not have more than one field specified at a time")
            }
        }
    }

    // MARK: - The downward API

    private static let environmentPaths: Set<String> = [
        "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName",
        "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs",
    ]
    static let filePaths: Set<String> = [
        "metadata.name", "metadata.namespace", "metadata.labels", "metadata.annotations", "metadata.uid",
    ]
    private static let knownPaths = environmentPaths.union(filePaths).union([
        "spec.restartPolicy", "spec.schedulerName", "spec.host", "status.phase",
    ])

    mutating func fieldReference(_ reference: FieldCursor, _ allowed: Set<String>) {
        let path = reference["fieldPath"]
        guard !path.isEmpty else { return findings.missing(path) }
        if let (map, key) = Self.subscripted(path.string) {
            switch map {
            case "metadata.labels":
                findings.invalid(reference.holding(.string(key)), NameFormats.qualifiedName(key))
            case "metadata.annotations":
                findings.invalid(
                    reference.holding(.string(key.lowercased())), NameFormats.qualifiedName(key.lowercased()))
            default:
                findings.invalid(
                    path, "error converting fieldPath: field label does not support subscript: \(path.string)")
            }
        } else if !Self.knownPaths.contains(path.string) {
            findings.invalid(path, "error converting fieldPath: field label not supported: \(path.string)")
        } else {
            findings.expect(path, oneOf: allowed.sorted())
        }
    }

    /// `metadata.labels['key']`.
    private static func subscripted(_ text: String) -> (map: String, key: String)? {
        guard text.hasSuffix("']"), let open = text.firstRange(of: "['"), open.lowerBound > text.startIndex else {
            return nil
        }
        return (String(text[..<open.lowerBound]), String(text[open.upperBound...].dropLast(2)))
    }

    private static let resourcePaths = [
        "limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage",
        "requests.memory",
    ]

    mutating func resourceReference(_ reference: FieldCursor, needsContainer: Bool) {
        let (resource, divisor) = (reference["resource"], reference["divisor"])
        let isHugePages = ["limits.hugepages-", "requests.hugepages-"].contains { resource.string.hasPrefix($0) }
        if needsContainer, reference["containerName"].isEmpty {
            findings.missing(reference["containerName"])
        } else if resource.isEmpty {
            findings.missing(resource)
        } else if !isHugePages {
            findings.expect(resource, oneOf: Self.resourcePaths)
        }
        guard let unit = (divisor.value?.string).flatMap({ try? Quantity(parsing: $0) }), !unit.isZero else { return }
        self.divisor(unit, divisor.holding(.string(resource.string)), isHugePages)
    }

    private mutating func divisor(_ unit: Quantity, _ field: FieldCursor, _ isHugePages: Bool) {
        let sizes = ["1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"]
        let name = field.string.split(separator: ".", maxSplits: 1).last.map(String.init) ?? ""
        if name == "cpu" {
            guard !["1m", "1"].contains(unit.text) else { return }
            return findings.invalid(field, "only divisor's values 1m and 1 are supported with the cpu resource")
        }
        let what = ["memory": "memory", "ephemeral-storage": "local ephemeral storage"][name]
        guard let what = isHugePages ? "hugepages" : what, !sizes.contains(unit.text) else { return }
        findings.invalid(
            field, "only divisor's values \(sizes.joined(separator: ", ")) are supported with the \(what) resource")
    }
}
