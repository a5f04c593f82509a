import KubeAPI

extension PodSpecValidation {
    mutating func checkVolumes() {
        var names: Set<String> = []
        for volume in spec["volumes"].items {
            let (name, sources) = (volume["name"], Self.sources(of: volume))
            if sources.isEmpty { findings.missing(volume, "must specify a volume type") }
            for extra in sources.dropFirst() {
                findings.forbidden(volume[extra], "may not specify more than 1 volume type")
            }
            if let source = sources.first { volumeSource(volume[source], source, of: volume) }
            findings.requireFormat(name, NameFormats.dns1123Label)
            if !name.isEmpty, !names.insert(name.string).inserted { findings.duplicate(name) }
        }
    }

    /// What a source must have.
    private static let required: [String: [String]] = [
        "configMap": ["name"], "secret": ["secretName"], "hostPath": ["path"], "persistentVolumeClaim": ["claimName"],
        "nfs": ["server", "path"], "gitRepo": ["repository"], "gcePersistentDisk": ["pdName"],
        "awsElasticBlockStore": ["volumeID"], "glusterfs": ["endpoints", "path"], "rbd": ["monitors", "image"],
        "cinder": ["volumeID"], "cephfs": ["monitors"], "azureFile": ["secretName", "shareName"],
        "azureDisk": ["diskName", "diskURI"], "vsphereVolume": ["volumePath"], "photonPersistentDisk": ["pdID"],
        "portworxVolume": ["volumeID"], "scaleIO": ["gateway", "system", "volumeName"], "storageos": ["volumeName"],
        "flexVolume": ["driver"], "quobyte": ["registry", "volume"], "iscsi": ["targetPortal", "iqn"],
    ]

    private mutating func volumeSource(_ source: FieldCursor, _ kind: String, of volume: FieldCursor) {
        for name in Self.required[kind] ?? [] { findings.require(source[name]) }
        fileMode(source["defaultMode"])
        switch kind {
        case "emptyDir":
            let limit = source["sizeLimit"]
            if let size = (limit.value?.string).flatMap({ try? Quantity(parsing: $0) }), size.isNegative {
                findings.forbidden(limit, "SizeLimit field must be a valid resource quantity")
            }
        case "hostPath": if !source["path"].isEmpty { findings.noBacksteps(source["path"]) }
        case "nfs":
            if !source["path"].string.hasPrefix("/") { findings.invalid(source["path"], "must be an absolute path") }
        case "configMap", "secret": for item in source["items"].items { keyToPath(item) }
        case "downwardAPI": for item in source["items"].items { downwardFile(item.placedInList(source)) }
        case "projected": projection(source)
        case "csi": csi(source)
        case "ephemeral": ephemeral(source, of: volume)
        case "image": if isPod { findings.require(source["reference"]) }
        default: break
        }
    }

    private mutating func fileMode(_ mode: FieldCursor) {
        if let bits = mode.integer, !(0...0o777).contains(bits) {
            findings.invalid(mode, "must be a number between 0 and 0777 (octal), both inclusive")
        }
    }

    private mutating func keyToPath(_ item: FieldCursor) {
        findings.require(item["key"])
        findings.require(item["path"])
        findings.localPath(item["path"], isReserved: true)
        fileMode(item["mode"])
    }

    private mutating func downwardFile(_ file: FieldCursor) {
        findings.require(file["path"])
        findings.localPath(file["path"], isReserved: true)
        if file["fieldRef"].isSet {
            fieldReference(file["fieldRef"], Self.filePaths)
            if file["resourceFieldRef"].isSet {
                findings.invalid(
                    file.holding("resource"), "fieldRef and resourceFieldRef can not be specified simultaneously")
            }
        } else if file["resourceFieldRef"].isSet {
            resourceReference(file["resourceFieldRef"], needsContainer: true)
        } else {
            findings.missing(file, "one of fieldRef and resourceFieldRef is required")
        }
        fileMode(file["mode"])
    }

