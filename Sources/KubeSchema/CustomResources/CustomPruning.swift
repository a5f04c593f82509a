import KubeAPI

extension StructuralSchema {
    /// Removes what the schema does not know from a custom resource, and says what: `unknown field "spec.color"`.
    public func pruned(_ object: JSONValue) -> Normalized {
        var findings: [String] = []
        let value = pruned(object, path: "", isResource: true, &findings)
        return Normalized(value: value, findings: findings)
    }

    /// Of a value below the object: a default of the schema.
    func unknownFields(in value: JSONValue) -> [String] {
        var findings: [String] = []
        _ = pruned(value, path: "", isResource: false, &findings)
        return findings
    }

    private static let ofEveryObject: Set = ["apiVersion", "kind", "metadata"]

    private func pruned(
        _ value: JSONValue, path: String, isResource: Bool, _ findings: inout [String]
    ) -> JSONValue {
        switch value {
        case .object(let object):
            var kept = JSONObject()
            kept.members.reserveCapacity(object.members.count)
            for member in JSONObject.withoutDuplicates(object, path: path, &findings) {
                let below = path.isEmpty ? member.key : "\(path).\(member.key)"
                if isResource || isEmbeddedResource, Self.ofEveryObject.contains(member.key) {
                    kept.members.append(member)
                } else if let schema = self.member(member.key) {
                    let value = schema.pruned(member.value, path: below, isResource: false, &findings)
                    kept.members.append(JSONObject.Member(member.key, value))
                } else if preservesUnknownFields || allowsAnyProperties {
                    kept.members.append(member)
                } else {
                    findings.append("unknown field \"\(below)\"")
                }
            }
            return .object(kept)
        case .array(let elements):
            guard let items else { return value }
            return .array(
                elements.enumerated().map { index, element in
                    items.pruned(element, path: "\(path)[\(index)]", isResource: false, &findings)
                })
        default: return value
        }
    }
}

extension JSONObject {
    /// The members with the last of each name; the rest is told as duplicates.
    static func withoutDuplicates(_ object: JSONObject, path: String, _ findings: inout [String]) -> [Member] {
        var last: [String: Int] = Dictionary(minimumCapacity: object.members.count)
        for (index, member) in object.members.enumerated() where last.updateValue(index, forKey: member.key) != nil {
            findings.append("duplicate field \"\(path.isEmpty ? member.key : "\(path).\(member.key)")\"")
        }
        guard last.count < object.members.count else { return object.members }
        return object.members.enumerated().filter { last[$0.element.key] == $0.offset }.map(\.element)
    }
}
