/// Who asks (authentication.k8s.io/v1 UserInfo).
public struct UserInfo: Sendable, Hashable {
    public var name: String
    public var uid: String
    public var groups: [String]
    public var extra: [String: [String]]

    public init(name: String, uid: String = "", groups: [String] = [], extra: [String: [String]] = [:]) {
        self.name = name
        self.uid = uid
        self.groups = groups
        self.extra = extra
    }

    public static let anonymous = UserInfo(name: "system:anonymous", groups: [Group.unauthenticated])

    /// Groups that the API server itself knows.
    public enum Group {
        /// May do everything; no role can take that away.
        public static let masters = "system:masters"
        public static let authenticated = "system:authenticated"
        public static let unauthenticated = "system:unauthenticated"
        public static let nodes = "system:nodes"
        public static let serviceAccounts = "system:serviceaccounts"
        public static let monitoring = "system:monitoring"
    }

    public var isMaster: Bool { groups.contains(Group.masters) }
}

/// Names of users that stand for service accounts: `system:serviceaccount:NAMESPACE:NAME`.
public struct ServiceAccountName: Sendable, Hashable {
    public var namespace: String
    public var name: String

    public init(namespace: String, name: String) {
        self.namespace = namespace
        self.name = name
    }

    /// nil for the name of anyone else.
    public init?(userName: String) {
        let parts = userName.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0] == "system", parts[1] == "serviceaccount", !parts[2].isEmpty,
            !parts[3].isEmpty
        else { return nil }
        self.init(namespace: String(parts[2]), name: String(parts[3]))
    }

    public var userName: String { "system:serviceaccount:\(namespace):\(name)" }

    /// Without `system:authenticated`, which authentication adds to everyone.
    public var groups: [String] {
        [UserInfo.Group.serviceAccounts, UserInfo.Group.serviceAccounts + ":" + namespace]
    }
}
