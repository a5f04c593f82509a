import AccessControl
import KubeAPI

/// Refuses roles and bindings that would give rights which their author does not hold. Upstream does so in the registry
/// of these kinds; it cannot be switched off.
public struct RoleEscalationCheck: AdmissionPlugin {
    public let name = "RoleEscalationCheck"
    private let index: AccessIndex
    private let authorizer: any Authorizer

    public init(_ index: AccessIndex, _ authorizer: any Authorizer) {
        self.index = index
        self.authorizer = authorizer
    }

    public func handles(_ request: AdmissionRequest) -> Bool {
        request.resource.group == RBACIndex.group && (request.operation == .create || request.operation == .update)
    }

    public func validate(_ request: AdmissionRequest) async throws {
        guard let object = request.object else { return }
        let refusal =
            switch request.resource.resource {
            case "roles", "clusterroles":
                await index.escalation.refusalOfRole(object, replacing: request.oldObject, by: request.user) {
                    await authorizer.authorize($0)
                }
            case "rolebindings", "clusterrolebindings":
                await index.escalation.refusalOfBinding(object, replacing: request.oldObject, by: request.user) {
                    await authorizer.authorize($0)
                }
            default: nil as Status?
            }
        if let refusal { throw refusal }
    }
}
