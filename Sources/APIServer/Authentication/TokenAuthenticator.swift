import AccessControl

/// Tells whose a bearer token is.
public protocol TokenAuthenticator: Sendable {
    /// - Parameter audiences: one of which the token must be for.
    func authenticate(token: String, audiences: [String]) async -> TokenResult
}

public enum TokenResult: Sendable, Hashable {
    /// `audiences`: those of the asked ones that the token is for.
    case user(UserInfo, audiences: [String])
    /// Not a token of this kind.
    case none
    /// The text is for the log.
    case refused(String)
}

/// The first authenticator that knows the token decides.
public struct TokenChain: TokenAuthenticator {
    private let authenticators: [any TokenAuthenticator]

    public init(_ authenticators: [any TokenAuthenticator]) { self.authenticators = authenticators }

    public func authenticate(token: String, audiences: [String]) async -> TokenResult {
        for authenticator in authenticators {
            let result = await authenticator.authenticate(token: token, audiences: audiences)
            if result != .none { return result }
        }
        return .none
    }
}

/// Whether two secrets are equal, in a time that does not tell where they differ.
func equalsInConstantTime(_ a: String, _ b: String) -> Bool {
    let (a, b) = (Array(a.utf8), Array(b.utf8))
    guard a.count == b.count else { return false }
    return zip(a, b).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
}
