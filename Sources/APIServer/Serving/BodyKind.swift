import KubeAPI
import KubeSchema

/// Kind and version that an object says it is of, held against what a path takes, in upstream's words.
struct BodyKind {
    var group: String
    var version: String
    var kind: String
    var isCustom = false

    init(group: String, version: String, kind: String) {
        (self.group, self.version, self.kind) = (group, version, kind)
    }

    init(_ definition: ResourceDefinition, isCustom: Bool) {
        self.init(group: definition.group, version: definition.version, kind: definition.kind)
        self.isCustom = isCustom
    }

    /// What the object says; `other` where it says nothing.
    init(_ object: JSONValue, or other: BodyKind) {
        self = other
        if let kind = object["kind"]?.string, !kind.isEmpty { self.kind = kind }
        guard let apiVersion = object["apiVersion"]?.string, !apiVersion.isEmpty else { return }
        let parts = apiVersion.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        group = parts.count > 1 ? String(parts[0]) : ""
        version = String(parts.last ?? "")
    }

    var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }

    /// The same kind in another of its versions: it could be read, and does not belong here.
    func isConvertible(_ own: BodyKind) -> Bool { isCustom || own.kind == kind && own.isRegistered }

    private var isRegistered: Bool {
        APICatalog.builtin.type(group: group, version: version, kind: kind) != nil
    }

    /// Why the object does not belong here; nil when it does.
    func refusal(of object: JSONValue) -> String? {
        let own = BodyKind(object, or: self)
        // Options are registered in every group and version; kubectl 1.21 and older evict in words of their time.
        let isVersion =
            own.apiVersion == apiVersion || kind == "DeleteOptions"
            || kind == "Eviction" && own.apiVersion == "policy/v1beta1"
        if own.kind == kind, isVersion { return nil }
        guard !isConvertible(own) else {
            // The kind of a custom resource is looked at with the rest of the object.
            return isVersion
                ? nil
                : "the API version in the data (\(own.apiVersion)) does not match the expected API version "
                    + "(\(apiVersion))"
        }
        guard own.isRegistered else {
            return "no kind \"\(own.kind)\" is registered for version \"\(own.apiVersion)\" in scheme "
                + "\"pkg/api/legacyscheme/scheme.go:30\""
        }
        return "converting (\(own.version).\(own.kind)) to (\(package).\(kind)): unknown conversion"
    }

    /// Upstream's package of the types that all versions of a group are converted to.
    private var package: String {
        group.isEmpty || group == "events.k8s.io" ? "core" : String(group.prefix { $0 != "." })
    }

    /// A custom resource must say its own kind; 422.
    func error(of object: JSONValue) -> FieldError? {
        let own = BodyKind(object, or: self)
        guard isCustom, own.kind != kind else { return nil }
        return FieldError(.invalid, "kind", .string(own.kind), "must be \(kind)")
    }
}
