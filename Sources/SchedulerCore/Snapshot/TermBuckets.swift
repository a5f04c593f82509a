import KubeSchema

/// Finds the terms that can match a pod by one of its labels, so that not every term is looked at.
struct TermBuckets: Sendable {
    private struct Label: Hashable {
        let key: String
        let value: String
    }

    private var byLabel: [Label: Set<Int>] = [:]
    /// Terms that ask for no value of a label.
    private var others: Set<Int> = []

    /// The values of one label, of which a pod that matches has one.
    private static func labels(of selector: LabelSelector) -> [Label]? {
        for requirement in selector.requirements {
            switch requirement.operator {
            case .in, .equals, .doubleEquals: return requirement.values.map { Label(key: requirement.key, value: $0) }
            default: continue
            }
        }
        return nil
    }

    mutating func insert(_ id: Int, _ selector: LabelSelector) {
        guard let labels = Self.labels(of: selector) else {
            others.insert(id)
            return
        }
        for label in labels { byLabel[label, default: []].insert(id) }
    }

    mutating func remove(_ id: Int, _ selector: LabelSelector) {
        guard let labels = Self.labels(of: selector) else {
            others.remove(id)
            return
        }
        for label in labels {
            byLabel[label]?.remove(id)
            if byLabel[label]?.isEmpty == true { byLabel[label] = nil }
        }
    }

    /// Those that may match a pod with these labels, each once.
    func candidates(_ labels: [String: String]) -> Set<Int> {
        var found = others
        guard !byLabel.isEmpty else { return found }
        for (key, value) in labels {
            if let ids = byLabel[Label(key: key, value: value)] { found.formUnion(ids) }
        }
        return found
    }
}
