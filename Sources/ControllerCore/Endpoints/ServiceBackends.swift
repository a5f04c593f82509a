import KubeAPI
import KubeSchema

/// Which pods stand behind a Service, and at which of their ports.
enum ServiceBackends {
    /// nil for a Service whose endpoints are not made from pods.
    static func selector(_ service: APIObject) -> LabelSelector? {
        guard let selector = service.spec?["selector"]?.object, !selector.members.isEmpty,
            service.spec?["type"]?.string != "ExternalName"
        else { return nil }
        return LabelSelector(labels: .object(selector))
    }

    static func isHeadless(_ service: APIObject) -> Bool { service.spec?["clusterIP"]?.string == "None" }

    /// A pod has its place among the endpoints from its first address until its end.
    static func takesPart(_ pod: APIObject) -> Bool { !pod.hasFinished && !pod.podIPs.isEmpty }

    /// The number of `servicePort` in the pod; nil when no container names it.
    static func targetPort(_ servicePort: JSONValue, of pod: APIObject) -> Int64? {
        switch servicePort["targetPort"] {
        case .string(let name)?:
            let transport = servicePort["protocol"]?.string ?? "TCP"
            let sidecars = (pod.spec?["initContainers"]?.array ?? []).filter { $0["restartPolicy"]?.string == "Always" }
            for container in (pod.spec?["containers"]?.array ?? []) + sidecars {
                for port in container["ports"]?.array ?? []
                where port["name"]?.string == name && (port["protocol"]?.string ?? "TCP") == transport {
                    return port["containerPort"]?.integer
                }
            }
            return nil
        case .integer(let number)? where number > 0: return number
        default: return servicePort["port"]?.integer
        }
    }

    static func isIPv6(_ address: String) -> Bool { address.utf8.contains(UInt8(ascii: ":")) }

    static func reference(to pod: APIObject) -> JSONValue {
        [
            "kind": "Pod", "namespace": .string(pod.namespace), "name": .string(pod.name), "uid": .string(pod.uid),
        ]
    }

    /// The name by which DNS finds the pod below its Service.
    static func hostname(_ pod: APIObject, in service: APIObject) -> JSONValue? {
        guard let hostname = pod.spec?["hostname"]?.string, !hostname.isEmpty,
            pod.spec?["subdomain"]?.string == service.name
        else { return nil }
        return .string(hostname)
    }
}

/// Services whose pods a pod is, or was.
public enum ServiceMatching {
    /// - Parameter bySelector: Services by one pair of their selector, as `Indexes.selector`.
    public static func services(
        of pods: [APIObject], bySelector: (String) -> [APIObject]
    ) -> Set<NamespacedName> {
        var found: Set<NamespacedName> = []
        for pod in pods {
            for pair in Indexes.pairs(pod.labels, in: pod.namespace) {
                for service in bySelector(pair)
                where ServiceBackends.selector(service)?.matches(labels: pod.labels) == true {
                    found.insert(service.key)
                }
            }
        }
        return found
    }

    /// One pair that the pods of a Service must have, as `Indexes.label`; nil without a selector.
    public static func pair(_ service: APIObject) -> String? {
        guard ServiceBackends.selector(service) != nil else { return nil }
        return Indexes.pairs(service.spec?["selector"], in: service.namespace).sorted().first
    }

    /// Something changed that endpoints show.
    public static func matters(_ old: APIObject, _ new: APIObject) -> Bool {
        old.labels != new.labels || old.podIPs != new.podIPs || old.podPhase != new.podPhase
            || old.isReadyPod != new.isReadyPod || old.isBeingDeleted != new.isBeingDeleted
            || old.nodeName != new.nodeName || old.spec?["hostname"] != new.spec?["hostname"]
    }
}
