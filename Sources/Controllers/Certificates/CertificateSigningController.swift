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
