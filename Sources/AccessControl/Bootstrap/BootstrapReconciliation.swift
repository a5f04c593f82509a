import KubeAPI

/// What to do at start about one bootstrap object.
public enum BootstrapReconciliation: Sendable, Hashable {
    case nothing
    case create(JSONValue)
    case update(JSONValue)
    /// Delete the object and make this one: a binding's `roleRef` cannot be changed.
    case replace(JSONValue)

    /// `"false"` on a role or binding: leave it as its administrator wrote it.
    public static let roleAnnotation = "rbac.authorization.kubernetes.io/autoupdate"
    /// `"true"` on a flow schema or priority level: the server keeps the spec.
    public static let flowAnnotation = "apf.kubernetes.io/autoupdate-spec"

    /// - Parameter existing: as stored; nil when there is none.
    public init(existing: JSONValue?, expected: JSONValue) {
        guard let existing else {
            self = .create(expected)
            return
        }
        let annotations = existing["metadata"]?["annotations"].stringMap ?? [:]
        switch expected["kind"]?.string {
        case "ClusterRole", "Role", "ClusterRoleBinding", "RoleBinding":
            self = annotations[Self.roleAnnotation] == "false" ? .nothing : Self.access(existing, expected)
        case "FlowSchema", "PriorityLevelConfiguration":
            let isOurs = annotations[Self.flowAnnotation] == "true"
            let spec = expected["spec"] ?? [:]
            let isSame = existing["spec"].map { Self.contains($0, spec) } ?? false
            self = isOurs && !isSame ? .update(existing.setting("spec", spec)) : .nothing
        default: self = .nothing
        }
    }

    /// Adds what is missing and takes nothing away, as upstream.
    private static func access(_ existing: JSONValue, _ expected: JSONValue) -> Self {
        if let role = expected["roleRef"], let old = existing["roleRef"],
            role["kind"] != old["kind"] || role["name"] != old["name"]
        {
            return .replace(expected)
        }
        var object = existing
        for field in ["labels", "annotations"] { addMetadata(field, of: expected, to: &object) }
        if expected["roleRef"] != nil {
            append(expected["subjects"]?.array ?? [], to: "subjects", of: &object)
        } else if let selectors = expected["aggregationRule"]?["clusterRoleSelectors"]?.array {
            var rule = object["aggregationRule"] ?? [:]
            append(selectors, to: "clusterRoleSelectors", of: &rule)
            object = object.setting("aggregationRule", rule)
        } else {
            let held = (object["rules"]?.array ?? []).map(PolicyRule.init)
            let wanted = (expected["rules"]?.array ?? []).map(PolicyRule.init)
            let missing = PolicyRule.compact(PolicyRule.missing(wanted, from: held))
            append(missing.map(\.json), to: "rules", of: &object)
        }
        return object == existing ? .nothing : .update(object)
    }

    private static func append(_ elements: [JSONValue], to key: String, of object: inout JSONValue) {
        let old = object[key]?.array ?? []
        let missing = elements.filter { element in !old.contains { contains($0, element) } }
        if !missing.isEmpty { object = object.setting(key, .array(old + missing)) }
    }

    private static func addMetadata(_ field: String, of expected: JSONValue, to object: inout JSONValue) {
        guard case .object(let wanted)? = expected["metadata"]?[field], let metadata = object["metadata"] else {
            return
        }
        var map = metadata[field] ?? [:]
        for member in wanted.members where map[member.key] != member.value && map[member.key] == nil {
            map = map.setting(member.key, member.value)
        }
        if map != metadata[field] ?? [:] { object = object.setting("metadata", metadata.setting(field, map)) }
    }

    /// Whether `value` has all of `part`: an object may have further members, which defaulting adds.
    private static func contains(_ value: JSONValue, _ part: JSONValue) -> Bool {
        switch (value, part) {
        case (.object, .object(let members)):
            members.members.allSatisfy { member in value[member.key].map { contains($0, member.value) } ?? false }
        case (.array(let elements), .array(let parts)):
            elements.count == parts.count && zip(elements, parts).allSatisfy { contains($0, $1) }
        default: value == part
        }
    }
}
