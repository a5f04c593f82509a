import KubeAPI
import Yams

/// Turns a YAML tree into JSON. Aliases are expanded, which is why the number of values is bounded.
struct YAMLConverter {
    private var budget: Int

    /// `budget`: how many values may come out; no text without aliases makes more of them than it has bytes.
    init(budget: Int) { self.budget = budget }

    mutating func value(_ node: Yams.Node, depth: Int = 0) throws(YAMLFault) -> JSONValue {
        budget -= 1
        guard budget >= 0 else { throw YAMLFault(node, "aliases make too many values") }
        switch node {
        case .scalar(let scalar): return try value(scalar, node)
        case .sequence(let sequence):
            try check(depth, node)
            var elements: [JSONValue] = []
            for element in sequence { elements.append(try value(element, depth: depth + 1)) }
            return .array(elements)
        case .mapping(let mapping):
            try check(depth, node)
            return .object(try object(mapping, depth: depth))
        case .alias: throw YAMLFault(node, "an alias without its anchor")
        }
    }

    private func check(_ depth: Int, _ node: Yams.Node) throws(YAMLFault) {
        guard depth >= JSONParser.maximumDepth else { return }
        throw YAMLFault(node, "nested deeper than \(JSONParser.maximumDepth) levels")
    }

    private func value(_ scalar: Yams.Node.Scalar, _ node: Yams.Node) throws(YAMLFault) -> JSONValue {
        switch Tag.Name(rawValue: scalar.tag.rawValue) {
        case .str, .nonSpecific: return .string(scalar.string)
        case .implicit: return scalar.style == .plain ? YAMLScalar.value(scalar.string) : .string(scalar.string)
        case .int, .float, .bool, .null: return YAMLScalar.value(scalar.string)
        case let tag: throw YAMLFault(node, "tag \(tag.rawValue) has no meaning here")
        }
    }

    /// `<<` merges another mapping, or several, without overriding.
    private mutating func object(_ mapping: Yams.Node.Mapping, depth: Int) throws(YAMLFault) -> JSONObject {
        var members: [JSONObject.Member] = []
        var merged: [JSONObject] = []
        for (key, node) in mapping {
            guard let name = key.scalar else { throw YAMLFault(key, "the name of a field must be a text") }
            let value = try value(node, depth: depth + 1)
            if name.string == "<<", name.style == .plain {
                merged += try mergeSources(value, node)
            } else {
                members.append(JSONObject.Member(name.string, value))
            }
        }
        guard !merged.isEmpty else { return JSONObject(members) }
        var names = Set(members.map(\.key))
        for member in merged.flatMap(\.members) where names.insert(member.key).inserted { members.append(member) }
        return JSONObject(members)
    }

    private func mergeSources(_ value: JSONValue, _ node: Yams.Node) throws(YAMLFault) -> [JSONObject] {
        var objects: [JSONObject] = []
        for source in value.array ?? [value] {
            guard case .object(let object) = source else { throw YAMLFault(node, "only mappings can be merged by <<") }
            objects.append(object)
        }
        return objects
    }
}

/// Good YAML that is no manifest.
struct YAMLFault: Error {
    let position: TextPosition
    let reason: String

    init(_ position: TextPosition, _ reason: String) {
        self.position = position
        self.reason = reason
    }

    init(_ node: Yams.Node, _ reason: String) { self.init(TextPosition(node.mark), reason) }
}
