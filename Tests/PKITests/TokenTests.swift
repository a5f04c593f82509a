import Foundation
import KubeAPI
import TestThreads
import Testing

@testable import PKI

@Suite(.ownThread) struct TokenTests {
    static let issuer = "https://kubernetes.default.svc.cluster.local"

    static func claims(now: Int64, audiences: [String] = [issuer]) -> ServiceAccountClaims {
        var claims = ServiceAccountClaims(
            issuer: issuer, audiences: audiences, issuedAt: now, expires: now + 3600, tokenID: "id-1",
            namespace: "ns", serviceAccount: .init(name: "sa", uid: "u-1"))
        claims.pod = .init(name: "p", uid: "u-2")
        claims.node = .init(name: "n", uid: "u-3")
        return claims
    }

    @Test func aTokenComesBackAsItWent() throws {
        let key = TokenKey()
        let token = try key.sign(Self.claims(now: 1000).json)
        let verifier = TokenVerifier(keys: [TokenKey().verifier, key.verifier], issuers: [Self.issuer])
        #expect(verifier.isOurs(token))
        let claims = try verifier.verify(token, audiences: ["other", Self.issuer], now: 1000)
        #expect(claims == Self.claims(now: 1000))
        #expect(claims.subject == "system:serviceaccount:ns:sa")
        let text = try #require(
            Base64URL.decode(token.split(separator: ".")[1]).map { String(decoding: $0, as: UTF8.self) })
        #expect(
            text == #"{"aud":["https://kubernetes.default.svc.cluster.local"],"exp":4600,"iat":1000,"#
                + #""iss":"https://kubernetes.default.svc.cluster.local","jti":"id-1","kubernetes.io":{"namespace":"ns","#
                + #""node":{"name":"n","uid":"u-3"},"pod":{"name":"p","uid":"u-2"},"#
                + #""serviceaccount":{"name":"sa","uid":"u-1"}},"nbf":1000,"sub":"system:serviceaccount:ns:sa"}"#)
    }

    @Test func whatIsWrongIsRefused() throws {
        let key = TokenKey()
        let verifier = TokenVerifier(keys: [key.verifier], issuers: [Self.issuer])
        let token = try key.sign(Self.claims(now: 1000).json)
        func refused(_ token: String, audience: String = Self.issuer, now: Int64 = 1000) -> String? {
            do {
                _ = try verifier.verify(token, audiences: [audience], now: now)
                return nil
            } catch { return "\(error)" }
        }
        #expect(refused(token) == nil)
        #expect(refused(token, audience: "vault")?.hasPrefix("token audiences") == true)
        #expect(refused(token, now: 4600) == "service account token has expired")
        #expect(refused(token, now: 900) == "service account token is not valid yet")
        #expect(refused(try TokenKey().sign(Self.claims(now: 1000).json)) == "the token's signature is none of ours")
        #expect(refused("") == "the token is no JWT" && refused("a.b") != nil && refused("..") != nil)
        #expect(refused(String(repeating: "a", count: 100_000)) != nil)
        let parts = token.split(separator: ".").map(String.init)
        let unsigned = Base64URL.encode(#"{"alg":"none"}"#.utf8) + "." + parts[1] + "."
        #expect(refused(unsigned) != nil)
        let mac = Base64URL.encode(#"{"alg":"HS256"}"#.utf8) + "." + parts[1] + "." + parts[2]
        #expect(refused(mac) != nil)
        var other = Self.claims(now: 1000)
        other.issuer = "https://elsewhere"
        #expect(!verifier.isOurs(try key.sign(other.json)))
        #expect(refused(try key.sign(other.json)) == "the token's issuer is not this cluster")
        let noAccount: JSONValue = ["iss": .string(Self.issuer), "sub": "system:serviceaccount:ns:sa", "exp": 9999]
        #expect(refused(try key.sign(noAccount)) == "the token's claims are not those of a service account")
        var endless = Self.claims(now: 1000)
        endless.expires = nil
        #expect(refused(try key.sign(endless.json)) == "the token has no end")
    }

    /// Each bit of a token counts.
    @Test func changedBytesAreNoticed() throws {
        let key = TokenKey()
        let verifier = TokenVerifier(keys: [key.verifier], issuers: [Self.issuer])
        let token = Array(try key.sign(Self.claims(now: 1000).json).utf8)
        for index in stride(from: 0, to: token.count - 1, by: 7) {
            var changed = token
            changed[index] = changed[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            let text = String(decoding: changed, as: UTF8.self)
            #expect(throws: PKIError.self, "byte \(index)") {
                try verifier.verify(text, audiences: [Self.issuer], now: 1000)
            }
        }
    }

    @Test func legacyTokensOfSecrets() throws {
        let key = TokenKey()
        let claims: JSONValue = [
            "iss": .string(ServiceAccountClaims.legacyIssuer), "sub": "system:serviceaccount:ns:sa",
            "kubernetes.io/serviceaccount/namespace": "ns", "kubernetes.io/serviceaccount/secret.name": "s",
            "kubernetes.io/serviceaccount/service-account.name": "sa",
            "kubernetes.io/serviceaccount/service-account.uid": "u",
        ]
        let verifier = TokenVerifier(keys: [key.verifier], issuers: [Self.issuer])
        let read = try verifier.verify(key.sign(claims), audiences: [Self.issuer], now: 5)
        #expect(read.secret?.name == "s" && read.serviceAccount == .init(name: "sa", uid: "u") && read.expires == nil)
    }

    @Test func opensslAgreesOnRSATokens() throws {
        let files = try TemporaryFolder()
        let (private_, public_) = (files.path + "/key", files.path + "/pub")
        try OpenSSL.run("genrsa", "-out", private_, "2048")
        try OpenSSL.run("rsa", "-in", private_, "-pubout", "-out", public_)
        let key = try TokenKey(file: private_)
        let token = try key.sign(Self.claims(now: 1000).json).split(separator: ".").map(String.init)
        let signed = try files.write(token[0] + "." + token[1], "signed")
        let signature = files.path + "/signature"
        try Data(try #require(Base64URL.decode(token[2]))).write(to: URL(filePath: signature))
        #expect(
            try OpenSSL.run("dgst", "-sha256", "-verify", public_, "-signature", signature, signed)
                .contains("Verified OK"))
        #expect(
            Base64URL.decode(token[0]).map { String(decoding: $0, as: UTF8.self) }?.contains(#""alg":"RS256""#) == true)

        // The other way: openssl signs, we check with the public key alone.
        try OpenSSL.run("dgst", "-sha256", "-sign", private_, "-out", signature, signed)
        let theirs = try Data(contentsOf: URL(filePath: signature))
        let verifierKey = try TokenVerifierKey(pem: String(contentsOfFile: public_, encoding: .utf8))
        #expect(verifierKey.identifier == key.verifier.identifier)
        let verifier = TokenVerifier(keys: [verifierKey], issuers: [Self.issuer])
        let text = token[0] + "." + token[1] + "." + Base64URL.encode(theirs)
        #expect(try verifier.verify(text, audiences: [Self.issuer], now: 1000).serviceAccount.name == "sa")
    }

    @Test func keysAreKeptInTheirFile() throws {
        let files = try TemporaryFolder()
        let key = try TokenKey(file: files.path + "/sa.key")
        #expect(try files.mode("sa.key") == 0o600)
        #expect(try TokenKey(file: files.path + "/sa.key").verifier.identifier == key.verifier.identifier)
        #expect(try OpenSSL.run("ec", "-in", files.path + "/sa.key", "-noout", "-text").contains("prime256v1"))
        #expect(throws: PKIError.self) { try TokenKey(pem: "nothing") }
    }

    @Test func documentsForOthers() throws {
        let key = TokenKey()
        #expect(
            JSONWriter.text(IssuerDocuments.discovery(issuer: Self.issuer, keys: [key.verifier]))
                == #"{"issuer":"https://kubernetes.default.svc.cluster.local","#
                + #""jwks_uri":"https://kubernetes.default.svc.cluster.local/openid/v1/jwks","#
                + #""response_types_supported":["id_token"],"subject_types_supported":["public"],"#
                + #""id_token_signing_alg_values_supported":["ES256"]}"#)
        let set = try IssuerDocuments.keySet([key.verifier])
        let jwk = try #require(set["keys"]?.array?.first)
        #expect(jwk["kty"] == "EC" && jwk["crv"] == "P-256" && jwk["kid"]?.string == key.verifier.identifier)
        #expect(jwk["x"]?.string?.utf8.count == 43 && jwk["y"]?.string?.utf8.count == 43)
    }
}
