import KubeAPI

/// A tree that is an object of its type, and what was wrong with the text it came from.
public struct Normalized: Sendable {
    /// Members in the order of the type, maps in the order of their keys; without what Go's omitempty leaves out.
    public var value: JSONValue
    /// `unknown field "spec.foo"`, `duplicate field "spec.bar"`; what `fieldValidation` warns of or refuses.
    public var findings: [String]

    public init(value: JSONValue, findings: [String] = []) {
        self.value = value
        self.findings = findings
    }
}

extension Schema {
    /// What Go would write after reading `value` as `type`: unknown fields pruned, nulls dropped, zero values as the
    /// type's struct tags say, quantities, times and durations in canonical text.
    public func normalize(_ value: JSONValue, as type: TypeReference) throws(DecodingRefusal) -> Normalized {
        var normalizer = JSONNormalizer(plans)
        let result = try normalizer.typed(value, type.index)
        return Normalized(value: result.isNull ? plans.types[type.index].zero : result, findings: normalizer.findings)
    }

    /// A part of an object, as server-side apply has it: unknown fields pruned and texts canonical, but nothing that the
    /// client does not say.
    public func normalize(partial value: JSONValue, as type: TypeReference) throws(DecodingRefusal) -> Normalized {
        var normalizer = JSONNormalizer(plans, isPartial: true)
        return Normalized(value: try normalizer.typed(value, type.index), findings: normalizer.findings)
    }

    /// Puts members that were added to a canonical object where their type has them.
    public func order(_ value: inout JSONValue, as type: TypeReference) { plans.order(&value, type.index) }
}
