import AccessControl
import KubeAPI
import Testing

struct NodeAuthorizerTests {
    static let node = user("system:node:n1", "system:nodes", "system:authenticated")

    static func graph() throws -> NodeGraph {
        var graph = NodeGraph()
        graph.upsert(
            try json(
                """
                {"kind":"Pod","metadata":{"name":"p","namespace":"ns"},"spec":{"nodeName":"n1","serviceAccountName":"sa",
                 "imagePullSecrets":[{"name":"pull"}],
                 "containers":[{"envFrom":[{"configMapRef":{"name":"env"}}],
                                "env":[{"valueFrom":{"secretKeyRef":{"name":"key"}}}]}],
                 "volumes":[{"secret":{"secretName":"vol"}},{"persistentVolumeClaim":{"claimName":"pvc"}},
                            {"name":"tmp","ephemeral":{}},
                            {"projected":{"sources":[{"configMap":{"name":"proj"}},{"serviceAccountToken":{}}]}}]}}
                """))
        graph.upsert(
            try json(
                """
                {"kind":"Pod","metadata":{"name":"mirror","namespace":"ns","annotations":{"kubernetes.io/config.mirror":"x"}},
                 "spec":{"nodeName":"n1","volumes":[{"secret":{"secretName":"stolen"}}]}}
                """))
        graph.upsert(
            try json(
                """
                {"kind":"PersistentVolume","metadata":{"name":"pv"},"spec":{"claimRef":{"namespace":"ns","name":"pvc"},
                 "csi":{"nodePublishSecretRef":{"namespace":"csi","name":"driver"}}}}
                """))
        graph.upsert(try json(#"{"kind":"VolumeAttachment","metadata":{"name":"va"},"spec":{"nodeName":"n1"}}"#))
        return graph
    }

    @Test(arguments: [
        ("get", "secrets", "ns", "vol", true), ("get", "secrets", "ns", "key", true),
        ("get", "secrets", "ns", "pull", true),
        ("get", "secrets", "ns", "other", false), ("get", "secrets", "other", "vol", false),
        ("list", "secrets", "ns", "vol", true), ("list", "secrets", "ns", "", false),
        ("get", "secrets", "ns", "stolen", false),
        ("update", "secrets", "ns", "vol", false), ("watch", "configmaps", "ns", "env", true),
        ("get", "configmaps", "ns", "proj", true), ("get", "secrets", "csi", "driver", true),
        ("get", "persistentvolumeclaims", "ns", "pvc", true), ("get", "persistentvolumeclaims", "ns", "p-tmp", true),
        ("list", "persistentvolumeclaims", "ns", "pvc", false), ("get", "persistentvolumes", "", "pv", true),
        ("get", "persistentvolumes", "", "pv2", false), ("create", "serviceaccounts/token", "ns", "sa", true),
        ("create", "serviceaccounts/token", "ns", "default", false), ("get", "serviceaccounts", "ns", "sa", true),
        ("get", "nodes", "", "n1", true), ("get", "nodes", "", "n2", false), ("list", "nodes", "", "", false),
        ("patch", "nodes/status", "", "n1", true), ("delete", "nodes", "", "n1", false),
        ("create", "nodes", "", "", true),
        ("get", "pods", "ns", "p", true), ("get", "pods", "ns", "q", false), ("get", "pods", "ns", "mirror", true),
        ("list", "pods", "", "", false), ("patch", "pods/status", "ns", "p", true),
        ("create", "pods/eviction", "ns", "p", true), ("create", "pods/exec", "ns", "p", false),
        ("list", "services", "", "", true), ("delete", "services", "ns", "x", false),
    ])
    func coreResources(verb: String, resource: String, namespace: String, name: String, isAllowed: Bool) throws {
        let request = ask(Self.node, verb, resource, in: namespace, name: name)
        #expect(NodeAuthorizer().authorize(request, try Self.graph()).isAllowed == isAllowed)
    }

    @Test(arguments: [
        ("update", "leases", "coordination.k8s.io", "kube-node-lease", "n1", true),
        ("update", "leases", "coordination.k8s.io", "kube-node-lease", "n2", false),
        ("create", "leases", "coordination.k8s.io", "kube-node-lease", "", true),
        ("create", "leases", "coordination.k8s.io", "kube-system", "", false),
        ("list", "leases", "coordination.k8s.io", "kube-node-lease", "", false),
        ("get", "csinodes", "storage.k8s.io", "", "n1", true), ("get", "csinodes", "storage.k8s.io", "", "n2", false),
        ("get", "volumeattachments", "storage.k8s.io", "", "va", true),
        ("get", "volumeattachments", "storage.k8s.io", "", "vb", false),
        ("create", "certificatesigningrequests", "certificates.k8s.io", "", "", true),
        ("list", "endpointslices", "discovery.k8s.io", "", "", false),
    ])
    func otherGroups(verb: String, resource: String, group: String, namespace: String, name: String, isAllowed: Bool)
        throws
    {
        let request = ask(Self.node, verb, resource, group: group, in: namespace, name: name)
        #expect(NodeAuthorizer().authorize(request, try Self.graph()).isAllowed == isAllowed)
    }

    @Test func selectorsNameTheNode() throws {
        var pods = ask(Self.node, "watch", "pods")
        pods.fieldSelector = "spec.nodeName=n1"
        var nodes = ask(Self.node, "watch", "nodes")
        nodes.fieldSelector = "metadata.name=n1"
        let graph = try Self.graph()
        #expect(NodeAuthorizer().authorize(pods, graph).isAllowed)
        #expect(NodeAuthorizer().authorize(nodes, graph).isAllowed)
        pods.fieldSelector = "spec.nodeName!=n1"
        nodes.fieldSelector = "metadata.name=n2"
        #expect(
            NodeAuthorizer().authorize(pods, graph)
                == .noOpinion(reason: "can only list/watch pods with spec.nodeName field selector"))
        #expect(
            NodeAuthorizer().authorize(nodes, graph)
                == .noOpinion(reason: "node 'n1' cannot read 'n2', only its own Node object"))
    }

    @Test func whatAPodNeededGoesWithIt() throws {
        var graph = try Self.graph()
        let secret = NodeGraph.Reference(.secret, "ns", "vol")
        graph.upsert(
            try json(
                """
                {"kind":"Pod","metadata":{"name":"second","namespace":"ns"},
                 "spec":{"nodeName":"n1","volumes":[{"secret":{"secretName":"vol"}}]}}
                """))
        graph.remove(kind: "Pod", namespace: "ns", name: "p")
        #expect(graph.node("n1", needs: secret))
        #expect(!graph.node("n1", needs: .init(.secret, "csi", "driver")))
        graph.remove(kind: "Pod", namespace: "ns", name: "second")
        #expect(!graph.node("n1", needs: secret))
    }

    @Test func othersAreNotNodes() throws {
        let graph = try Self.graph()
        for other in [user("system:node:n1"), user("jane", "system:nodes")] {
            #expect(!NodeAuthorizer().authorize(ask(other, "get", "secrets", in: "ns", name: "vol"), graph).isAllowed)
        }
    }
}
