/// Everything needed to talk to one API server as one user, whichever way it was configured.
public struct ServerConnection: Sendable, Equatable {
    /// PEM text in a file, which is read again when it changes, or in the configuration itself.
    public enum PEMSource: Sendable, Hashable {
        case file(String)
        case inline([UInt8])

        func bytes() throws(FileError) -> [UInt8] {
            switch self {
            case .file(let path): try readFile(path)
            case .inline(let bytes): bytes
            }
        }
    }

    public struct ClientCertificate: Sendable, Hashable {
        public var chain: PEMSource
        public var key: PEMSource

        public init(chain: PEMSource, key: PEMSource) {
            self.chain = chain
            self.key = key
        }
    }

    public enum Credential: Sendable, Equatable {
        case none
        case token(String)
        /// Read again when it changes.
        case tokenFile(String)
        case exec(ExecPlugin)
        case basic(username: String, password: String)
    }

    public var server: ServerAddress
    /// Name to expect in the server's certificate in place of the host.
    public var serverName: String?
    /// nil trusts the system's authorities.
    public var authority: PEMSource?
    public var skipsVerification = false
    public var clientCertificate: ClientCertificate?
    public var credential = Credential.none
    public var namespace = "default"

    public init(server: ServerAddress) { self.server = server }

    /// The authorities' certificates as text; nil when there are none, or they cannot be read.
    public var authorityText: String? {
        guard let bytes = try? authority?.bytes() else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// An external program that prints credentials (client.authentication.k8s.io).
public struct ExecPlugin: Sendable, Equatable {
    public struct Variable: Sendable, Equatable {
        public var name: String
        public var value: String

        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// `client.authentication.k8s.io/v1` or `…/v1beta1`.
    public var apiVersion: String
    public var command: String
    public var arguments: [String] = []
    /// Added to the environment of the process.
    public var environment: [Variable] = []
    /// Shown when the program is missing.
    public var installHint: String?
    /// Hand the program the server's address and authority.
    public var providesClusterInfo = false

    public init(apiVersion: String, command: String) {
        self.apiVersion = apiVersion
        self.command = command
    }
}
