/// A kubeconfig file as values; nothing but the file itself has been read.
public struct Kubeconfig: Sendable, Equatable {
    public struct Cluster: Sendable, Equatable {
        public var server = ""
        public var serverName: String?
        public var authority: ServerConnection.PEMSource?
        public var skipsVerification = false
    }

    public struct User: Sendable, Equatable {
        public var certificate: ServerConnection.PEMSource?
        public var key: ServerConnection.PEMSource?
        public var token: String?
        public var tokenFile: String?
        public var exec: ExecPlugin?
        public var username: String?
        public var password: String?
    }

    public struct Context: Sendable, Equatable {
        public var cluster = ""
        public var user = ""
        public var namespace = ""
    }

    /// Path the file was read from; for messages.
    public var file: String
    public var currentContext = ""
    public var clusters: [String: Cluster] = [:]
    public var users: [String: User] = [:]
    public var contexts: [String: Context] = [:]

    init(file: String) { self.file = file }

    /// Where to connect and as whom. `context` defaults to current-context; `master` replaces the server's address.
    public func connection(
        context name: String? = nil, master: String? = nil
    ) throws(KubeconfigError) -> ServerConnection {
        let name = name ?? currentContext
        guard !name.isEmpty else {
            throw error("current-context", "is empty", "set it, or name a context")
        }
        guard let context = contexts[name] else {
            throw error("contexts", "has no entry named '\(name)'", "correct current-context or add the context")
        }
        guard let cluster = clusters[context.cluster] else {
            throw error(
                "contexts[\(name)].context.cluster", "names no cluster: '\(context.cluster)'", "add the cluster")
        }
        var connection = try connection(to: cluster, named: context.cluster, master: master)
        if !context.namespace.isEmpty { connection.namespace = context.namespace }
        guard !context.user.isEmpty else { return connection }
        guard let user = users[context.user] else {
            throw error("contexts[\(name)].context.user", "names no user: '\(context.user)'", "add the user")
        }
        connection.clientCertificate = try certificate(of: user, named: context.user)
        connection.credential = try credential(of: user, named: context.user)
        return connection
    }

    private func connection(
        to cluster: Cluster, named name: String, master: String?
    ) throws(KubeconfigError) -> ServerConnection {
        let isTLS = cluster.authority != nil || cluster.skipsVerification
        guard let server = ServerAddress(parsing: master ?? cluster.server, defaultIsTLS: isTLS) else {
            throw error(
                master == nil ? "clusters[\(name)].cluster.server" : "--master",
                "is not a URL: '\(master ?? cluster.server)'", "write it as https://host:port")
        }
        var connection = ServerConnection(server: server)
        connection.serverName = cluster.serverName
        connection.authority = cluster.authority
        connection.skipsVerification = cluster.skipsVerification
        return connection
    }

    private func certificate(
        of user: User, named name: String
    ) throws(KubeconfigError) -> ServerConnection.ClientCertificate? {
        switch (user.certificate, user.key) {
        case (nil, nil): return nil
        case (let chain?, let key?): return ServerConnection.ClientCertificate(chain: chain, key: key)
        default:
            throw error("users[\(name)].user", "has a client certificate or a client key without the other", "add both")
        }
    }

    private func credential(of user: User, named name: String) throws(KubeconfigError) -> ServerConnection.Credential {
        if let exec = user.exec {
            guard user.token == nil, user.tokenFile == nil, user.username == nil else {
                throw error("users[\(name)].user.exec", "stands beside another credential", "keep one of them")
            }
            return .exec(exec)
        }
        if let tokenFile = user.tokenFile { return .tokenFile(tokenFile) }
        if let token = user.token { return .token(token) }
        if let username = user.username { return .basic(username: username, password: user.password ?? "") }
        return .none
    }

    private func error(_ field: String, _ reason: String, _ advice: String) -> KubeconfigError {
        KubeconfigError(file: file, field: field, reason: reason, advice: advice)
    }
}

/// What is wrong with a kubeconfig file, where, and what to do about it.
public struct KubeconfigError: Error, Equatable, CustomStringConvertible {
    public let file: String
    /// Path of the field in the file, such as `users[admin].user.exec.command`; empty for the file as a whole.
    public let field: String
    public let reason: String
    public let advice: String

    public var description: String { "\(file): \(field.isEmpty ? "" : field + " ")\(reason); \(advice)" }
}
