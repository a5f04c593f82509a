import KubeAPI

/// JSON merge patch (RFC 7386), as the API server applies it.
public enum MergePatch {
    public static func apply(_ patch: JSONValue, to document: JSONValue) throws(PatchRefusal) -> JSONValue {
        guard case .object = patch else { throw .wrongForm(patch, "map[string]interface {}") }
        return merged(document, patch)
    }

    private static func merged(_ document: JSONValue, _ patch: JSONValue) -> JSONValue {
        guard case .object(let changes) = patch else { return patch }
        guard case .object(let object) = document else { return withoutNulls(patch) }
        var members = OrderedMembers(object)
        for change in OrderedMembers(changes).members {
            if change.value == .null {
                members[change.key] = nil
            } else if let old = members.take(change.key), old != .null {
                members[change.key] = merged(old, change.value)
            } else {
                members[change.key] = withoutNulls(change.value)
            }
        }
        return .object(members.object)
    }

    /// What a patch leaves of itself where there is nothing to change. Elements of arrays stay.
    static func withoutNulls(_ value: JSONValue) -> JSONValue {
        switch value {
        case .object(let object):
            let members = OrderedMembers(object).members.filter { $0.value != .null }
            return .object(JSONObject(members.map { JSONObject.Member($0.key, withoutNulls($0.value)) }))
        case .array(let array): return .array(array.map(withoutNulls))
        default: return value
        }
    }
}