    // MARK: - Projections

    private mutating func projection(_ projected: FieldCursor) {
        var paths: Set<String> = []
        for source in projected["sources"].items {
            for kind in ["secret", "configMap"] where source[kind].isSet {
                findings.require(source[kind]["name"])
                for item in source[kind]["items"].items {
                    keyToPath(item)
                    project(item["path"].string, source[kind]["name"], into: projected, &paths)
                }
            }
            for item in source["downwardAPI"]["items"].items {
                downwardFile(item.placedInList(source["downwardAPI"]))
                project(item["path"].string, item["path"], into: projected, &paths)
            }
            if source["serviceAccountToken"].isSet { token(source["serviceAccountToken"], projected) }
            if source["clusterTrustBundle"].isSet {
                trustBundle(source["clusterTrustBundle"])
                let path = source["clusterTrustBundle"]["path"]
                project(path.string, path, into: projected, &paths)
            }
            if (source.value?.object?.members ?? []).count(where: { source[$0].isSet }) > 1 {
                findings.forbidden(source, "may not specify more than 1 volume type per source")
            }
        }
    }

    private mutating func project(
        _ path: String, _ shown: FieldCursor, into projected: FieldCursor, _ paths: inout Set<String>
    ) {
        guard !path.isEmpty, !paths.insert(path).inserted else { return }
        findings.invalid(projected.holding(.string(shown.string)), "conflicting duplicate paths")
    }

    private mutating func token(_ token: FieldCursor, _ projected: FieldCursor) {
        if isPod, spec["serviceAccountName"].isEmpty {
            findings.forbidden(token, "must not be specified when serviceAccountName is not set")
        }
        let seconds = token["expirationSeconds"]
        if let count = seconds.integer, count < 600 {
            findings.invalid(seconds, "may not specify a duration less than 10 minutes")
        }
        if let count = seconds.integer, count > 1 << 32 {
            findings.invalid(seconds, "may not specify a duration larger than 2^32 seconds")
        }
        let path = token["path"].placed(at: projected["path"].path)
        findings.require(path)
        findings.localPath(path, isReserved: true)
    }

    private mutating func trustBundle(_ bundle: FieldCursor) {
        let (name, signer) = (bundle["name"], bundle["signerName"])
        switch (name.isSet, signer.isSet) {
        case (true, true): findings.invalid(bundle, "only one of name and signerName may be used")
        case (false, false): findings.missing(bundle, "either name or signerName must be specified")
        case (true, false):
            findings.require(name, "must be a valid object name")
            if bundle["labelSelector"].isSet {
                findings.invalid(bundle["labelSelector"], "labelSelector must be unset if name is specified")
            }
        case (false, true):
            findings.require(signer, "must be a valid signer name")
            findings.labelSelector(bundle["labelSelector"])
        }
        findings.require(bundle["path"])
        findings.localPath(bundle["path"], isReserved: true)
    }

    // MARK: - Storage

    private mutating func csi(_ source: FieldCursor) {
        findings.driverName(source["driver"])
        let secret = source["nodePublishSecretRef"]
        guard secret.isSet else { return }
        findings.require(secret["name"])
        findings.expect(secret["name"].placed(at: source["name"].path), NameFormats.dns1123Subdomain)
    }

    private mutating func ephemeral(_ source: FieldCursor, of volume: FieldCursor) {
        let template = source["volumeClaimTemplate"]
        guard template.isSet else { return findings.missing(template) }
        findings.labels(template["metadata"]["labels"])
        findings.annotations(template["metadata"]["annotations"])
        Validation.claimSpec(template["spec"], &findings)
        guard let pod = context.podName, !pod.isEmpty else { return }
        let name = "\(pod)-\(volume["name"].string)"
        for detail in NameFormats.dns1123Subdomain(name) {
            findings.invalid(volume["name"], "PVC name \"\(name)\": \(detail)")
        }
    }

