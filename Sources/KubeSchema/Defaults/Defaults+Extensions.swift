import KubeAPI

/// What extends the API, and what orders requests to it.
extension Defaults {
    static let extensions: [String: Function] = [
        "apiextensions.k8s.io/v1/CustomResourceDefinition": customResource,
        "apiregistration.k8s.io/v1/APIService": { object in
            object.edit("spec") { $0.edit("service") { $0.setDefault("port", 443) } }
        },
        "scheduling.k8s.io/v1/PriorityClass": { $0.setDefault("preemptionPolicy", "PreemptLowerPriority") },
        "flowcontrol.apiserver.k8s.io/v1/FlowSchema": { object in
            object.edit("spec") { $0.setIfEmpty("matchingPrecedence", 1000) }
        },
        "flowcontrol.apiserver.k8s.io/v1/PriorityLevelConfiguration": { $0.edit("spec", priorityLevel) },
    ]

    private static func customResource(_ definition: inout JSONValue) {
        definition.edit("spec") { spec in
            spec.edit("names") { names in
                let kind = names["kind"]?.string ?? ""
                names.setIfEmpty("singular", .string(kind.lowercased()))
                if !kind.isEmpty { names.setIfEmpty("listKind", .string(kind + "List")) }
            }
            spec.make("conversion") { conversion in
                conversion.setIfEmpty("strategy", "None")
                conversion.edit("webhook") { webhook in
                    webhook.edit("clientConfig") { $0.edit("service") { $0.setDefault("port", 443) } }
                }
            }
        }
        guard definition[path: "status", "storedVersions"]?.array?.isEmpty ?? true,
            let stored = definition[path: "spec", "versions"]?.array?.first(where: { $0["storage"] == true })?["name"]
        else { return }
        definition.make("status") { $0.put("storedVersions", [stored]) }
    }

    private static func priorityLevel(_ spec: inout JSONValue) {
        spec.edit("limited") { limited in
            limited.setDefault("nominalConcurrencyShares", 30)
            limited.setDefault("lendablePercent", 0)
            limited.edit("limitResponse") { response in
                response.edit("queuing") { queuing in
                    queuing.setIfEmpty("queues", 64)
                    queuing.setIfEmpty("handSize", 8)
                    queuing.setIfEmpty("queueLengthLimit", 50)
                }
            }
        }
        guard spec["type"] == "Exempt" else { return }
        spec.make("exempt") { exempt in
            exempt.setDefault("nominalConcurrencyShares", 0)
            exempt.setDefault("lendablePercent", 0)
        }
    }
}
