import AccessControl

/// Tells who asks.
public protocol Authenticator: Sendable {
    func authenticate(_ input: AuthenticationInput) async -> AuthenticationResult
}

/// What a request shows of its sender.
public struct AuthenticationInput: Sendable {
    /// By lower-case name, in the order of the request.
    public var headers: [String: [String]]
    /// DER of the client's certificate, whose chain the TLS layer has verified.
    public var peerCertificate: [UInt8]?
    /// `10.0.0.1:40312`
    public var remoteAddress: String

    public init(headers: [String: [String]], peerCertificate: [UInt8]? = nil, remoteAddress: String = "") {
        self.headers = headers
        self.peerCertificate = peerCertificate
        self.remoteAddress = remoteAddress
    }

    /// The first value of a header.
    public subscript(name: String) -> String? { headers[name]?.first }
}

public enum AuthenticationResult: Sendable, Hashable {
    case user(UserInfo)
    /// The request carries no credentials that this authenticator knows.
    case none
    /// It carries credentials that are wrong; the text is for the log, the client hears `Unauthorized`.
    case refused(String)
}

/// Lets a user act as another one (the `Impersonate-*` headers).
public protocol Impersonator: Sendable {
    /// The user to act as; `user` itself when the request asks for none. Throws `Status` 403 when it may not.
    func effectiveUser(of user: UserInfo, _ input: AuthenticationInput) async throws -> UserInfo
}
