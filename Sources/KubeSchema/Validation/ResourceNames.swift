/// What a resource of a container, a quota or a node may be called (upstream's pkg/apis/core/helper).
enum ResourceNames {
    /// Quotas of whole things.
    private static let counted: Set<String> = [
        "pods", "resourcequotas", "services", "replicationcontrollers", "secrets", "configmaps",
        "persistentvolumeclaims", "services.nodeports", "services.loadbalancers",
    ]
    private static let measured: Set<String> = [
        "cpu", "memory", "ephemeral-storage", "requests.cpu", "requests.memory", "requests.ephemeral-storage",
        "limits.cpu", "limits.memory", "limits.ephemeral-storage", "requests.storage",
    ]

    static func isQualified(_ name: String) -> Bool { name.utf8.contains(UInt8(ascii: "/")) }

    static func isStandardForQuotas(_ name: String) -> Bool {
        counted.contains(name) || measured.contains(name) || isHugePages(name) || name.hasPrefix("requests.hugepages-")
    }

    static func isStandard(_ name: String) -> Bool { name == "storage" || isStandardForQuotas(name) }

    static func isStandardForContainers(_ name: String) -> Bool {
        ["cpu", "memory", "ephemeral-storage"].contains(name) || isHugePages(name)
    }

    static func isHugePages(_ name: String) -> Bool { name.hasPrefix("hugepages-") }

    /// Kubernetes' own: without a prefix, or with one of its domain.
    static func isNative(_ name: String) -> Bool { !isQualified(name) || name.contains("kubernetes.io/") }

    static func isExtended(_ name: String) -> Bool {
        !isNative(name) && !name.hasPrefix("requests.") && NameFormats.qualifiedName("requests.\(name)").isEmpty
    }

    static func isWhole(_ name: String) -> Bool { counted.contains(name) || isExtended(name) }

    /// A limit may be above the request.
    static func mayOvercommit(_ name: String) -> Bool { isNative(name) && !isHugePages(name) }
}
