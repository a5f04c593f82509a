import KubeAPI

extension Defaults {
    static let storage: [String: Function] = [
        "/v1/PersistentVolume": { object in
            object.edit("spec") { spec in
                spec.setIfEmpty("persistentVolumeReclaimPolicy", "Retain")
                spec.setDefault("volumeMode", "Filesystem")
                sharedSources(&spec)
            }
            object.make("status") { $0.setIfEmpty("phase", "Pending") }
        },
        "/v1/PersistentVolumeClaim": { object in
            object.edit("spec", claimSpec)
            object.make("status") { $0.setIfEmpty("phase", "Pending") }
        },
        "storage.k8s.io/v1/StorageClass": { object in
            object.setDefault("reclaimPolicy", "Delete")
            object.setDefault("volumeBindingMode", "Immediate")
        },
        "storage.k8s.io/v1/CSIDriver": { $0.edit("spec", driver) },
    ]

    private static func driver(_ spec: inout JSONValue) {
        spec.setDefault("attachRequired", true)
        for flag in ["podInfoOnMount", "storageCapacity", "requiresRepublish", "seLinuxMount"] {
            spec.setDefault(flag, false)
        }
        spec.setDefault("fsGroupPolicy", "ReadWriteOnceWithFSType")
        spec.setIfEmpty("volumeLifecycleModes", ["Persistent"])
    }
}
