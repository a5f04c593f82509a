import AccessControl
import KubeAPI
import Synchronization

/// What RBAC and the Node authorizer decide by, as of the last change that was heard of.
public final class AccessIndex: Sendable {
    private struct State {
        var rbac = RBACIndex()
        var graph = NodeGraph()
    }

    private let state = Mutex(State())
    private let nodes: NodeAuthorizer

    public init(nodes: NodeAuthorizer = NodeAuthorizer()) { self.nodes = nodes }

    /// New or changed.
    public func upsert(_ object: JSONValue) {
        state.withLock { state in
            if Self.accessKinds.contains(object["kind"]?.string ?? "") {
                state.rbac.upsert(object)
            } else {
                state.graph.upsert(object)
            }
        }
    }

    public func remove(kind: String, namespace: String, name: String) {
        state.withLock { state in
            state.rbac.remove(kind: kind, namespace: namespace, name: name)
            state.graph.remove(kind: kind, namespace: namespace, name: name)
        }
    }

    private static let accessKinds: Set = ["Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"]

    func byRoles(_ request: RequestAttributes) -> Decision { state.withLock { $0.rbac.authorize(request) } }

    func byNode(_ request: RequestAttributes) -> Decision {
        guard request.user.groups.contains(UserInfo.Group.nodes) else { return .noOpinion(reason: "") }
        return state.withLock { nodes.authorize(request, $0.graph) }
    }

    public func rules(of user: UserInfo, namespace: String) -> (rules: [PolicyRule], errors: [String]) {
        state.withLock { $0.rbac.rules(of: user, namespace: namespace) }
    }

    /// As things are now; later changes do not reach it.
    public var escalation: Escalation { state.withLock { Escalation($0.rbac) } }

    /// ClusterRoles whose rules do not hold yet what their aggregationRule asks for.
    public var staleAggregations: [(name: String, rules: [PolicyRule])] {
        state.withLock { $0.rbac.staleAggregations() }
    }
}

/// `system:masters` may do everything; then the Node authorizer and RBAC are asked, in this order.
public struct AuthorizationChain: Authorizer {
    private let index: AccessIndex

    public init(_ index: AccessIndex) { self.index = index }

    public func authorize(_ request: RequestAttributes) async -> Decision {
        if request.user.isMaster { return .allow(reason: "") }
        let byNode = index.byNode(request)
        if byNode.isAllowed { return byNode }
        let byRoles = index.byRoles(request)
        if byRoles.isAllowed { return byRoles }
        let reasons = [byNode.reason, byRoles.reason].filter { !$0.isEmpty }
        return .noOpinion(reason: reasons.joined(separator: ", "))
    }
}
