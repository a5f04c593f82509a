import AccessControl
import PKI

/// Client certificate, then bearer token; without either the request is anonymous.
public struct AuthenticationChain: Authenticator {
    private let certificates: CertificateAuthenticator?
    private let tokens: any TokenAuthenticator
    private let audiences: [String]
    private let allowsAnonymous: Bool

    /// - Parameters:
    ///   - audiences: the API server's own.
    ///   - allowsAnonymous: what `system:anonymous` then may do is authorization's: health and version.
    public init(
        certificates: CertificateAuthenticator?, tokens: any TokenAuthenticator, audiences: [String],
        allowsAnonymous: Bool = true
    ) {
        self.certificates = certificates
        self.tokens = tokens
        self.audiences = audiences
        self.allowsAnonymous = allowsAnonymous
    }

    public func authenticate(_ input: AuthenticationInput) async -> AuthenticationResult {
        if let der = input.peerCertificate, let certificates {
            switch certificates.authenticate(der) {
            case .user(let user): return .user(user.authenticated)
            case .refused(let reason): return .refused(reason)
            case .none: break
            }
        }
        if let token = BearerToken.of(input) {
            switch await tokens.authenticate(token: token, audiences: audiences) {
            case .user(let user, _): return .user(user.authenticated)
            case .refused(let reason): return .refused(reason)
            case .none: return .refused("nobody knows the bearer token")
            }
        }
        return allowsAnonymous ? .user(.anonymous) : .none
    }
}

extension UserInfo {
    /// With the group of all who have shown who they are.
    var authenticated: UserInfo {
        guard !groups.contains(Group.authenticated), name != UserInfo.anonymous.name else { return self }
        var user = self
        user.groups.append(Group.authenticated)
        return user
    }
}
