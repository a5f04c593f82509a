import X509

/// When a certificate holds, in seconds since 1970.
public struct CertificateValidity: Sendable, Hashable {
    public let notBefore: Int64
    public let notAfter: Int64

    public init(notBefore: Int64, notAfter: Int64) {
        self.notBefore = notBefore
        self.notAfter = notAfter
    }

    init(_ certificate: Certificate) {
        self.init(notBefore: certificate.notValidBefore.seconds, notAfter: certificate.notValidAfter.seconds)
    }

    /// When to have a new one: after two thirds of the life.
    public var renewal: Int64 { notBefore + max(0, notAfter - notBefore) / 3 * 2 }

    public func isDue(at now: Int64) -> Bool { now >= renewal }
}
