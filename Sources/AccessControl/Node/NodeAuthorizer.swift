/// Lets kubelets read what their own pods need and write what is about their own node (upstream's Node authorizer, with
/// the selectors that 1.34 and later ask of lists).
public struct NodeAuthorizer: Sendable {
    /// What every node may do besides, whatever its pods: the rules of ClusterRole `system:node`.
    private let staticRules: [PolicyRule]

    public init(staticRules: [PolicyRule] = BootstrapPolicy.nodeRules) { self.staticRules = staticRules }

    /// The node that a user speaks for: `system:node:NAME` in the group `system:nodes`.
    public static func nodeName(of user: UserInfo) -> String? {
        guard user.groups.contains(UserInfo.Group.nodes), user.name.hasPrefix("system:node:") else { return nil }
        let name = String(user.name.dropFirst("system:node:".utf8.count))
        return name.isEmpty ? nil : name
    }

    public func authorize(_ request: RequestAttributes, _ graph: NodeGraph) -> Decision {
        guard request.user.groups.contains(UserInfo.Group.nodes) else { return .noOpinion(reason: "") }
        guard let node = Self.nodeName(of: request.user) else {
            guard request.user.name.hasPrefix("system:node:") else { return .noOpinion(reason: "") }
            return .noOpinion(reason: "unknown node for user \(GoText.quoted(request.user.name))")
        }
        return Question(request: request, node: node, graph: graph, staticRules: staticRules).answer()
    }
}

private struct Question {
    let request: RequestAttributes
    let node: String
    let graph: NodeGraph
    let staticRules: [PolicyRule]

    func answer() -> Decision {
        guard request.isResourceRequest else { return byRules() }
        switch (request.group, request.resource) {
        case ("", "secrets"): return reads(.secret)
        case ("", "configmaps"): return reads(.configMap)
        case ("", "persistentvolumeclaims"):
            return request.subresource == "status"
                ? updatesStatus(.persistentVolumeClaim) : gets(.persistentVolumeClaim)
        case ("", "persistentvolumes"): return gets(.persistentVolume)
        case ("", "serviceaccounts"):
            return request.subresource.isEmpty && request.verb == "get" ? gets(.serviceAccount) : createsToken()
        case ("resource.k8s.io", "resourceclaims"): return gets(.resourceClaim)
        case ("resource.k8s.io", "resourceslices"): return resourceSlice()
        case ("storage.k8s.io", "volumeattachments"): return gets(.volumeAttachment)
        case ("storage.k8s.io", "csinodes"): return csiNode()
        case ("coordination.k8s.io", "leases"): return lease()
        case ("", "nodes"): return nodeObject()
        case ("", "pods"): return pod()
        default: return byRules()
        }
    }

    private func byRules() -> Decision {
        staticRules.contains { $0.allows(request) } ? .allow(reason: "") : refusal("")
    }

    private func refusal(_ reason: String) -> Decision { .noOpinion(reason: reason) }

    // MARK: - What pods need

    private func related(_ kind: NodeGraph.Reference.Kind) -> Decision {
        guard !request.name.isEmpty else { return refusal("No Object name found") }
        return graph.node(node, needs: .init(kind, request.namespace, request.name))
            ? .allow(reason: "") : refusal("no relationship found between node '\(node)' and this object")
    }

    private func gets(_ kind: NodeGraph.Reference.Kind) -> Decision {
        guard request.verb == "get" else { return refusal("can only get individual resources of this type") }
        guard request.subresource.isEmpty else { return refusal("cannot get subresource") }
        return related(kind)
    }

    private func reads(_ kind: NodeGraph.Reference.Kind) -> Decision {
        guard ["get", "list", "watch"].contains(request.verb) else {
            return refusal("can only read resources of this type")
        }
        guard request.subresource.isEmpty else { return refusal("cannot read subresource") }
        guard !request.namespace.isEmpty else { return refusal("can only read namespaced object of this type") }
        return related(kind)
    }

    private func updatesStatus(_ kind: NodeGraph.Reference.Kind) -> Decision {
        guard ["update", "patch"].contains(request.verb) else { return refusal("can only get/update/patch this type") }
        return related(kind)
    }

    private func createsToken() -> Decision {
        guard request.verb == "create", !request.name.isEmpty else {
            return refusal("can only create tokens for individual service accounts")
        }
        guard request.subresource == "token" else {
            return refusal("can only create token subresource of serviceaccount")
        }
        return related(.serviceAccount)
    }

    // MARK: - What bears the node's name

    /// The name of an object that is created is not known here: NodeRestriction looks at it.
    private func own(_ kind: String) -> Decision {
        guard ["get", "create", "update", "patch", "delete"].contains(request.verb) else {
            return refusal("can only get, create, update, patch, or delete a \(kind)")
        }
        guard request.subresource.isEmpty else { return refusal("cannot authorize \(kind) subresources") }
        guard request.verb == "create" || request.name == node else {
            return refusal("can only access \(kind) with the same name as the requesting node")
        }
        return .allow(reason: "")
    }

    private func csiNode() -> Decision { own("CSINode") }

    private func lease() -> Decision {
        let decision = own("node lease")
        guard !decision.isAllowed || request.namespace == "kube-node-lease" else {
            return refusal(#"can only access leases in the "kube-node-lease" system namespace"#)
        }
        return decision
    }

    private func nodeObject() -> Decision {
        switch (request.subresource, request.verb) {
        case ("", "create"), ("", "update"), ("", "patch"), ("status", "update"), ("status", "patch"):
            // Which node: NodeRestriction's to say.
            return .allow(reason: "")
        case ("", "get"), ("", "list"), ("", "watch"):
            let name = request.name.isEmpty ? request.requiredValue(ofField: "metadata.name") ?? "" : request.name
            if name == node { return .allow(reason: "") }
            let what = name.isEmpty ? "all nodes" : "'\(name)'"
            return refusal("node '\(node)' cannot read \(what), only its own Node object")
        default: return refusal("")
        }
    }

    private func pod() -> Decision {
        switch (request.subresource, request.verb) {
        case ("", "get"): return related(.pod)
        case ("", "list"), ("", "watch"):
            if request.requiredValue(ofField: "spec.nodeName") == node { return .allow(reason: "") }
            return request.name.isEmpty
                ? refusal("can only list/watch pods with spec.nodeName field selector") : related(.pod)
        case ("", "create"), ("", "delete"), ("status", "update"), ("status", "patch"), ("eviction", "create"):
            // Mirror pods, and only those of this node: NodeRestriction's to say.
            return .allow(reason: "")
        default: return refusal("")
        }
    }

    private func resourceSlice() -> Decision {
        guard request.subresource.isEmpty else { return refusal("cannot authorize ResourceSlice subresources") }
        switch request.verb {
        case "create": return .allow(reason: "")
        case "get", "update", "patch", "delete": return related(.resourceSlice)
        case "list", "watch", "deletecollection":
            return request.requiredValue(ofField: "spec.nodeName") == node
                ? .allow(reason: "")
                : refusal("can only list/watch/deletecollection resourceslices with nodeName field selector")
        default:
            return refusal(
                "only the following verbs are allowed for a ResourceSlice: "
                    + "get, watch, list, create, update, patch, delete, deletecollection")
        }
    }
}
