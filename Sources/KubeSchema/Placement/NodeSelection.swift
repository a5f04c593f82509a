import KubeAPI

/// core/v1 NodeSelectorRequirement.
public struct NodeRequirement: Sendable, Hashable {
    enum Operator: String, Sendable {
        case `in` = "In", notIn = "NotIn", exists = "Exists", doesNotExist = "DoesNotExist", greaterThan = "Gt",
            lessThan = "Lt"
    }

    let key: String
    let `operator`: Operator
    let values: [String]

    init(json: JSONValue) throws(DecodingFailure) {
        let name = json["operator"]?.string ?? ""
        guard let `operator` = Operator(rawValue: name) else {
            throw DecodingFailure("operator", "must be one of In, NotIn, Exists, DoesNotExist, Gt, Lt, got \"\(name)\"")
        }
        key = json["key"]?.string ?? ""
        self.operator = `operator`
        values = (json["values"]?.array ?? []).compactMap(\.string)
    }

    func matches(_ value: String?) -> Bool {
        switch `operator` {
        case .in: value.map(values.contains) ?? false
        case .notIn: !(value.map(values.contains) ?? false)
        case .exists: value != nil
        case .doesNotExist: value == nil
        case .greaterThan: compared(value) { $0 > $1 }
        case .lessThan: compared(value) { $0 < $1 }
        }
    }

    private func compared(_ value: String?, _ holds: (Int64, Int64) -> Bool) -> Bool {
        guard let value = value.flatMap({ Int64($0) }), let bound = values.first.flatMap({ Int64($0) }) else {
            return false
        }
        return holds(value, bound)
    }
}

/// core/v1 NodeSelectorTerm: all requirements hold. A term without requirements matches nothing.
public struct NodeSelectorTerm: Sendable, Hashable {
    let labels: [NodeRequirement]
    /// Only metadata.name can be asked for.
    let fields: [NodeRequirement]

    init(json: JSONValue) throws(DecodingFailure) {
        labels = try Self.requirements(json, "matchExpressions")
        fields = try Self.requirements(json, "matchFields")
    }

    private static func requirements(_ json: JSONValue, _ list: String) throws(DecodingFailure) -> [NodeRequirement] {
        var requirements: [NodeRequirement] = []
        for (index, element) in (json[list]?.array ?? []).enumerated() {
            do { requirements.append(try NodeRequirement(json: element)) } catch { throw error.under(list, index) }
        }
        return requirements
    }

    public func matches(name: String, labels nodeLabels: [String: String]) -> Bool {
        guard !(labels.isEmpty && fields.isEmpty) else { return false }
        return labels.allSatisfy { $0.matches(nodeLabels[$0.key]) }
            && fields.allSatisfy { $0.key == "metadata.name" && $0.matches(name) }
    }

    /// The only nodes that can match, by name; nil when the term names none.
    var names: Set<String>? {
        fields.first { $0.key == "metadata.name" && $0.operator == .in }.map { Set($0.values) }
    }
}

/// core/v1 NodeSelector: one of the terms matches. Without terms it matches nothing.
public struct NodeSelector: Sendable, Hashable {
    let terms: [NodeSelectorTerm]

    public init(json: JSONValue) throws(DecodingFailure) {
        var terms: [NodeSelectorTerm] = []
        for (index, element) in (json["nodeSelectorTerms"]?.array ?? []).enumerated() {
            do { terms.append(try NodeSelectorTerm(json: element)) } catch {
                throw error.under("nodeSelectorTerms", index)
            }
        }
        self.terms = terms
    }

    public func matches(name: String, labels: [String: String]) -> Bool {
        terms.contains { $0.matches(name: name, labels: labels) }
    }
}

/// On which nodes a pod must and would like to run: spec.nodeSelector and spec.affinity.nodeAffinity.
public struct NodeSelection: Sendable, Hashable {
    public struct Preference: Sendable, Hashable {
        public let weight: Int64
        public let term: NodeSelectorTerm
    }

    struct Label: Sendable, Hashable {
        let key: String
        let value: String
    }

    let labels: [Label]
    let required: NodeSelector?
    public let preferred: [Preference]

    /// - Parameter spec: of a pod.
    public init(spec: JSONValue) throws(DecodingFailure) {
        labels = (spec["nodeSelector"]?.object?.members ?? []).map { Label(key: $0.key, value: $0.value.string ?? "") }
        let affinity = spec["affinity"]?["nodeAffinity"]
        let requiredKey = "requiredDuringSchedulingIgnoredDuringExecution"
        if let json = affinity?[requiredKey], json != .null {
            do { required = try NodeSelector(json: json) } catch {
                throw error.under("affinity.nodeAffinity.\(requiredKey)")
            }
        } else {
            required = nil
        }
        var preferred: [Preference] = []
        let preferredKey = "preferredDuringSchedulingIgnoredDuringExecution"
        for (index, element) in (affinity?[preferredKey]?.array ?? []).enumerated() {
            do {
                let term = try NodeSelectorTerm(json: element["preference"] ?? .null)
                preferred.append(Preference(weight: element["weight"]?.integer ?? 0, term: term))
            } catch {
                throw error.under("affinity.nodeAffinity.\(preferredKey)", index)
            }
        }
        self.preferred = preferred
    }

    /// Whether every node will do.
    public var isOpen: Bool { labels.isEmpty && required == nil }

    public func allows(name: String, labels nodeLabels: [String: String]) -> Bool {
        labels.allSatisfy { nodeLabels[$0.key] == $0.value }
            && (required?.matches(name: name, labels: nodeLabels) ?? true)
    }

    /// The only nodes that can be allowed, by name; nil when names do not narrow it down.
    public var names: Set<String>? {
        guard let required, !required.terms.isEmpty else { return nil }
        var union: Set<String> = []
        for term in required.terms {
            guard let names = term.names else { return nil }
            union.formUnion(names)
        }
        return union
    }
}
