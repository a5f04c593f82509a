import AccessControl
import KubeAPI

/// PriorityClasses: those that the system's own Pods have stay.
public struct PriorityClassStrategy: ObjectStrategy {
    private static let own = Set(BootstrapObjects.ofKind("PriorityClass").map { $0.meta("name") })

    public init() {}

    public func beforeDelete(_ object: JSONValue, _ context: RequestContext) async throws {
        guard Self.own.contains(object.meta("name")) else { return }
        throw Status.forbidden(
            context.resource, object.meta("name"), "this is a system priority class and cannot be deleted")
    }
}
