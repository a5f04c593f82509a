import KubeAPI

/// What a request carries to say who sends it.
struct Credentials: Sendable, Equatable {
    /// Value of the Authorization header.
    var authorization: String?
    /// From an exec plugin; takes the place of a configured one.
    var certificate: ServerConnection.ClientCertificate?
}

/// Keeps credentials fresh: token files are read again when they change, plugins run again when their answer expires.
actor CredentialSource {
    private let connection: ServerConnection
    private let environment: [String: String]
    private var tokenFile: (fingerprint: FileFingerprint, credentials: Credentials)?
    private var execAnswer: ExecCredential?
    private var execRun: Task<ExecCredential, any Error>?

    /// A plugin's answer is renewed this long before it expires.
    private static let expiryMargin: Int64 = 10
    private static let execTimeout = Duration.seconds(60)

    init(_ connection: ServerConnection, environment: [String: String]) {
        self.connection = connection
        self.environment = environment
    }

    func current() async throws(ClientError) -> Credentials {
        switch connection.credential {
        case .none: Credentials()
        case .token(let token): Credentials(authorization: "Bearer " + token)
        case .basic(let username, let password):
            Credentials(authorization: "Basic " + Base64.encode("\(username):\(password)".utf8))
        case .tokenFile(let path): try readToken(path)
        case .exec(let plugin): try await run(plugin)
        }
    }

    /// The server answered 401 to these credentials; true when others may be had now.
    func rejected(_ credentials: Credentials) -> Bool {
        switch connection.credential {
        case .none, .token, .basic: return false
        case .tokenFile:
            let used = tokenFile?.credentials
            tokenFile = nil
            return used != credentials || (try? readTokenAgain()) != credentials
        case .exec:
            if execAnswer?.credentials == credentials { execAnswer = nil }
            return true
        }
    }

    private func readTokenAgain() throws(ClientError) -> Credentials? {
        guard case .tokenFile(let path) = connection.credential else { return nil }
        return try readToken(path)
    }

    private func readToken(_ path: String) throws(ClientError) -> Credentials {
        let fingerprint = FileFingerprint(path: path)
        if let tokenFile, tokenFile.fingerprint == fingerprint { return tokenFile.credentials }
        do {
            let token = trimmed(try readFile(path))
            guard !token.isEmpty else { throw ClientError.credentials("\(path) is empty") }
            let credentials = Credentials(authorization: "Bearer " + token)
            tokenFile = fingerprint.map { ($0, credentials) }
            return credentials
        } catch {
            // A file being replaced must not cost requests while the last token may still be good.
            if let tokenFile { return tokenFile.credentials }
            throw .credentials("\(error)")
        }
    }

    private func run(_ plugin: ExecPlugin) async throws(ClientError) -> Credentials {
        let now = WallClock.now() / 1_000_000_000
        if let answer = execAnswer, answer.expiry.map({ $0 - Self.expiryMargin > now }) ?? true {
            return answer.credentials
        }
        let run =
            execRun
            ?? Task { [connection, environment] in
                try await ExecCredential.obtain(
                    from: plugin, connection: connection, environment: environment, timeout: Self.execTimeout)
            }
        execRun = run
        do {
            let answer = try await run.value
            if execRun == run {
                execRun = nil
                execAnswer = answer
            }
            return answer.credentials
        } catch {
            if execRun == run { execRun = nil }
            throw (error as? ClientError) ?? .credentials("\(error)")
        }
    }
}
