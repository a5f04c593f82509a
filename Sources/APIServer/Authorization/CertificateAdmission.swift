import AccessControl
import KubeAPI
import KubeSchema
import PKI

/// Who approves a certificate signing request needs the verb `approve` for its signer, besides the right to update it.
public struct CertificateApproval: AdmissionPlugin {
    public let name = "CertificateApproval"
    private let authorizer: any Authorizer

    public init(_ authorizer: any Authorizer) { self.authorizer = authorizer }

    public func handles(_ request: AdmissionRequest) -> Bool { request.updatesSigning("approval") }

    public func validate(_ request: AdmissionRequest) async throws {
        let signer = request.signer
        guard await authorizer.allows(request.user, "approve", signer: signer) else {
            throw request.forbidden("user not permitted to approve requests with signerName \"\(signer)\"")
        }
    }
}

/// Who puts a certificate, or a failure, into a request's status needs the verb `sign` for its signer.
public struct CertificateSigning: AdmissionPlugin {
    public let name = "CertificateSigning"
    private let authorizer: any Authorizer

    public init(_ authorizer: any Authorizer) { self.authorizer = authorizer }

    public func handles(_ request: AdmissionRequest) -> Bool { request.updatesSigning("status") }

    public func validate(_ request: AdmissionRequest) async throws {
        let isTouched = ["certificate", "conditions"].contains {
            request.object?[path: "status", $0] != request.oldObject?[path: "status", $0]
        }
        guard isTouched else { return }
        let signer = request.signer
        guard await authorizer.allows(request.user, "sign", signer: signer) else {
            throw request.forbidden("user not permitted to sign requests with signerName \"\(signer)\"")
        }
    }
}

/// Nobody asks for a client's certificate of the group that may do everything.
public struct CertificateSubjectRestriction: AdmissionPlugin {
    public let name = "CertificateSubjectRestriction"
    private static let administrators = "system:masters"

    public init() {}

    public func handles(_ request: AdmissionRequest) -> Bool {
        request.operation == .create && request.isAboutSigning()
            && request.signer == SigningRequest.Signer.client.rawValue
    }

    public func validate(_ request: AdmissionRequest) async throws {
        guard let text = request.object?[path: "spec", "request"]?.string, let pem = try? Base64.decode(text),
            let organizations = try? SigningRequest.organizations(pem: String(decoding: pem, as: UTF8.self))
        else { return }
        guard !organizations.contains(Self.administrators) else {
            throw request.forbidden(
                "use of \(request.signer) signer with \(Self.administrators) group is not allowed")
        }
    }
}

extension AdmissionRequest {
    fileprivate func isAboutSigning(_ subresource: String = "") -> Bool {
        isAbout("certificates.k8s.io", "certificatesigningrequests", subresource)
    }

    fileprivate func updatesSigning(_ subresource: String) -> Bool {
        operation == .update && isAboutSigning(subresource)
    }

    /// It never changes.
    fileprivate var signer: String { (oldObject ?? object)?[path: "spec", "signerName"]?.string ?? "" }
}

extension Authorizer {
    /// For the signer itself, or for every signer of its domain: `example.com/*`.
    fileprivate func allows(_ user: UserInfo, _ verb: String, signer: String) async -> Bool {
        let domain = signer.prefix { $0 != "/" } + "/*"
        for name in [signer, String(domain)] {
            let attributes = RequestAttributes(
                user: user, verb: verb, group: "certificates.k8s.io", version: "*", resource: "signers", name: name)
            if await authorize(attributes).isAllowed { return true }
        }
        return false
    }
}
