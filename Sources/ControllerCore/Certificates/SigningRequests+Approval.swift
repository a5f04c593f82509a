import KubeAPI

/// Who is approved without being asked.
extension SigningRequests {
    /// A permission on certificatesigningrequests that is enough to be approved.
    public struct Permission: Sendable, Hashable {
        public let subresource: String
        let message: String
    }

    /// For kubelets' client certificates: which permissions of the one who asks would do, in the order to ask for them.
    ///
    /// - Parameter commonName: of the subject, when the signer would sign the request.
    public static func permissions(for request: APIObject, commonName: String?) -> [Permission] {
        guard isUndecided(request), CertificateRequest(request)?.signer == .kubeletClient, let commonName else {
            return []
        }
        let isOwn = request.spec?["username"]?.string == commonName
        let own = Permission(
            subresource: "selfnodeclient",
            message: "Auto approving self kubelet client certificate after SubjectAccessReview.")
        let node = Permission(
            subresource: "nodeclient",
            message: "Auto approving kubelet client certificate after SubjectAccessReview.")
        return isOwn ? [own, node] : [node]
    }

    /// The SubjectAccessReview that asks for a permission.
    public static func review(of request: APIObject, _ permission: Permission) -> JSONValue {
        var spec: JSONValue = [
            "resourceAttributes": [
                "group": "certificates.k8s.io", "version": "*", "resource": "certificatesigningrequests",
                "subresource": .string(permission.subresource), "verb": "create",
            ]
        ]
        for (field, name) in [("user", "username"), ("uid", "uid"), ("groups", "groups"), ("extra", "extra")] {
            if let value = request.spec?[name] { spec[path: field] = value }
        }
        return ["apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": spec]
    }

    public static func approve(_ request: APIObject, _ permission: Permission, now: Int64) -> Decision {
        var changed = request
        var status = request.status ?? .emptyObject
        Conditions.set(
            Condition("Approved", true, "AutoApproved", permission.message), in: &status, now: now, updateTime: true)
        changed["status"] = status
        return Decision([Action(.update(kind, changed, subresource: "approval"))])
    }
}
