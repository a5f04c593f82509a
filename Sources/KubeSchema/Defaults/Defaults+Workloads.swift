import KubeAPI

extension Defaults {
    static let workloads: [String: Function] = [
        "apps/v1/Deployment": { $0.edit("spec", deployment) },
        "apps/v1/ReplicaSet": { object in
            object.edit("spec") { spec in
                spec.setDefault("replicas", 1)
                spec.edit("template", podTemplate)
            }
        },
        "apps/v1/DaemonSet": { object in
            object.edit("metadata") { metadata in
                metadata.make("annotations") { $0.setDefault("deprecated.daemonset.template.generation", "1") }
            }
            object.edit("spec", daemonSet)
        },
        "apps/v1/StatefulSet": { $0.edit("spec", statefulSet) },
    ]

    private static func deployment(_ spec: inout JSONValue) {
        spec.setDefault("replicas", 1)
        spec.setDefault("revisionHistoryLimit", 10)
        spec.setDefault("progressDeadlineSeconds", 600)
        spec.make("strategy") { strategy in
            strategy.setIfEmpty("type", "RollingUpdate")
            guard strategy["type"] == "RollingUpdate" else { return }
            strategy.make("rollingUpdate") { update in
                update.setDefault("maxUnavailable", "25%")
                update.setDefault("maxSurge", "25%")
            }
        }
        spec.edit("template", podTemplate)
    }

    private static func daemonSet(_ spec: inout JSONValue) {
        spec.setDefault("revisionHistoryLimit", 10)
        spec.make("updateStrategy") { strategy in
            strategy.setIfEmpty("type", "RollingUpdate")
            guard strategy["type"] == "RollingUpdate" else { return }
            strategy.make("rollingUpdate") { update in
                update.setDefault("maxUnavailable", 1)
                update.setDefault("maxSurge", 0)
            }
        }
        spec.edit("template", podTemplate)
    }

    private static func statefulSet(_ spec: inout JSONValue) {
        spec.setDefault("replicas", 1)
        spec.setDefault("revisionHistoryLimit", 10)
        spec.setIfEmpty("podManagementPolicy", "OrderedReady")
        spec.make("updateStrategy") { strategy in
            if strategy.isEmpty("type") {
                strategy.put("type", "RollingUpdate")
                strategy.make("rollingUpdate") { $0.setDefault("partition", 0) }
            }
            if strategy["type"] == "RollingUpdate" { strategy.edit("rollingUpdate") { $0.setDefault("partition", 0) } }
        }
        spec.make("persistentVolumeClaimRetentionPolicy") { policy in
            policy.setIfEmpty("whenDeleted", "Retain")
            policy.setIfEmpty("whenScaled", "Retain")
        }
        spec.editEach("volumeClaimTemplates") { claim in
            claim.put("kind", "PersistentVolumeClaim")
            claim.put("apiVersion", "v1")
            claim.edit("spec", claimSpec)
            claim.make("status") { $0.setIfEmpty("phase", "Pending") }
        }
        spec.edit("template", podTemplate)
    }
}
