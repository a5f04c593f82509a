import KubeAPI

/// CertificateSigningRequests: who is approved without being asked, what is signed, and what is old.
public enum SigningRequests {
    static let kind = APIKind.certificateSigningRequest

    /// Somebody has decided, or it cannot be signed.
    static func has(_ condition: String, _ request: APIObject) -> Bool {
        Conditions.isTrue(condition, in: request.status)
    }

    static func isUndecided(_ request: APIObject) -> Bool {
        !request.isBeingDeleted && !has("Approved", request) && !has("Denied", request) && !has("Failed", request)
    }
}
