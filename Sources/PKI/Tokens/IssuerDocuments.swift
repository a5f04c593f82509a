import KubeAPI

/// With which others check this cluster's tokens (OpenID Connect Discovery 1.0).
public enum IssuerDocuments {
    /// `/.well-known/openid-configuration`
    /// - Parameter keysURI: nil: the issuer's `/openid/v1/jwks`.
    public static func discovery(issuer: String, keysURI: String? = nil, keys: [TokenVerifierKey]) -> JSONValue {
        let base = issuer.hasSuffix("/") ? String(issuer.dropLast()) : issuer
        return [
            "issuer": .string(issuer), "jwks_uri": .string(keysURI ?? base + "/openid/v1/jwks"),
            "response_types_supported": ["id_token"], "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": .array(
                Set(keys.map(\.algorithm)).sorted().map { .string($0) }),
        ]
    }

    /// `/openid/v1/jwks`
    public static func keySet(_ keys: [TokenVerifierKey]) throws -> JSONValue {
        ["keys": .array(try keys.map { try $0.jwk })]
    }
}
