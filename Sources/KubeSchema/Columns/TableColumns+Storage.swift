import KubeAPI

extension TableColumns {
    static let storage: [String: Printer] = [
        "/PersistentVolume": volume,
        "/PersistentVolumeClaim": claim,
        "storage.k8s.io/StorageClass": storageClass,
        "storage.k8s.io/CSIDriver": driver,
        "storage.k8s.io/CSINode": { [.string($0.name), .integer(Int64($0.array("spec", "drivers").count)), $0.age] },
        "storage.k8s.io/VolumeAttachment": { row in
            [
                .string(row.name), .string(row.text("spec", "attacher")),
                .string(row.text("spec", "source", "persistentVolumeName")), .string(row.text("spec", "nodeName")),
                row.bool("status", "attached"), row.age,
            ]
        },
        "storage.k8s.io/VolumeAttributesClass": { [.string($0.name), .string($0.text("driverName")), $0.age] },
    ]

    /// `RWO,ROX,RWX,RWOP`, in this order.
    private static func accessModes(_ modes: [JSONValue]) -> String {
        [("ReadWriteOnce", "RWO"), ("ReadOnlyMany", "ROX"), ("ReadWriteMany", "RWX"), ("ReadWriteOncePod", "RWOP")]
            .filter { mode in modes.contains { $0.string == mode.0 } }.map(\.1).joined(separator: ",")
    }

    private static func className(_ row: PrintedRow) -> String {
        row.text("metadata", "annotations", "volume.beta.kubernetes.io/storage-class")
            .orElse(row.text("spec", "storageClassName"))
    }

    private static func common(_ row: PrintedRow) -> (phase: String, attributes: JSONValue, mode: JSONValue) {
        (
            row.isDeleting ? "Terminating" : row.text("status", "phase"),
            .string(row.text("spec", "volumeAttributesClassName").orElse("<unset>")),
            .string(row.text("spec", "volumeMode").orElse("<unset>"))
        )
    }

    private static func volume(_ row: PrintedRow) -> [JSONValue] {
        let common = common(row)
        let claim = row["spec", "claimRef"].map { "\($0["namespace"]?.string ?? "")/\($0["name"]?.string ?? "")" } ?? ""
        return [
            .string(row.name), .string(row.text("spec", "capacity", "storage")),
            .string(accessModes(row.array("spec", "accessModes"))),
            .string(row.text("spec", "persistentVolumeReclaimPolicy")), .string(common.phase), .string(claim),
            .string(className(row)), common.attributes, .string(row.text("status", "reason")), row.age, common.mode,
        ]
    }

    private static func claim(_ row: PrintedRow) -> [JSONValue] {
        let common = common(row)
        let volume = row.text("spec", "volumeName")
        return [
            .string(row.name), .string(common.phase), .string(volume),
            .string(volume.isEmpty ? "" : row.text("status", "capacity", "storage")),
            .string(volume.isEmpty ? "" : accessModes(row.array("status", "accessModes"))), .string(className(row)),
            common.attributes, row.age, common.mode,
        ]
    }

    private static func storageClass(_ row: PrintedRow) -> [JSONValue] {
        let isDefault = ["storageclass.kubernetes.io", "storageclass.beta.kubernetes.io"].contains {
            row.text("metadata", "annotations", $0 + "/is-default-class") == "true"
        }
        return [
            .string(row.name + (isDefault ? " (default)" : "")), .string(row.text("provisioner")),
            .string(row.text("reclaimPolicy").orElse("Delete")),
            .string(row.text("volumeBindingMode").orElse("<unset>")), row.bool("allowVolumeExpansion"), row.age,
        ]
    }

    private static func driver(_ row: PrintedRow) -> [JSONValue] {
        let tokens = row.array("spec", "tokenRequests").map { $0["audience"]?.string ?? "" }.joined(separator: ",")
        let modes = row.array("spec", "volumeLifecycleModes").compactMap(\.string).joined(separator: ",")
        return [
            .string(row.name), row["spec", "attachRequired"] ?? true, row.bool("spec", "podInfoOnMount"),
            row.bool("spec", "storageCapacity"), .string(tokens.orElse("<unset>")),
            row.bool("spec", "requiresRepublish"),
            .string(modes.orElse("<none>")), row.age,
        ]
    }
}
