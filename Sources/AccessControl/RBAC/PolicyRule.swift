import KubeAPI

/// What a role allows (rbac.authorization.k8s.io/v1 PolicyRule): verbs on resources, or verbs on paths.
public struct PolicyRule: Sendable, Hashable {
    public static let all = "*"

    public var verbs: [String]
    public var apiGroups: [String]
    /// `pods`, `pods/log`, `*/scale` or `*`. As upstream, `pods/*` means nothing.
    public var resources: [String]
    /// Empty: every name.
    public var resourceNames: [String]
    /// A path, or a path that ends with `*`.
    public var nonResourceURLs: [String]

    public init(
        verbs: [String], apiGroups: [String] = [], resources: [String] = [], resourceNames: [String] = [],
        nonResourceURLs: [String] = []
    ) {
        self.verbs = verbs
        self.apiGroups = apiGroups
        self.resources = resources
        self.resourceNames = resourceNames
        self.nonResourceURLs = nonResourceURLs
    }

    /// What is missing or of another type counts as empty, and so allows nothing.
    public init(json: JSONValue) {
        self.init(
            verbs: json["verbs"].strings, apiGroups: json["apiGroups"].strings, resources: json["resources"].strings,
            resourceNames: json["resourceNames"].strings, nonResourceURLs: json["nonResourceURLs"].strings)
    }

    /// Empty lists are left out, but for the verbs.
    public var json: JSONValue {
        let lists = [
            ("verbs", verbs), ("apiGroups", apiGroups), ("resources", resources), ("resourceNames", resourceNames),
            ("nonResourceURLs", nonResourceURLs),
        ]
        return .object(
            JSONObject(
                lists.filter { $0.0 == "verbs" || !$0.1.isEmpty }.map { JSONObject.Member($0.0, .strings($0.1)) }))
    }

    public static let everything = [
        PolicyRule(verbs: [all], apiGroups: [all], resources: [all]),
        PolicyRule(verbs: [all], nonResourceURLs: [all]),
    ]
}

extension JSONValue {
    static func strings(_ strings: [String]) -> JSONValue { .array(strings.map { .string($0) }) }
}

extension JSONValue? {
    /// The strings of an array; empty for anything else.
    var strings: [String] { self?.array?.compactMap(\.string) ?? [] }

    /// The members of an object that are strings; empty for anything else.
    var stringMap: [String: String] {
        guard case .object(let object)? = self else { return [:] }
        return Dictionary(
            object.members.compactMap { member in member.value.string.map { (member.key, $0) } },
            uniquingKeysWith: { $1 })
    }
}
