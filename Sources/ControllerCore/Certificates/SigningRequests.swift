import KubeAPI

/// CertificateSigningRequests: who is approved without being asked, what is signed, and what is old.
public enum SigningRequests {
    /// Shortest `spec.expirationSeconds`.
    static let shortest: Int64 = 600
    private static let kind = APIKind.certificateSigningRequest

    /// Somebody has decided, or it cannot be signed.
    private static func has(_ condition: String, _ request: APIObject) -> Bool {
        Conditions.isTrue(condition, in: request.status)
    }

    private static func isUndecided(_ request: APIObject) -> Bool {
        !request.isBeingDeleted && !has("Approved", request) && !has("Denied", request) && !has("Failed", request)
    }

    // MARK: - Approval

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

    // MARK: - Signing

    /// Approved, and without a certificate; nil when it is not for these signers.
    public static func due(_ request: APIObject) -> CertificateRequest? {
        guard !request.isBeingDeleted, has("Approved", request), !has("Denied", request), !has("Failed", request),
            request.status?["certificate"] == nil
        else { return nil }
        return CertificateRequest(request)
    }

    /// Seconds: what is asked for, within what is given.
    public static func lifetime(of request: APIObject, longest: Int64) -> Int64 {
        guard let wanted = request.spec?["expirationSeconds"]?.integer else { return longest }
        return min(longest, max(shortest, wanted))
    }

    /// - Parameter certificate: PEM in base64.
    public static func issue(_ request: APIObject, certificate: String) -> Decision {
        var changed = request
        changed[path: "status", "certificate"] = .string(certificate)
        return Decision([Action(.updateStatus(kind, changed))])
    }

    public static func refuse(_ request: APIObject, reason: String, now: Int64) -> Decision {
        var changed = request
        var status = request.status ?? .emptyObject
        Conditions.set(
            Condition("Failed", true, "SignerValidationFailure", reason), in: &status, now: now, updateTime: true)
        changed["status"] = status
        return Decision([Action(.updateStatus(kind, changed))])
    }

    // MARK: - Cleaning

    /// How long a request is kept, in seconds, as upstream.
    static let pendingTime: Int64 = 86_400
    static let decidedTime: Int64 = 3600

    /// Deletes what nobody needs any more, or says when to look again.
    ///
    /// - Parameter certificateEnd: of the certificate in it; nanoseconds since 1970.
    public static func clean(_ request: APIObject, certificateEnd: Int64?, now: Int64) -> Decision {
        guard !request.isBeingDeleted, let end = end(of: request, certificateEnd) else { return Decision() }
        guard end <= now else { return Decision(requeueAfter: Timestamp.wait(from: now, until: end)) }
        return Decision([Action(.delete(kind, request))])
    }

    private static func end(of request: APIObject, _ certificateEnd: Int64?) -> Int64? {
        let isIssued = request.status?["certificate"] != nil
        var ends = [certificateEnd].compactMap { $0 }
        for type in ["Approved", "Denied", "Failed"] where type != "Approved" || isIssued {
            guard has(type, request), let condition = Conditions.find(type, in: request.status),
                let time = Timestamp.nanoseconds(condition["lastUpdateTime"] ?? condition["lastTransitionTime"])
            else { continue }
            ends.append(Timestamp.adding(seconds: decidedTime, to: time))
        }
        if isUndecided(request), let created = Timestamp.nanoseconds(request.metadata?["creationTimestamp"]) {
            ends.append(Timestamp.adding(seconds: pendingTime, to: created))
        }
        return ends.min()
    }
}
