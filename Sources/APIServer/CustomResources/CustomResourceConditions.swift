import KubeAPI
import KubeSchema

/// What the server says of a CustomResourceDefinition in its status.
struct CustomResourceConditions: Sendable {
    /// Names that others of the same group have: plural, singular, short names, kinds.
    struct TakenNames: Sendable {
        var resources: Set<String> = []
        var kinds: Set<String> = []
    }

    /// Nanoseconds since 1970.
    let now: Int64

    /// The status with names, conditions and stored versions as they should be; equal to the old one when nothing is new.
    func status(of object: JSONValue, taken: TakenNames) -> JSONValue {
        var status = object["status"] ?? .emptyObject
        let spec = object["spec"] ?? .null
        let conflict = Self.conflict(spec["names"] ?? .null, taken)
        if conflict == nil { status[path: "acceptedNames"] = spec["names"] }
        if status["acceptedNames"] == nil { status[path: "acceptedNames"] = ["plural": "", "kind": ""] }

        var stored = status["storedVersions"]?.array ?? []
        let current = (spec["versions"]?.array ?? []).first { $0["storage"]?.bool == true }?["name"]
        if let current, !stored.contains(current) { stored.append(current) }
        status[path: "storedVersions"] = .array(stored)

        set(
            &status, "NamesAccepted", conflict == nil, conflict?.reason ?? "NoConflicts",
            conflict?.message ?? "no conflicts found")
        let isEstablished = conflict == nil || Self.isTrue(status, "Established")
        set(
            &status, "Established", isEstablished, isEstablished ? "InitialNamesAccepted" : "NotAccepted",
            isEstablished ? "the initial names have been accepted" : "not all names are accepted")
        saySchema(&status, spec)
        if object[path: "metadata", "deletionTimestamp"] != nil {
            set(
                &status, "Terminating", true, "InstanceDeletionInProgress",
                "CustomResource deletion is in progress")
        }
        return status
    }

    static func isTrue(_ status: JSONValue?, _ type: String) -> Bool {
        (status?["conditions"]?.array ?? []).contains { $0["type"]?.string == type && $0["status"] == "True" }
    }

    /// Schemas that are not structural are told; rules in CEL are not evaluated, and that is told too.
    private func saySchema(_ status: inout JSONValue, _ spec: JSONValue) {
        var errors: [FieldError] = []
        var hasRules = false
        for (index, version) in (spec["versions"]?.array ?? []).enumerated() {
            guard let schema = version[path: "schema", "openAPIV3Schema"] else { continue }
            let check = StructuralCheck(schema, path: "spec.versions[\(index)].schema.openAPIV3Schema")
            errors += check.errors
            hasRules = hasRules || check.hasValidationRules
        }
        if let first = errors.first {
            set(&status, "NonStructuralSchema", true, "Violations", "\(first.path): \(first.message)")
        } else {
            remove(&status, "NonStructuralSchema")
        }
        if hasRules {
            set(
                &status, "ValidationRulesIgnored", true, "NotSupported",
                "x-kubernetes-validations are stored and not evaluated: check such objects elsewhere")
        } else {
            remove(&status, "ValidationRulesIgnored")
        }
    }

    private static func conflict(_ names: JSONValue, _ taken: TakenNames) -> (reason: String, message: String)? {
        func text(_ field: String) -> String { names[field]?.string ?? "" }
        let short = (names["shortNames"]?.array ?? []).compactMap(\.string)
        for (reason, name) in [("PluralConflict", text("plural")), ("SingularConflict", text("singular"))]
            + short.map({ ("ShortNamesConflict", $0) })
        where taken.resources.contains(name) {
            return (reason, "\"\(name)\" is already in use")
        }
        for (reason, name) in [("KindConflict", text("kind")), ("ListKindConflict", text("listKind"))]
        where taken.kinds.contains(name) {
            return (reason, "\"\(name)\" is already in use")
        }
        return nil
    }

    private func set(_ status: inout JSONValue, _ type: String, _ value: Bool, _ reason: String, _ message: String) {
        var conditions = status["conditions"]?.array ?? []
        StatusConditions.set(&conditions, type, value, reason, message, now: now)
        status[path: "conditions"] = .array(conditions)
    }

    private func remove(_ status: inout JSONValue, _ type: String) {
        guard let conditions = status["conditions"]?.array else { return }
        let kept = conditions.filter { $0["type"]?.string != type }
        if kept.count < conditions.count { status[path: "conditions"] = .array(kept) }
    }
}
