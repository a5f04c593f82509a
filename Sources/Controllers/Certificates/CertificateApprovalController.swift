import ControllerCore
import KubeAPI
import KubeClient

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
