import KubeAPI

/// Where a role is: a ClusterRole has the empty namespace.
public struct RoleKey: Sendable, Hashable {
    public var namespace: String
    public var name: String

    public init(namespace: String, name: String) {
        self.namespace = namespace
        self.name = name
    }

    var isClusterRole: Bool { namespace.isEmpty }
    var kind: String { isClusterRole ? "ClusterRole" : "Role" }
}

/// Whom a binding names.
public struct Subject: Sendable, Hashable {
    public enum Kind: String, Sendable {
        case user = "User"
        case group = "Group"
        case serviceAccount = "ServiceAccount"
    }

    public var kind: Kind
    public var name: String
    /// Of a service account.
    public var namespace: String

    public init(_ kind: Kind, _ name: String, namespace: String = "") {
        self.kind = kind
        self.name = name
        self.namespace = namespace
    }

    /// nil for kinds that nobody is. A service account without a namespace is in the binding's.
    init?(json: JSONValue, bindingNamespace: String) {
        guard let kind = json["kind"]?.string.flatMap(Kind.init), let name = json["name"]?.string else { return nil }
        let namespace = json["namespace"]?.string ?? ""
        self.init(
            kind, name,
            namespace: kind != .serviceAccount ? "" : namespace.isEmpty ? bindingNamespace : namespace)
    }

    /// Who the subject is for authentication: service accounts are users with a name of a certain form.
    enum Identity: Hashable {
        case user(String)
        case group(String)
    }

    var identity: Identity {
        switch kind {
        case .user: .user(name)
        case .group: .group(name)
        case .serviceAccount: .user(ServiceAccountName(namespace: namespace, name: name).userName)
        }
    }

    /// `User "jane"`, `ServiceAccount "builder/ci"`.
    var text: String {
        kind.rawValue + " " + GoText.quoted(kind == .serviceAccount ? name + "/" + namespace : name)
    }
}

/// A RoleBinding, or a ClusterRoleBinding with the empty namespace.
struct RoleBinding: Sendable, Hashable {
    struct Key: Sendable, Hashable {
        var namespace: String
        var name: String
    }

    var key: Key
    var role: RoleKey
    var subjects: [Subject]

    init(key: Key, json: JSONValue) {
        self.key = key
        role = RoleKey(roleReference: json["roleRef"], bindingNamespace: key.namespace)
        subjects = (json["subjects"]?.array ?? []).compactMap { Subject(json: $0, bindingNamespace: key.namespace) }
    }

    /// `RoleBinding "readers/default" of ClusterRole "view"`
    var text: String {
        let isCluster = key.namespace.isEmpty
        let name = isCluster ? key.name : key.name + "/" + key.namespace
        return (isCluster ? "ClusterRoleBinding " : "RoleBinding ") + GoText.quoted(name) + " of " + role.kind + " "
            + GoText.quoted(role.name)
    }
}

extension RoleKey {
    /// Of a binding's `roleRef`.
    public init(roleReference json: JSONValue?, bindingNamespace: String) {
        let isCluster = json?["kind"]?.string != "Role"
        self.init(namespace: isCluster ? "" : bindingNamespace, name: json?["name"]?.string ?? "")
    }
}
