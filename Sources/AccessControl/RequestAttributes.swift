/// What is asked, as authorization sees it.
public struct RequestAttributes: Sendable, Hashable {
    public var user: UserInfo
    /// `get list watch create update patch delete deletecollection` or, of a path, the lower-case HTTP method.
    public var verb: String
    /// Empty for the core group.
    public var group = ""
    public var version = ""
    /// Empty for a request about a path, such as `/healthz`.
    public var resource = ""
    public var subresource = ""
    public var namespace = ""
    /// Also of a list or watch whose field selector asks for one `metadata.name`, as upstream's.
    public var name = ""
    public var path: String
    /// The query's, as it came: the Node authorizer lets a kubelet list the pods of its own node only.
    public var fieldSelector = ""
    public var labelSelector = ""

    public init(user: UserInfo, verb: String, path: String) {
        self.user = user
        self.verb = verb
        self.path = path
    }

    public init(
        user: UserInfo, verb: String, group: String = "", version: String = "v1", resource: String,
        subresource: String = "", namespace: String = "", name: String = ""
    ) {
        self.init(user: user, verb: verb, path: "")
        self.group = group
        self.version = version
        self.resource = resource
        self.subresource = subresource
        self.namespace = namespace
        self.name = name
    }

    public var isResourceRequest: Bool { !resource.isEmpty }

    /// `pods`, or `pods/log` with a subresource: what a rule's `resources` are compared with.
    public var resourceAndSubresource: String { subresource.isEmpty ? resource : resource + "/" + subresource }

    /// The value that the field selector asks `field` to equal; nil when it asks nothing, or anything else, of it.
    public func requiredValue(ofField field: String) -> String? {
        for requirement in fieldSelector.split(separator: ",") {
            guard let sign = requirement.firstIndex(of: "="), requirement[..<sign] == field else { continue }
            let value = requirement[sign...].drop { $0 == "=" }
            return value.isEmpty ? nil : String(value)
        }
        return nil
    }
}

/// What an authorizer says. The first that has an opinion decides; without any the request is refused.
public enum Decision: Sendable, Hashable {
    case allow(reason: String)
    case deny(reason: String)
    case noOpinion(reason: String)

    public var isAllowed: Bool {
        if case .allow = self { true } else { false }
    }

    public var reason: String {
        switch self {
        case .allow(let reason), .deny(let reason), .noOpinion(let reason): reason
        }
    }
}
