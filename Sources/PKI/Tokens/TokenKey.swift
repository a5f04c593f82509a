import Crypto
import Foundation
import KubeAPI
import SwiftASN1
import _CryptoExtras

/// A key that signs service-account tokens: ECDSA P-256 (ES256), or RSA (RS256) for keys that were made elsewhere.
public struct TokenKey: Sendable {
    private enum Backing: Sendable {
        case p256(P256.Signing.PrivateKey)
        case rsa(_RSA.Signing.PrivateKey)
    }

    private let backing: Backing
    public let verifier: TokenVerifierKey

    /// A new ECDSA key.
    public init() { self.init(P256.Signing.PrivateKey()) }

    private init(_ key: P256.Signing.PrivateKey) {
        backing = .p256(key)
        verifier = TokenVerifierKey(.p256(key.publicKey))
    }

    private init(_ key: _RSA.Signing.PrivateKey) {
        backing = .rsa(key)
        verifier = TokenVerifierKey(.rsa(key.publicKey))
    }

    /// PKCS#8, SEC1 or PKCS#1.
    public init(pem: String) throws {
        if let key = try? P256.Signing.PrivateKey(pemRepresentation: pem) {
            self.init(key)
        } else if let key = try? _RSA.Signing.PrivateKey(pemRepresentation: pem) {
            self.init(key)
        } else {
            throw PKIError(
                "the service-account key is neither an ECDSA P-256 key nor an RSA key of 2048 or more bits in PEM")
        }
    }

    public var pem: String {
        switch backing {
        case .p256(let key): key.pemRepresentation + "\n"
        case .rsa(let key): key.pemRepresentation + "\n"
        }
    }

    /// A JWT in compact form (RFC 7515).
    public func sign(_ claims: JSONValue) throws -> String {
        let header: JSONValue = ["alg": .string(verifier.algorithm), "kid": .string(verifier.identifier)]
        let text = [header, claims].map { Base64URL.encode(JSONWriter.bytes($0)) }.joined(separator: ".")
        let bytes = Data(text.utf8)
        let signature =
            switch backing {
            case .p256(let key): try key.signature(for: bytes).rawRepresentation
            case .rsa(let key): try key.signature(for: bytes, padding: .insecurePKCS1v1_5).rawRepresentation
            }
        return text + "." + Base64URL.encode(signature)
    }
}

/// A key that service-account tokens are checked with.
public struct TokenVerifierKey: Sendable {
    enum Backing: Sendable {
        case p256(P256.Signing.PublicKey)
        case rsa(_RSA.Signing.PublicKey)
    }

    private let backing: Backing
    /// The header's `kid`: SHA-256 of the DER of the public key, as upstream.
    public let identifier: String

    init(_ backing: Backing) {
        self.backing = backing
        let der =
            switch backing {
            case .p256(let key): key.derRepresentation
            case .rsa(let key): key.derRepresentation
            }
        identifier = Base64URL.encode(SHA256.hash(data: der))
    }

    /// A public key, or a private key's public half.
    public init(pem: String) throws {
        if let key = try? TokenKey(pem: pem) {
            self = key.verifier
        } else if let key = try? P256.Signing.PublicKey(pemRepresentation: pem) {
            self.init(.p256(key))
        } else if let key = try? _RSA.Signing.PublicKey(pemRepresentation: pem) {
            self.init(.rsa(key))
        } else {
            throw PKIError(
                "the service-account key is neither an ECDSA P-256 key nor an RSA key of 2048 or more bits in PEM")
        }
    }

    /// The `alg` of tokens; a token with another one is never checked with this key.
    public var algorithm: String {
        switch backing {
        case .p256: "ES256"
        case .rsa: "RS256"
        }
    }

    func isValid(_ signature: [UInt8], for signed: some StringProtocol) -> Bool {
        let bytes = Data(signed.utf8)
        switch backing {
        case .p256(let key):
            guard let signature = try? P256.Signing.ECDSASignature(rawRepresentation: signature) else { return false }
            return key.isValidSignature(signature, for: bytes)
        case .rsa(let key):
            return key.isValidSignature(
                _RSA.Signing.RSASignature(rawRepresentation: signature), for: bytes, padding: .insecurePKCS1v1_5)
        }
    }

    /// RFC 7517
    var jwk: JSONValue {
        get throws {
            let common: [JSONObject.Member] = [
                .init("use", "sig"), .init("kid", .string(identifier)), .init("alg", .string(algorithm)),
            ]
            switch backing {
            case .p256(let key):
                let point = key.rawRepresentation
                return .object(
                    JSONObject(
                        [common[0], .init("kty", "EC")] + common[1...] + [
                            .init("crv", "P-256"), .init("x", .string(Base64URL.encode(point.prefix(32)))),
                            .init("y", .string(Base64URL.encode(point.suffix(32)))),
                        ]))
            case .rsa(let key):
                let numbers = try key.getKeyPrimitives()
                return .object(
                    JSONObject(
                        [common[0], .init("kty", "RSA")] + common[1...] + [
                            .init("n", .string(Base64URL.encode(numbers.modulus))),
                            .init("e", .string(Base64URL.encode(numbers.publicExponent))),
                        ]))
            }
        }
    }
}

extension TokenKey {
    /// The key in a file; made when there is none.
    public init(file path: String) throws {
        if let pem = try SecretFile.read(path) {
            try self.init(pem: pem)
        } else {
            self.init()
            try SecretFile.write(pem, to: path, mode: SecretFile.ownerOnly)
        }
    }
}
