import KubeAPI
import KubeSchema

/// core/v1 TopologySpreadConstraint.
struct SpreadConstraint: Sendable, Hashable {
    let topologyKey: String
    let maxSkew: Int64
    /// DoNotSchedule; otherwise ScheduleAnyway.
    let isRequired: Bool
    let minDomains: Int64
    /// nodeAffinityPolicy: Honor.
    let honorsNodeSelection: Bool
    /// nodeTaintsPolicy: Honor.
    let honorsTaints: Bool
    let pods: PodTerm

    init(_ constraint: SpreadDefaults.Constraint, pods: PodTerm) {
        topologyKey = constraint.topologyKey
        maxSkew = constraint.maxSkew
        isRequired = constraint.isRequired
        minDomains = 1
        honorsNodeSelection = true
        honorsTaints = false
        self.pods = pods
    }

    init(json: JSONValue, namespace: String, labels: [String: String]) throws(DecodingFailure) {
        topologyKey = json["topologyKey"]?.string ?? ""
        maxSkew = min(max(1, json["maxSkew"]?.integer ?? 1), Int64(Int32.max))
        isRequired = json["whenUnsatisfiable"]?.string != "ScheduleAnyway"
        minDomains = max(1, json["minDomains"]?.integer ?? 1)
        honorsNodeSelection = json["nodeAffinityPolicy"]?.string != "Ignore"
        honorsTaints = json["nodeTaintsPolicy"]?.string == "Honor"
        let extended = SelectorExtension(json, labels).apply(to: json["labelSelector"])
        do {
            pods = PodTerm(namespaces: [namespace], selector: try LabelSelector(json: extended))
        } catch {
            throw DecodingFailure("labelSelector", "\(error)")
        }
    }

    static func all(
        in spec: JSONValue, namespace: String, labels: [String: String]
    ) throws(DecodingFailure) -> [SpreadConstraint] {
        let list = "topologySpreadConstraints"
        var constraints: [SpreadConstraint] = []
        for (index, element) in (spec[list]?.array ?? []).enumerated() {
            do { constraints.append(try SpreadConstraint(json: element, namespace: namespace, labels: labels)) } catch {
                throw error.under(list, index)
            }
        }
        return constraints
    }
}
