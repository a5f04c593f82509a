import KubeAPI
import KubeSchema

/// Secrets of type kubernetes.io/service-account-token: what they hold for the account that they name.
public enum TokenSecrets {
    public static let type = "kubernetes.io/service-account-token"
    private static let accountName = "kubernetes.io/service-account.name"
    private static let accountUID = "kubernetes.io/service-account.uid"

    /// The ServiceAccount that a Secret is for; nil when it is for none.
    public static func account(of secret: APIObject) -> NamespacedName? {
        guard secret["type"]?.string == type, let name = secret.annotation(accountName), !name.isEmpty else {
            return nil
        }
        return NamespacedName(namespace: secret.namespace, name: name)
    }

    /// - Parameters:
    ///   - account: nil when there is none, as the server itself says.
    ///   - authority: certificates in PEM that pods trust; empty when they are not known.
    ///   - token: makes one.
    public static func decide(
        _ secret: APIObject, account: APIObject?, authority: String, token: (APIObject) throws -> String
    ) rethrows -> Decision {
        guard self.account(of: secret) != nil, !secret.isBeingDeleted else { return Decision() }
        let uid = secret.annotation(accountUID) ?? ""
        guard let account, uid.isEmpty || uid == account.uid else {
            return Decision([Action(.delete(.secret, secret))])
        }
        var data: JSONValue = .emptyObject
        if (secret["data"]?["token"]?.string ?? "").isEmpty { put(try token(account), "token", secret, &data) }
        if !authority.isEmpty { put(authority, "ca.crt", secret, &data) }
        put(secret.namespace, "namespace", secret, &data)
        guard data != .emptyObject || uid.isEmpty else { return Decision() }
        return Decision([
            Action(
                .patch(
                    .secret, secret.key, .merge,
                    [
                        "metadata": [
                            "uid": .string(secret.uid), "resourceVersion": .string(secret.resourceVersion),
                            "annotations": [accountUID: .string(account.uid)],
                        ], "data": data,
                    ]))
        ])
    }

    private static func put(_ text: String, _ key: String, _ secret: APIObject, _ data: inout JSONValue) {
        let encoded = JSONValue.string(Base64.encode(Array(text.utf8)))
        if secret["data"]?[key] != encoded { data[path: key] = encoded }
    }
}
