import KubeAPI

/// What holds for the spec of a Pod and of every pod template.
extension Defaults {
    static func podTemplate(_ template: inout JSONValue) { template.edit("spec", podSpec) }

    static func podSpec(_ spec: inout JSONValue) {
        spec.setIfEmpty("restartPolicy", "Always")
        spec.setIfEmpty("dnsPolicy", "ClusterFirst")
        spec.setIfEmpty("schedulerName", "default-scheduler")
        spec.setDefault("terminationGracePeriodSeconds", 30)
        spec.setDefault("securityContext", .emptyObject)
        // The older name is kept equal.
        if let account = spec["serviceAccountName"] ?? spec["serviceAccount"] {
            spec.put("serviceAccountName", account)
            spec.put("serviceAccount", account)
        }
        for containers in ["containers", "initContainers", "ephemeralContainers"] {
            spec.editEach(containers, container)
        }
        spec.editEach("volumes", volume)
    }

    private static func container(_ container: inout JSONValue) {
        let image = container["image"]?.string ?? ""
        container.setIfEmpty("imagePullPolicy", pullPolicy(image))
        container.setIfEmpty("terminationMessagePath", "/dev/termination-log")
        container.setIfEmpty("terminationMessagePolicy", "File")
        container.editEach("ports") { $0.setIfEmpty("protocol", "TCP") }
        for name in ["livenessProbe", "readinessProbe", "startupProbe"] { container.edit(name, probe) }
        container.edit("lifecycle") { lifecycle in
            for hook in ["postStart", "preStop"] { lifecycle.edit(hook) { $0.edit("httpGet", httpGet) } }
        }
        container.editEach("env") { variable in
            variable.edit("valueFrom") { source in
                source.edit("fieldRef") { $0.setIfEmpty("apiVersion", "v1") }
                source.edit("fileKeyRef") { $0.setDefault("optional", false) }
            }
        }
        container.edit("resources") { resources in
            resources.edit("limits", roundToMilli)
            resources.edit("requests", roundToMilli)
        }
    }

    /// Without a tag, or with the tag latest, the image may change: it is pulled always.
    private static func pullPolicy(_ image: String) -> JSONValue {
        let name = image.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        let last = (name.first ?? "").split(separator: "/", omittingEmptySubsequences: false).last ?? ""
        let tag = last.firstIndex(of: ":").map { String(last[$0...].dropFirst()) }
        return tag == "latest" || tag == nil && name.count < 2 ? "Always" : "IfNotPresent"
    }

    private static func probe(_ probe: inout JSONValue) {
        probe.setIfEmpty("timeoutSeconds", 1)
        probe.setIfEmpty("periodSeconds", 10)
        probe.setIfEmpty("successThreshold", 1)
        probe.setIfEmpty("failureThreshold", 3)
        probe.edit("httpGet", httpGet)
        probe.edit("grpc") { $0.setDefault("service", "") }
    }

    private static func httpGet(_ action: inout JSONValue) {
        action.setIfEmpty("path", "/")
        action.setIfEmpty("scheme", "HTTP")
    }

    /// Quantities finer than a thousandth end in `n` or `u`.
    static func roundToMilli(_ list: inout JSONValue) {
        for member in list.members {
            guard let text = member.value.string, text.hasSuffix("n") || text.hasSuffix("u"),
                let quantity = try? Quantity(parsing: text)
            else { continue }
            list.put(member.key, .string(Quantity(milli: quantity.milliValue, quantity.format).text))
        }
    }

    private static func volume(_ volume: inout JSONValue) {
        if volume.members.allSatisfy({ $0.key == "name" }) { volume.put("emptyDir", .emptyObject) }
        for source in ["secret", "configMap", "downwardAPI", "projected"] {
            volume.edit(source) { $0.setDefault("defaultMode", 420) }
        }
        volume.edit("downwardAPI") { $0.editEach("items", downwardItem) }
        volume.edit("projected") { projected in
            projected.editEach("sources") { source in
                source.edit("downwardAPI") { $0.editEach("items", downwardItem) }
                source.edit("serviceAccountToken") { $0.setDefault("expirationSeconds", 3600) }
            }
        }
        volume.edit("ephemeral") { $0.edit("volumeClaimTemplate") { $0.edit("spec", claimSpec) } }
        volume.edit("image") { $0.setIfEmpty("pullPolicy", pullPolicy($0["reference"]?.string ?? "")) }
        sharedSources(&volume)
    }

    private static func downwardItem(_ item: inout JSONValue) {
        item.edit("fieldRef") { $0.setIfEmpty("apiVersion", "v1") }
    }

    static func claimSpec(_ spec: inout JSONValue) { spec.setDefault("volumeMode", "Filesystem") }

    /// Sources that volumes and PersistentVolumes have in common.
    static func sharedSources(_ volume: inout JSONValue) {
        volume.edit("hostPath") { $0.setDefault("type", "") }
        volume.edit("iscsi") { $0.setIfEmpty("iscsiInterface", "default") }
        volume.edit("rbd") { rbd in
            rbd.setIfEmpty("pool", "rbd")
            rbd.setIfEmpty("user", "admin")
            rbd.setIfEmpty("keyring", "/etc/ceph/keyring")
        }
        volume.edit("azureDisk") { disk in
            disk.setDefault("cachingMode", "ReadWrite")
            disk.setDefault("fsType", "ext4")
            disk.setDefault("readOnly", false)
            disk.setDefault("kind", "Shared")
        }
        volume.edit("scaleIO") { volume in
            volume.setIfEmpty("storageMode", "ThinProvisioned")
            volume.setIfEmpty("fsType", "xfs")
        }
    }
}
