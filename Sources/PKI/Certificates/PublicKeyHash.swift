import Crypto
import SwiftASN1
import X509

/// kubeadm's `discovery-token-ca-cert-hash`: `sha256:` and the hash of a certificate's SubjectPublicKeyInfo (RFC 7469).
public enum PublicKeyHash {
    public static func of(certificatePEM: String) throws -> String {
        let certificate = try Certificate(pemEncoded: certificatePEM)
        var serializer = DER.Serializer()
        try certificate.publicKey.serialize(into: &serializer)
        let digest = SHA256.hash(data: serializer.serializedBytes)
        return "sha256:"
            + digest.map { byte in
                let text = String(byte, radix: 16)
                return text.count == 1 ? "0" + text : text
            }.joined()
    }
}
