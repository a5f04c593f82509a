import KubeAPI

/// What is to be done about the APIServices: there is one for each version of a group that CustomResourceDefinitions
/// serve, and each says whether its group can be had here. Pure.
struct APIServicePlan: Sendable {
    /// Objects.
    private(set) var missing: [JSONValue] = []
    /// The specifications of others, by name.
    private(set) var changed: [String: JSONValue] = [:]
    private(set) var superfluous: [String] = []
    /// Those whose conditions are not as `available` makes them.
    private(set) var unsettled: [String] = []

    /// `onstart`: made at start and then left alone; `true`: kept as the CustomResourceDefinitions are.
    private static let label = "kube-aggregator.kubernetes.io/automanaged"

    /// `served`: what the server has, whatever its APIService says, as `v1.apps`.
    init(services: [String: JSONValue], definitions: [JSONValue], served: Set<String> = []) {
        let wanted = Self.wanted(definitions)
        for (name, spec) in wanted.sorted(by: { $0.key < $1.key }) {
            guard let service = services[name] else {
                missing.append(Self.service(name, spec))
                continue
            }
            let isOurs = Self.isKept(service)
            let differs = spec.object?.members.contains { service[path: "spec", $0.key] != $0.value } ?? false
            if isOurs, differs { changed[name] = spec }
        }
        for (name, service) in services.sorted(by: { $0.key < $1.key }) {
            if Self.isKept(service), wanted[name] == nil {
                superfluous.append(name)
            } else if Self.available(service, served, now: 0) != service["status"]?["conditions"]?.array {
                unsettled.append(name)
            }
        }
    }

    private static func isKept(_ service: JSONValue) -> Bool {
        service[path: "metadata", "labels", label] == "true"
    }

    /// Specifications by name.
    private static func wanted(_ definitions: [JSONValue]) -> [String: JSONValue] {
        var wanted: [String: JSONValue] = [:]
        for definition in definitions {
            guard let group = definition[path: "spec", "group"]?.string else { continue }
            for version in definition[path: "spec", "versions"]?.array ?? [] where version["served"] == true {
                guard let name = version["name"]?.string else { continue }
                wanted["\(name).\(group)"] = [
                    "group": .string(group), "version": .string(name), "groupPriorityMinimum": 1000,
                    "versionPriority": 100,
                ]
            }
        }
        return wanted
    }

    private static func service(_ name: String, _ spec: JSONValue) -> JSONValue {
        [
            "kind": "APIService", "apiVersion": "apiregistration.k8s.io/v1",
            "metadata": ["name": .string(name), "labels": [label: "true"]], "spec": spec,
        ]
    }

    /// The conditions with the one that says whether the group can be had; `now`: nanoseconds since 1970.
    static func available(_ service: JSONValue, _ served: Set<String> = [], now: Int64) -> [JSONValue] {
        var conditions = service[path: "status", "conditions"]?.array ?? []
        // metrics.k8s.io is served here, though its APIService may name a metrics-server.
        if service[path: "spec", "service"] == nil || served.contains(service.meta("name")) {
            StatusConditions.set(
                &conditions, "Available", true, "Local", "Local APIServices are always available", now: now)
        } else {
            StatusConditions.set(
                &conditions, "Available", false, "NotAggregated",
                "this API server passes no requests on to other API servers", now: now)
        }
        return conditions
    }
}
