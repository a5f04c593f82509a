import KubeAPI

/// A node's agent changes only its own node, its own lease and the Pods bound to it.
public struct NodeRestriction: AdmissionPlugin {
    public let name = "NodeRestriction"
    private let objects: StoredObjects

    public init(_ objects: StoredObjects) { self.objects = objects }

    /// The node that asks; nil for everybody else.
    private static func node(_ request: AdmissionRequest) -> String? {
        let prefix = "system:node:"
        guard request.user.groups.contains("system:nodes"), request.user.name.hasPrefix(prefix) else { return nil }
        return String(request.user.name.dropFirst(prefix.count))
    }

    public func handles(_ request: AdmissionRequest) -> Bool {
        request.user.groups.contains("system:nodes") && request.operation != .connect
    }

    public func validate(_ request: AdmissionRequest) async throws {
        guard let node = Self.node(request) else {
            throw request.forbidden("could not determine node from user \"\(request.user.name)\"")
        }
        switch (request.resource.group, request.resource.resource) {
        case ("", "nodes"): try checkNode(request, node)
        case ("", "pods"): try await checkPod(request, node)
        case ("coordination.k8s.io", "leases"): try checkLease(request, node)
        case ("storage.k8s.io", "csinodes") where request.name != node:
            throw request.forbidden("can only access CSINode with the same name as the requesting node")
        case ("", "serviceaccounts") where request.subresource == "token":
            try await checkToken(request, node)
        default: break
        }
    }

    private func checkNode(_ request: AdmissionRequest, _ node: String) throws {
        let name = request.name.isEmpty ? request.object?[path: "metadata", "name"]?.string ?? "" : request.name
        guard name == node else {
            throw request.forbidden("node \"\(node)\" is not allowed to modify node \"\(name)\"")
        }
        guard request.operation != .delete else {
            throw request.forbidden("node \"\(node)\" is not allowed to delete node \"\(name)\"")
        }
        let new = request.object ?? .null
        let old = request.oldObject ?? .null
        if request.operation == .update, new[path: "spec", "taints"] != old[path: "spec", "taints"] {
            throw request.forbidden("node \"\(node)\" is not allowed to modify taints")
        }
        let changed = Self.changedLabels(new, old).filter(Self.isRestricted)
        if !changed.isEmpty {
            let list = changed.sorted().joined(separator: ", ")
            let what = request.operation == .create ? "set the following labels" : "modify labels"
            throw request.forbidden("is not allowed to \(what): \(list)")
        }
    }

    private static func changedLabels(_ new: JSONValue, _ old: JSONValue) -> [String] {
        let (new, old) = (new[path: "metadata", "labels"], old[path: "metadata", "labels"])
        let keys = Set((new?.object?.members ?? []).map(\.key) + (old?.object?.members ?? []).map(\.key))
        return keys.filter { new?[$0] != old?[$0] }
    }

    private static let ownLabels: Set = [
        "kubernetes.io/hostname", "kubernetes.io/arch", "kubernetes.io/os", "beta.kubernetes.io/instance-type",
        "node.kubernetes.io/instance-type", "failure-domain.beta.kubernetes.io/region",
        "failure-domain.beta.kubernetes.io/zone", "topology.kubernetes.io/region", "topology.kubernetes.io/zone",
        "beta.kubernetes.io/arch", "beta.kubernetes.io/os",
    ]

    /// Labels of Kubernetes' own domains belong to administrators, but for those that describe the machine.
    static func isRestricted(_ label: String) -> Bool {
        guard !ownLabels.contains(label), let slash = label.firstIndex(of: "/") else { return false }
        let domain = label[..<slash]
        func isIn(_ parent: String) -> Bool { domain == parent || domain.hasSuffix(".\(parent)") }
        if isIn("node-restriction.kubernetes.io") { return true }
        if isIn("kubelet.kubernetes.io") || isIn("node.kubernetes.io") { return false }
        return isIn("kubernetes.io") || isIn("k8s.io")
    }

    private func checkPod(_ request: AdmissionRequest, _ node: String) async throws {
        switch request.subresource {
        case "":
            if request.operation == .create { return try checkMirror(request, node) }
            try checkBound(request.oldObject, request, node, "delete")
        case "status": try checkBound(request.oldObject, request, node, "update status for")
        case "eviction":
            let pod = try await objects.get(StorePrefix.pods, namespace: request.namespace, name: request.name)
            try checkBound(pod, request, node, "evict")
        default: throw request.forbidden("unexpected pod subresource \"\(request.subresource)\"")
        }
    }

    private func checkMirror(_ request: AdmissionRequest, _ node: String) throws {
        let pod = request.object ?? .null
        guard pod[path: "metadata", "annotations", "kubernetes.io/config.mirror"] != nil else {
            throw request.forbidden(
                "pod does not have \"kubernetes.io/config.mirror\" annotation, node \"\(node)\" can only create mirror pods"
            )
        }
        guard pod[path: "spec", "nodeName"]?.string == node else {
            throw request.forbidden("node \"\(node)\" can only create pods with spec.nodeName set to itself")
        }
        if !(pod[path: "spec", "serviceAccountName"]?.string ?? "").isEmpty {
            throw request.forbidden("node \"\(node)\" can not create pods that reference a service account")
        }
    }

    private func checkBound(_ pod: JSONValue?, _ request: AdmissionRequest, _ node: String, _ verb: String) throws {
        guard pod?[path: "spec", "nodeName"]?.string == node else {
            throw request.forbidden("node \"\(node)\" can only \(verb) pods with spec.nodeName set to itself")
        }
    }

    private func checkLease(_ request: AdmissionRequest, _ node: String) throws {
        guard request.namespace == "kube-node-lease" else {
            throw request.forbidden("can only access leases in the \"kube-node-lease\" system namespace")
        }
        let name = request.name.isEmpty ? request.object?[path: "metadata", "name"]?.string ?? "" : request.name
        guard name == node else {
            throw request.forbidden("can only access node lease with the same name as the requesting node")
        }
    }

    /// Tokens only for Pods that run there.
    private func checkToken(_ request: AdmissionRequest, _ node: String) async throws {
        let reference = request.object?[path: "spec", "boundObjectRef"]
        guard reference?["apiVersion"] == "v1", reference?["kind"] == "Pod", let podName = reference?["name"]?.string,
            !podName.isEmpty
        else { throw request.forbidden("node requested token not bound to a pod") }
        guard let uid = reference?["uid"]?.string, !uid.isEmpty else {
            throw request.forbidden("node requested token with a pod binding without a uid")
        }
        guard let pod = try await objects.get(StorePrefix.pods, namespace: request.namespace, name: podName) else {
            throw Status.notFound("pods", name: podName)
        }
        guard pod.meta("uid") == uid else {
            throw request.forbidden(
                "the UID in the bound object reference (\(uid)) does not match the UID in record. The object might have "
                    + "been deleted and then recreated")
        }
        guard pod[path: "spec", "nodeName"]?.string == node else {
            throw request.forbidden("node requested token bound to a pod scheduled on a different node")
        }
    }
}
