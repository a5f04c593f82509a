import KubeAPI

/// What they sign.
extension BootstrapTokenSecrets {
    public static let clusterInfo = NamespacedName(namespace: "kube-public", name: "cluster-info")
    private static let signaturePrefix = "jws-kubeconfig-"

    /// A token that signs.
    public struct Signer: Sendable, Hashable {
        public let id: String
        public let secret: String

        /// nil for a token that has ended or is not for signing.
        public init?(_ object: APIObject, now: Int64) {
            guard isOne(object), !object.isBeingDeleted, let id = data("token-id", object),
                let secret = data("token-secret", object), !secret.isEmpty, namePrefix + id == object.name,
                data("usage-bootstrap-signing", object) == "true"
            else { return nil }
            if let end = data("expiration", object), !end.isEmpty {
                guard let time = RFC3339.nanoseconds(end), time > now else { return nil }
            }
            self.id = id
            self.secret = secret
        }
    }

    /// The kubeconfig in the ConfigMap kube-public/cluster-info bears a signature per token.
    ///
    /// - Parameter sign: the detached signature of a text.
    public static func sign(
        _ map: APIObject, _ signers: [Signer], with sign: (String, Signer) throws -> String
    ) rethrows -> Decision {
        guard let text = map["data"]?["kubeconfig"]?.string, !map.isBeingDeleted else { return Decision() }
        var wanted: [String: String] = [:]
        for signer in signers { wanted[signaturePrefix + signer.id] = try sign(text, signer) }
        var patch: JSONValue = .emptyObject
        for member in map["data"]?.object?.members ?? []
        where member.key.hasPrefix(signaturePrefix) && wanted[member.key] == nil {
            patch[path: member.key] = .null
        }
        for (key, signature) in wanted where map["data"]?[key]?.string != signature {
            patch[path: key] = .string(signature)
        }
        guard patch != .emptyObject else { return Decision() }
        return Decision([
            Action(
                .patch(
                    .configMap, map.key, .merge,
                    ["metadata": ["resourceVersion": .string(map.resourceVersion)], "data": patch]))
        ])
    }
}
