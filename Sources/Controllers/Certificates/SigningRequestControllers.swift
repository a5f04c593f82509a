import ControllerCore
import KubeAPI
import KubeClient

/// Signs approved CertificateSigningRequests of the kubernetes.io signers.
public struct CertificateSigningController: Controller {
    public static let name = "certificatesigningrequest-signing-controller"
    private let loop: ObjectLoop

    public init(_ context: ControllerContext) { loop = ObjectLoop(Self.name, .certificateSigningRequest, context) }

    public func run() async {
        let context = loop.context
        guard let keys = context.settings.keys, keys.signsCertificates else {
            return context.logger.warning(
                "no --cluster-signing-cert-file and no --data-dir: certificate requests are not signed")
        }
        await loop.decide { object in
            guard let request = SigningRequests.due(object) else { return Decision() }
            let lifetime = SigningRequests.lifetime(of: object, longest: context.settings.signingLifetime)
            do {
                let certificate = try keys.sign(request, lifetime: lifetime, now: context.now / Timestamp.second)
                return SigningRequests.issue(object, certificate: certificate)
            } catch {
                return SigningRequests.refuse(object, reason: "\(error)", now: context.now)
            }
        }
    }
}

/// Approves what kubelets ask for, when they may ask for it.
public struct CertificateApprovalController: Controller {
    public static let name = "certificatesigningrequest-approving-controller"
    private let loop: ObjectLoop

    public init(_ context: ControllerContext) { loop = ObjectLoop(Self.name, .certificateSigningRequest, context) }

    public func run() async {
        let context = loop.context
        guard let keys = context.settings.keys else { return }
        await loop.decide { object in
            guard let request = CertificateRequest(object) else { return Decision() }
            let name = try? keys.commonName(of: request)
            for permission in SigningRequests.permissions(for: object, commonName: name) {
                let review = SigningRequests.review(of: object, permission)
                let answer = try await context.client.post(
                    "/apis/authorization.k8s.io/v1/subjectaccessreviews", review)
                guard answer["status"]?["allowed"]?.bool == true else { continue }
                return SigningRequests.approve(object, permission, now: context.now)
            }
            return Decision()
        }
    }
}

/// Deletes CertificateSigningRequests that nobody needs any more.
public struct CertificateCleaner: Controller {
    public static let name = "certificatesigningrequest-cleaner-controller"
    private let loop: ObjectLoop

    public init(_ context: ControllerContext) {
        loop = ObjectLoop(Self.name, .certificateSigningRequest, context, workers: 1)
    }

    public func run() async {
        let context = loop.context
        await loop.decide { request in
            let certificate = request.status?["certificate"]?.string
            return SigningRequests.clean(
                request, certificateEnd: certificate.flatMap { context.settings.keys?.end(ofCertificate: $0) },
                now: context.now)
        }
    }
}
