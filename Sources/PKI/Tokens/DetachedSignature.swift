import Crypto
import Foundation
import KubeAPI

/// A JWS in compact form without its payload (RFC 7515 appendix F), with HMAC and SHA-256: what bootstrap tokens sign
/// cluster-info with.
public enum DetachedSignature {
    public static func make(of text: String, keyID: String, key: String) -> String {
        let header: JSONValue = ["alg": "HS256", "kid": .string(keyID)]
        let signed = Base64URL.encode(JSONWriter.bytes(header)) + "." + Base64URL.encode(Array(text.utf8))
        let code = HMAC<SHA256>.authenticationCode(
            for: Data(signed.utf8), using: SymmetricKey(data: Data(key.utf8)))
        return Base64URL.encode(JSONWriter.bytes(header)) + ".." + Base64URL.encode(code)
    }
}
