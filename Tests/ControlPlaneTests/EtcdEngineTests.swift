import Foundation
import TestPrograms
import TestThreads
import Testing

/// `apus apiserver --etcd-servers`, on Debian's etcd.
@Suite(.ownThread, .needs("kubectl", "etcd", "etcdctl"), .timeLimit(.minutes(30)))
struct EtcdEngineTests {
    @Test func serversOfOneEtcdSeeEachOthersWrites() throws {
        let certificates = try TestCertificates()
        let etcd = try EtcdCluster(members: 1, certificates)
        let flags = [
            "--etcd-servers", etcd.endpoints, "--etcd-cafile", certificates.authority, "--etcd-certfile",
            certificates.client.certificate, "--etcd-keyfile", certificates.client.key, "--etcd-prefix", "/plane",
            "--etcd-compaction-interval", "1s",
        ]
        let one = try ControlPlane(flags + ["--advertise-address", "192.0.2.1"])
        let two = try ControlPlane(flags + ["--advertise-address", "192.0.2.2"], data: one.data)
        let watching = try two.kubectl()
        let watcher = InBackground {
            try? watching.run(["get", "cm", "--watch", "-o", "name", "--request-timeout=5s"])
        }
        try one.kube("create configmap colors --from-literal=a=red")
        #expect(try two.kube("get cm colors -o jsonpath='{.data.a}'") == "red")
        try two.kube("patch cm colors -p '{\"data\":{\"a\":\"blue\"}}'")
        #expect(try one.kube("get cm colors -o jsonpath='{.data.a}'") == "blue")
        try one.kube("create role reader --verb=list --resource=configmaps")
        try one.kube("create rolebinding reader --role=reader --user=bob")
        #expect(watcher.value?.output.contains("configmap/colors") == true)
        #expect(try two.kube("get cm -o name --as=bob").contains("configmap/colors"))
        // Neither gives an address that the other has given.
        for number in 0..<3 {
            try one.kube("create service clusterip a\(number) --tcp=80")
            try two.kube("create service nodeport b\(number) --tcp=80")
        }
        let addresses = try two.kube("get svc -A -o jsonpath='{.items[*].spec.clusterIP}'").split(separator: " ")
        #expect(Set(addresses).count == addresses.count && addresses.count == 7)
        try two.kube("delete cm colors")
        #expect(try one.refusal("get cm colors").contains("NotFound"))

        var etcdctl = try #require(Tool("etcdctl"))
        etcdctl.environment["ETCDCTL_API"] = "3"
        let reading = [
            "--endpoints", etcd.endpoints, "--cacert", certificates.authority, "--cert",
            certificates.client.certificate,
            "--key", certificates.client.key, "get", "--keys-only", "--prefix",
        ]
        let keys = try etcdctl.run(reading + ["/plane/services/specs/default/a"]).output
        #expect(keys.split(separator: "\n").count == 3, "\(keys)")
        #expect(try etcdctl.run(reading + ["/registry"]).output == "")
        // The history is forgotten in turns.
        #expect(try etcdctl.run(reading + ["compact_rev_key"]).output.contains("compact_rev_key"))
        let old = try etcdctl.run(reading + ["/plane", "--rev", "2"])
        #expect(old.errors.contains("required revision has been compacted"), "\(old)")
        let endpoints = "get endpoints kubernetes -o jsonpath='{.subsets[0].addresses[*].ip}'"
        #expect(try two.kube(endpoints) == "192.0.2.1 192.0.2.2")
        #expect(one.stop() == 0)
        #expect(try two.kube(endpoints) == "192.0.2.2")
        #expect(
            try two.kube("get endpointslice kubernetes -o jsonpath='{.endpoints[*].addresses[0]}'") == "192.0.2.2")
        #expect(two.stop() == 0)
    }

    @Test func aMemberThatIsRestartedDisturbsNoClient() throws {
        let etcd = try EtcdCluster(members: 3)
        let plane = try ControlPlane(["--etcd-servers", etcd.endpoints])
        let kubectl = try plane.kubectl()
        let names = (0..<60).map { "c\($0)" }
        let all = names.map { "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: \($0)}\n" }.joined()
        let creating = InBackground { () -> Tool.Result? in
            var result = try? kubectl.run(["apply", "-f", "-"], input: all)
            for _ in 0..<30 where result?.isGood == false {
                usleep(300_000)
                result = try? kubectl.run(["apply", "-f", "-"], input: all)
            }
            return result
        }
        // Until it has seen the last; it learns that nobody reads any more when one more comes.
        let script = "kubectl --kubeconfig \(plane.kubeconfig) get cm --watch -o name | sed /last-1/q"
        let watcher = InBackground { try? Tool("sh")?.run(["-c", script], seconds: 200) }
        for member in 0..<3 {
            usleep(700_000)
            etcd.kill(member)
            usleep(700_000)
            try etcd.restart(member)
        }
        let created = try #require(creating.value)
        #expect(created.isGood, "\(created.errors)")
        let found = try plane.kube("get cm -o name").split(separator: "\n").map { $0.dropFirst("configmap/".count) }
        #expect(Set(found.map(String.init)) == Set(names))
        for number in 1...2 {
            try plane.kube("create configmap last-\(number)")
            usleep(300_000)
        }
        let seen = watcher.value?.output ?? ""
        #expect(names.allSatisfy { seen.contains("configmap/\($0)\n") }, "\(seen)")
    }

    @Test(arguments: [
        (["--etcd-servers", "10.0.0.1:2379"], "is no address of etcd"),
        (["--etcd-servers", "https://127.0.0.1:1", "--etcd-cafile", "/nowhere"], "cannot read /nowhere"),
        (["--etcd-certfile", "/a"], "--etcd-certfile and --etcd-keyfile come together"),
        (["--etcd-cafile", "/a"], "give --etcd-servers"),
        (["--etcd-compaction-interval", "often"], "is no time such as 5m"),
    ])
    func senselessFlagsAreRefused(flags: [String], words: String) throws {
        let error = #expect(throws: ControlPlane.Failure.self) { try ControlPlane(flags) }
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    }
}
