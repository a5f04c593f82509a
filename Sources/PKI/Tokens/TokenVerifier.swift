import Foundation
import KubeAPI

/// Checks what can be checked of a service account's token without looking at other objects: signature, issuer,
/// audience and times.
public struct TokenVerifier: Sendable {
    /// Longer tokens are refused unread.
    static let longest = 16_384
    /// Clocks of servers that share a key differ.
    static let leeway: Int64 = 60

    private let keys: [TokenVerifierKey]
    private let issuers: Set<String>

    /// - Parameter issuers: those whose tokens count as ours; the first is the one that new tokens bear.
    public init(keys: [TokenVerifierKey], issuers: [String]) {
        self.keys = keys
        self.issuers = Set(issuers + [ServiceAccountClaims.legacyIssuer])
    }

    /// The issuer that an unchecked token names; nil when it is no JWT. Tells whether the token is ours to check.
    public func isOurs(_ token: String) -> Bool {
        guard let claims = Self.parts(token)?.claims, let issuer = claims["iss"]?.string else { return false }
        return issuers.contains(issuer)
    }

    /// - Parameters:
    ///   - audiences: one of which the token must be for; legacy tokens are for the API server alone, and name none.
    ///   - now: seconds since 1970.
    /// - Throws: `PKIError`, whose text is for the log.
    public func verify(_ token: String, audiences: [String], now: Int64) throws -> ServiceAccountClaims {
        let claims = try verifySignature(token)
        try check(claims, audiences: audiences, now: now)
        return claims
    }

    /// Signature and issuer: what stays true of a token, and so may be kept.
    public func verifySignature(_ token: String) throws -> ServiceAccountClaims {
        guard let parts = Self.parts(token), let algorithm = parts.header["alg"]?.string else {
            throw PKIError("the token is no JWT")
        }
        let identifier = parts.header["kid"]?.string
        let candidates = keys.filter {
            $0.algorithm == algorithm && (identifier == nil || identifier == $0.identifier)
        }
        guard candidates.contains(where: { $0.isValid(parts.signature, for: parts.signed) }) else {
            throw PKIError("the token's signature is none of ours")
        }
        guard let claims = ServiceAccountClaims(json: parts.claims) else {
            throw PKIError("the token's claims are not those of a service account")
        }
        guard issuers.contains(claims.issuer) else { throw PKIError("the token's issuer is not this cluster") }
        return claims
    }

    public func check(_ claims: ServiceAccountClaims, audiences: [String], now: Int64) throws {
        if claims.issuer != ServiceAccountClaims.legacyIssuer || !claims.audiences.isEmpty {
            guard !Set(claims.audiences).isDisjoint(with: audiences) else {
                throw PKIError("token audiences \(claims.audiences) is invalid for the target audiences \(audiences)")
            }
        }
        if claims.issuer != ServiceAccountClaims.legacyIssuer, claims.expires == nil {
            throw PKIError("the token has no end")
        }
        if let expires = claims.expires, now >= expires { throw PKIError("service account token has expired") }
        if let begin = claims.notBefore, now < begin - Self.leeway {
            throw PKIError("service account token is not valid yet")
        }
    }

    private struct Parts {
        var header: JSONValue
        var claims: JSONValue
        var signature: [UInt8]
        var signed: Substring
    }

    private static func parts(_ token: String) -> Parts? {
        guard token.utf8.count <= longest else { return nil }
        let texts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard texts.count == 3, let header = Base64URL.decode(texts[0]), let claims = Base64URL.decode(texts[1]),
            let signature = Base64URL.decode(texts[2]), let headerJSON = try? JSONParser.parse(header),
            let claimsJSON = try? JSONParser.parse(claims)
        else { return nil }
        return Parts(
            header: headerJSON, claims: claimsJSON, signature: signature,
            signed: token[..<texts[1].endIndex])
    }
}
