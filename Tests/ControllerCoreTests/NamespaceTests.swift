import ControllerCore
import KubeAPI
import Testing

@Suite struct NamespaceTests {
    @Test func everyNamespaceHasItsAccountAndAuthority() throws {
        var cluster = MiniCluster()
        let namespace = cluster.add(.namespace, ["metadata": ["name": "n"], "status": ["phase": "Active"]])
        try cluster.perform(NamespaceContents.serviceAccount(namespace, exists: false))
        #expect(cluster[.serviceAccount, "default"] != nil)
        #expect(NamespaceContents.serviceAccount(namespace, exists: true).actions.isEmpty)
        try cluster.perform(NamespaceContents.rootAuthority(namespace, authority: "PEM", current: nil))
        let map = try #require(cluster[.configMap, "kube-root-ca.crt"])
        #expect(map["data"] == ["ca.crt": "PEM"])
        #expect(NamespaceContents.rootAuthority(namespace, authority: "PEM", current: map).actions.isEmpty)
        #expect(NamespaceContents.rootAuthority(namespace, authority: "NEW", current: map).actions.count == 1)
        var ending = namespace
        ending[path: "metadata", "deletionTimestamp"] = "2026-01-01T00:00:00Z"
        #expect(NamespaceContents.serviceAccount(ending, exists: false).actions.isEmpty)
    }

    @Test func aNamespaceGoesWhenItIsEmpty() throws {
        var cluster = MiniCluster()
        cluster.add(
            .namespace,
            [
                "metadata": ["name": "x", "deletionTimestamp": "2026-01-01T00:00:00Z"],
                "spec": ["finalizers": ["other", "kubernetes"]],
            ])
        var findings = NamespaceDeletion.Findings()
        findings.remaining = ["pods.": 2]
        findings.finalizers = ["a/b": 1]
        let waiting = NamespaceDeletion.decide(try #require(cluster[.namespace, "x"]), findings, now: cluster.now)
        #expect(waiting.requeueAfter == .seconds(1))
        try cluster.perform(waiting)
        let status = cluster[.namespace, "x"]?.status
        #expect(
            Conditions.find("NamespaceContentRemaining", in: status)?["message"]
                == "Some resources are remaining: pods. has 2 resource instances")
        #expect(
            Conditions.find("NamespaceFinalizersRemaining", in: status)?["message"]
                == "Some content in the namespace has finalizers remaining: a/b in 1 resource instances")
        let empty = NamespaceDeletion.decide(try #require(cluster[.namespace, "x"]), .init(), now: cluster.now)
        guard case .update(.namespace, let object, "finalize")? = empty.actions.first?.write else {
            Issue.record("an empty namespace is finalized")
            return
        }
        #expect(object.spec?["finalizers"] == ["other"])
    }
}
