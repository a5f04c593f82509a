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
    public var name = ""
    public var path: String

    public init(user: UserInfo, verb: String, path: String) {
        self.user = user
        self.verb = verb
        self.path = path
    }

    public var isResourceRequest: Bool { !resource.isEmpty }
}

/// What an authorizer says. The first that has an opinion decides; without any the request is refused.
public enum Decision: Sendable, Hashable {
    case allow(reason: String)
    case deny(reason: String)
    case noOpinion(reason: String)
}
