import KubeAPI
import KubeSchema

/// Secrets of type bootstrap.kubernetes.io/token in kube-system: when they end, and what they sign.
public enum BootstrapTokenSecrets {
    public static let namespace = "kube-system"
    private static let type = "bootstrap.kubernetes.io/token"
    static let namePrefix = "bootstrap-token-"

    public static func isOne(_ secret: APIObject) -> Bool {
        secret.namespace == namespace && secret["type"]?.string == type && secret.name.hasPrefix(namePrefix)
    }

    static func data(_ key: String, _ secret: APIObject) -> String? {
        guard let text = secret["data"]?[key]?.string, let bytes = try? Base64.decode(text) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    /// Deletes a token that has ended. One whose end cannot be read has ended, as upstream.
    public static func clean(_ secret: APIObject, now: Int64) -> Decision {
        guard isOne(secret), !secret.isBeingDeleted, let text = data("expiration", secret), !text.isEmpty else {
            return Decision()
        }
        if let end = RFC3339.nanoseconds(text), end > now {
            return Decision(requeueAfter: Timestamp.wait(from: now, until: end))
        }
        return Decision([Action(.delete(.secret, secret))])
    }
}
