import KubeAPI

/// Which objects are meant, by their labels: all requirements hold.
public struct LabelSelector: Sendable, Hashable, CustomStringConvertible {
    /// Raw values are upstream's names of the operators (k8s.io/apimachinery/pkg/selection).
    public enum Operator: String, Sendable, CaseIterable {
        case `in`, notIn = "notin", equals = "=", doubleEquals = "==", notEquals = "!="
        case greaterThan = "gt", lessThan = "lt", exists, doesNotExist = "!"
    }

    public struct Requirement: Sendable, Hashable {
        public let key: String
        public let `operator`: Operator
        /// Sorted, without repetitions.
        public let values: [String]

        init(validKey key: String, _ operator: Operator, _ values: [String]) {
            self.key = key
            self.operator = `operator`
            self.values = values.count > 1 ? Set(values).sorted() : values
        }
    }

    /// A text or an object that is no selector; says so in upstream's words.
    public struct Refusal: Error, Sendable, Hashable, CustomStringConvertible {
        public let description: String

        public init(_ description: String) { self.description = description }
    }

    /// Sorted by key.
    public let requirements: [Requirement]
    /// What a missing selector means.
    public let matchesNothing: Bool

    public static let everything = LabelSelector([])
    public static let nothing = LabelSelector([], matchesNothing: true)

    init(_ requirements: [Requirement], matchesNothing: Bool = false) {
        self.requirements = requirements.sorted { $0.key < $1.key }
        self.matchesNothing = matchesNothing
    }

    /// Objects that bear all of `labels`; the labels are not checked.
    public init(labels: JSONValue?) {
        guard case .object(let object)? = labels else {
            self.init([])
            return
        }
        self.init(object.members.map { Requirement(validKey: $0.key, .equals, [$0.value.string ?? ""]) })
    }

    /// What both select.
    public func and(_ other: LabelSelector) -> LabelSelector {
        LabelSelector(requirements + other.requirements, matchesNothing: matchesNothing || other.matchesNothing)
    }

    public var isEverything: Bool { requirements.isEmpty && !matchesNothing }

    // MARK: - Matching

    /// `value` gives the value of a label, nil when the object has none of that key.
    public func matches(_ value: (String) -> String?) -> Bool {
        !matchesNothing && requirements.allSatisfy { $0.matches(value($0.key)) }
    }

    /// `labels` is metadata.labels, nil when there are none.
    public func matches(labels: JSONValue?) -> Bool { matches { labels?[$0]?.string } }

    public func matches(_ labels: [String: String]) -> Bool { matches { labels[$0] } }

    /// The one value that the label must have; nil when other objects can match too.
    public func requiredValue(of key: String) -> String? {
        guard let requirement = requirements.first(where: { $0.key == key }), requirement.values.count == 1 else {
            return nil
        }
        switch requirement.operator {
        case .equals, .doubleEquals, .in: return requirement.values[0]
        default: return nil
        }
    }

    /// In the syntax of the query parameter.
    public var description: String { requirements.map(\.description).joined(separator: ",") }
}

extension LabelSelector.Requirement: CustomStringConvertible {
    func matches(_ value: String?) -> Bool {
        switch `operator` {
        case .exists: return value != nil
        case .doesNotExist: return value == nil
        case .in, .equals, .doubleEquals: return value.map(contains) ?? false
        case .notIn, .notEquals: return !(value.map(contains) ?? false)
        case .greaterThan, .lessThan:
            guard let value, let number = Int64(value), let limit = values.first.flatMap({ Int64($0) }) else {
                return false
            }
            return `operator` == .greaterThan ? number > limit : number < limit
        }
    }

    private func contains(_ value: String) -> Bool {
        guard values.count > 8 else { return values.contains(value) }
        var (low, high) = (0, values.count)
        while low < high {
            let middle = low + (high - low) / 2
            if values[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low < values.count && values[low] == value
    }

    public var description: String {
        let list = values.joined(separator: ",")
        switch `operator` {
        case .exists: return key
        case .doesNotExist: return "!\(key)"
        case .in, .notIn: return "\(key) \(`operator`.rawValue) (\(list))"
        case .greaterThan: return "\(key)>\(list)"
        case .lessThan: return "\(key)<\(list)"
        case .equals, .doubleEquals, .notEquals: return key + `operator`.rawValue + list
        }
    }

    /// Checks the key, the number of values and the values.
    init(_ key: String, _ operator: LabelSelector.Operator, _ values: [String]) throws(LabelSelector.Refusal) {
        var findings: [FieldError] = []
        let keyFindings = NameFormats.qualifiedName(key)
        if !keyFindings.isEmpty {
            findings.append(FieldError(.invalid, "key", .string(key), keyFindings.joined(separator: "; ")))
        }
        if let finding = Self.countFinding(`operator`, values.count) {
            let shown = JSONValue.array(values.map(JSONValue.string))
            findings.append(FieldError(.invalid, "values", shown, finding))
        }
        for (index, value) in values.enumerated() {
            if `operator` == .greaterThan || `operator` == .lessThan, Int64(value) == nil {
                findings.append(
                    FieldError(
                        .invalid, "values[\(index)]", .string(value),
                        "for 'Gt', 'Lt' operators, the value must be an integer"))
            }
            let valueFindings = NameFormats.labelValue(value)
            if !valueFindings.isEmpty {
                findings.append(
                    FieldError(
                        .invalid, "values[\(index)][\(key)]", .string(value), valueFindings.joined(separator: "; ")))
            }
        }
        guard findings.isEmpty else {
            let texts = findings.map { "\($0.path): \($0.message)" }
            throw LabelSelector.Refusal(texts.count == 1 ? texts[0] : "[\(texts.joined(separator: ", "))]")
        }
        self.init(validKey: key, `operator`, values)
    }

    private static func countFinding(_ operator: LabelSelector.Operator, _ count: Int) -> String? {
        switch `operator` {
        case .in, .notIn: count == 0 ? "for 'in', 'notin' operators, values set can't be empty" : nil
        case .equals, .doubleEquals, .notEquals:
            count == 1 ? nil : "exact-match compatibility requires one single value"
        case .exists, .doesNotExist: count == 0 ? nil : "values set must be empty for exists and does not exist"
        case .greaterThan, .lessThan:
            count == 1 ? nil : "for 'Gt', 'Lt' operators, exactly one value is required"
        }
    }
}
