import KubeAPI
import KubeSchema

/// Which pods are meant, by namespace and labels.
struct PodTerm: Sendable, Hashable {
    /// Sorted.
    let namespaces: [String]
    /// Namespaces by their labels, besides those named.
    let namespaceSelector: LabelSelector?
    let selector: LabelSelector

    init(namespaces: [String], namespaceSelector: LabelSelector? = nil, selector: LabelSelector) {
        self.namespaces = namespaces.sorted()
        self.namespaceSelector = namespaceSelector
        self.selector = selector
    }

    /// `namespaceLabels` are those of the pod's namespace.
    func matches(_ pod: Pod, namespaceLabels: [String: String]) -> Bool {
        guard
            namespaces.contains(pod.key.namespace)
                || namespaceSelector.map({ $0.matches(namespaceLabels) }) ?? false
        else { return false }
        return selector.matches(pod.labels)
    }
}

/// core/v1 PodAffinityTerm.
struct PodAffinityTerm: Sendable, Hashable {
    let pods: PodTerm
    let topologyKey: String

    /// `namespace` and `labels` are those of the pod that bears the term.
    init(json: JSONValue, namespace: String, labels: [String: String]) throws(DecodingFailure) {
        var namespaces = (json["namespaces"]?.array ?? []).compactMap(\.string)
        let namespaceSelector = json["namespaceSelector"].flatMap { $0 == .null ? nil : $0 }
        if namespaces.isEmpty, namespaceSelector == nil { namespaces = [namespace] }
        let extended = SelectorExtension(json, labels).apply(to: json["labelSelector"])
        do {
            pods = PodTerm(
                namespaces: namespaces, namespaceSelector: try namespaceSelector.map(LabelSelector.init(json:)),
                selector: try LabelSelector(json: extended))
        } catch {
            throw DecodingFailure("labelSelector", "\(error)")
        }
        topologyKey = json["topologyKey"]?.string ?? ""
    }
}

/// What matchLabelKeys and mismatchLabelKeys (KEP-3243, KEP-3633) add to a selector: the pod's own values.
struct SelectorExtension {
    private var expressions: [JSONValue] = []

    init(_ json: JSONValue, _ labels: [String: String]) {
        for (list, `operator`) in [("matchLabelKeys", "In"), ("mismatchLabelKeys", "NotIn")] {
            for key in (json[list]?.array ?? []).compactMap(\.string) {
                guard let value = labels[key] else { continue }
                expressions.append(
                    ["key": .string(key), "operator": .string(`operator`), "values": .array([.string(value)])])
            }
        }
    }

    func apply(to selector: JSONValue?) -> JSONValue? {
        guard !expressions.isEmpty, case .object(var object)? = selector else { return selector }
        object["matchExpressions"] = .array((object["matchExpressions"]?.array ?? []) + expressions)
        return .object(object)
    }
}

/// spec.affinity.podAffinity and podAntiAffinity.
struct PodAffinities: Sendable, Hashable {
    struct Preference: Sendable, Hashable {
        /// Negative for anti-affinity.
        let weight: Int64
        let term: PodAffinityTerm
    }

    let required: [PodAffinityTerm]
    let requiredAnti: [PodAffinityTerm]
    let preferred: [Preference]

    static let none = PodAffinities()

    private init() { (required, requiredAnti, preferred) = ([], [], []) }

    init(spec: JSONValue, namespace: String, labels: [String: String]) throws(DecodingFailure) {
        guard let affinity = spec["affinity"], affinity != .null else {
            self = .none
            return
        }
        func terms(_ kind: String) throws(DecodingFailure) -> [PodAffinityTerm] {
            let list = "requiredDuringSchedulingIgnoredDuringExecution"
            var terms: [PodAffinityTerm] = []
            for (index, json) in (affinity[kind]?[list]?.array ?? []).enumerated() {
                do { terms.append(try PodAffinityTerm(json: json, namespace: namespace, labels: labels)) } catch {
                    throw error.under("affinity.\(kind).\(list)", index)
                }
            }
            return terms
        }
        func preferences(_ kind: String, sign: Int64) throws(DecodingFailure) -> [Preference] {
            let list = "preferredDuringSchedulingIgnoredDuringExecution"
            var preferences: [Preference] = []
            for (index, json) in (affinity[kind]?[list]?.array ?? []).enumerated() {
                do {
                    let term = try PodAffinityTerm(
                        json: json["podAffinityTerm"] ?? .null, namespace: namespace, labels: labels)
                    let weight = min(100, max(0, json["weight"]?.integer ?? 0))
                    preferences.append(Preference(weight: sign * weight, term: term))
                } catch {
                    throw error.under("affinity.\(kind).\(list)", index)
                }
            }
            return preferences
        }
        required = try terms("podAffinity")
        requiredAnti = try terms("podAntiAffinity")
        preferred =
            try preferences("podAffinity", sign: 1) + preferences("podAntiAffinity", sign: -1)
    }

    var isEmpty: Bool { required.isEmpty && requiredAnti.isEmpty && preferred.isEmpty }
}
