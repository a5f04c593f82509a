import AccessControl
import KubeAPI

/// What is recorded (audit.k8s.io/v1 Policy): the first rule that matches a request decides; without one, nothing is.
public struct AuditPolicy: Sendable {
    struct Rule: Sendable {
        struct Resources: Sendable {
            var group: String
            /// `pods`, `pods/log`, `pods/*`, `*/status` or `*`; empty: all of the group.
            var resources: [String]
            var names: [String]
        }

        var level: AuditLevel
        var users: [String] = []
        var groups: [String] = []
        var verbs: [String] = []
        var resources: [Resources] = []
        /// `""`: requests outside namespaces.
        var namespaces: [String] = []
        var paths: [String] = []
        var omittedStages: Set<AuditEvent.Stage> = []
    }

    let rules: [Rule]

    public struct PolicyError: Error, Sendable, CustomStringConvertible {
        public let description: String
    }

    /// Everything's metadata, once answered.
    public static let metadata = AuditPolicy(rules: [Rule(level: .metadata, omittedStages: [.requestReceived])])

    private init(rules: [Rule]) { self.rules = rules }

    /// The policy file, out of its YAML.
    public init(json: JSONValue) throws(PolicyError) {
        guard json["kind"]?.string == "Policy", json["apiVersion"]?.string?.hasPrefix("audit.k8s.io/") == true else {
            throw PolicyError(description: "the audit policy file is no Policy of audit.k8s.io/v1")
        }
        let omitted = try Self.stages(json["omitStages"])
        guard let rules = json["rules"]?.array, !rules.isEmpty else {
            throw PolicyError(description: "the audit policy has no rules; it needs at least one")
        }
        var read: [Rule] = []
        for (index, rule) in rules.enumerated() {
            guard let level = rule["level"]?.string.flatMap(AuditLevel.init(name:)) else {
                throw PolicyError(
                    description: "rules[\(index)].level of the audit policy must be None, Metadata, Request or "
                        + "RequestResponse")
            }
            let resources = (rule["resources"]?.array ?? []).map { resource in
                Rule.Resources(
                    group: resource["group"]?.string ?? "", resources: Self.strings(resource["resources"]),
                    names: Self.strings(resource["resourceNames"]))
            }
            read.append(
                Rule(
                    level: level, users: Self.strings(rule["users"]), groups: Self.strings(rule["userGroups"]),
                    verbs: Self.strings(rule["verbs"]), resources: resources,
                    namespaces: Self.strings(rule["namespaces"]), paths: Self.strings(rule["nonResourceURLs"]),
                    omittedStages: omitted.union(try Self.stages(rule["omitStages"]))))
        }
        self.rules = read
    }

    /// nil: nothing is recorded.
    func rule(for request: RequestAttributes) -> Rule? { rules.first { $0.matches(request) } }

    private static func strings(_ json: JSONValue?) -> [String] { json?.array?.compactMap(\.string) ?? [] }

    private static func stages(_ json: JSONValue?) throws(PolicyError) -> Set<AuditEvent.Stage> {
        var stages: Set<AuditEvent.Stage> = []
        for name in strings(json) where name != "Panic" {
            guard let stage = AuditEvent.Stage(rawValue: name) else {
                throw PolicyError(description: "omitStages of the audit policy names an unknown stage: \(name)")
            }
            stages.insert(stage)
        }
        return stages
    }
}

extension AuditPolicy.Rule {
    func matches(_ request: RequestAttributes) -> Bool {
        let user = request.user
        guard users.isEmpty || users.contains(user.name), groups.isEmpty || !Set(groups).isDisjoint(with: user.groups),
            verbs.isEmpty || verbs.contains(request.verb)
        else { return false }
        if resources.isEmpty && namespaces.isEmpty && paths.isEmpty { return true }
        guard request.isResourceRequest else { return paths.contains { Self.path($0, covers: request.path) } }
        guard !resources.isEmpty || !namespaces.isEmpty else { return false }
        guard namespaces.isEmpty || namespaces.contains(request.namespace) else { return false }
        return resources.isEmpty || resources.contains { $0.matches(request) }
    }

    private static func path(_ pattern: String, covers path: String) -> Bool {
        pattern == "*" || pattern == path || pattern.hasSuffix("*") && path.hasPrefix(pattern.dropLast())
    }
}

extension AuditPolicy.Rule.Resources {
    func matches(_ request: RequestAttributes) -> Bool {
        guard group == request.group else { return false }
        if resources.isEmpty { return true }
        return resources.contains { matches($0, request) } && (names.isEmpty || names.contains(request.name))
    }

    private func matches(_ pattern: String, _ request: RequestAttributes) -> Bool {
        if pattern == "*" || pattern == request.resourceAndSubresource { return true }
        guard !request.subresource.isEmpty else { return false }
        return pattern == request.resource + "/*" || pattern == "*/" + request.subresource
    }
}

extension AuditLevel {
    init?(name: String) {
        guard let level = [AuditLevel.none, .metadata, .request, .requestResponse].first(where: { $0.name == name })
        else { return nil }
        self = level
    }

    var name: String {
        switch self {
        case .none: "None"
        case .metadata: "Metadata"
        case .request: "Request"
        case .requestResponse: "RequestResponse"
        }
    }
}