    // MARK: - Mounts and devices

    mutating func mounts(of container: FieldCursor) {
        let list = container["volumeMounts"]
        let devices = container["volumeDevices"].items
        var paths: Set<String> = []
        for mount in list.items {
            let (name, path) = (mount["name"], mount["mountPath"])
            findings.require(name)
            if volumes[name.string] == nil { findings.add(FieldError(.notFound, name.path, .string(name.string))) }
            findings.require(path)
            if !paths.insert(path.string).inserted { findings.invalid(path, "must be unique") }
            if devices.contains(where: { $0["name"].string == name.string }) {
                findings.invalid(name, "must not already exist in volumeDevices")
            }
            if devices.contains(where: { $0["devicePath"].string == path.string }) {
                findings.invalid(path, "must not already exist as a path in volumeDevices")
            }
            subpaths(of: mount, list)
            propagation(of: mount, list, container)
        }
    }

    private mutating func subpaths(of mount: FieldCursor, _ list: FieldCursor) {
        let isImage = volumes[mount["name"].string] == "image"
        for name in ["subPath", "subPathExpr"] where !mount[name].isEmpty {
            if isImage { findings.invalid(mount[name], "not allowed in image volume sources") }
            // Upstream's path has no index here.
            findings.localPath(mount[name].placed(at: list[name].path), isReserved: false)
        }
        if !mount["subPath"].isEmpty, !mount["subPathExpr"].isEmpty {
            findings.invalid(mount["subPathExpr"], "subPathExpr and subPath are mutually exclusive")
        }
    }

    private mutating func propagation(of mount: FieldCursor, _ list: FieldCursor, _ container: FieldCursor) {
        let (propagation, recursive) = (mount["mountPropagation"], mount["recursiveReadOnly"])
        if propagation.string == "Bidirectional", !container["securityContext"]["privileged"].isTrue {
            findings.forbidden(
                list["mountPropagation"], "Bidirectional mount propagation is available only to privileged containers")
        }
        let place = recursive.placed(at: list["recursiveReadOnly"].path)
        findings.expect(place, oneOf: ["Disabled", "Enabled", "IfPossible"])
        guard ["Enabled", "IfPossible"].contains(recursive.string) else { return }
        if !mount["readOnly"].isTrue { findings.forbidden(place, "may only be specified when readOnly is true") }
        if propagation.isSet, propagation.string != "None" {
            findings.forbidden(place, "may only be specified when mountPropagation is None or not specified")
        }
    }

    mutating func devices(of container: FieldCursor) {
        let mounts = container["volumeMounts"].items
        var (names, paths): (Set<String>, Set<String>) = ([], [])
        for device in container["volumeDevices"].items {
            let (name, path) = (device["name"], device["devicePath"])
            findings.require(name)
            if !name.isEmpty, !names.insert(name.string).inserted { findings.invalid(name, "must be unique") }
            switch volumes[name.string] {
            case nil: findings.add(FieldError(.notFound, name.path, .string(name.string)))
            case "persistentVolumeClaim"?, "ephemeral"?: break
            default:
                findings.invalid(
                    name, "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode")
            }
            findings.require(path)
            if Findings.hasBacksteps(path.string) {
                findings.invalid(path, "can not contain backsteps ('..')")
            } else if !paths.insert(path.string).inserted {
                findings.invalid(path, "must be unique")
            }
            if mounts.contains(where: { $0["name"].string == name.string }) {
                findings.invalid(name, "must not already exist in volumeMounts")
            }
            if mounts.contains(where: { $0["mountPath"].string == path.string }) {
                findings.invalid(path, "must not already exist as a path in volumeMounts")
            }
        }
    }
}

extension FieldCursor {
    /// Upstream names the list's owner and no index for files of the downward API.
    fileprivate func placedInList(_ owner: FieldCursor) -> FieldCursor { placed(at: owner.path) }
}
