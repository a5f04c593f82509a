import KubeAPI

/// What is signed.
extension SigningRequests {
    /// Shortest `spec.expirationSeconds`.
    static let shortest: Int64 = 600

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
}
