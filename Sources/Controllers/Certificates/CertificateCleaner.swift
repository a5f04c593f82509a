import ControllerCore
import KubeAPI
import KubeClient

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
