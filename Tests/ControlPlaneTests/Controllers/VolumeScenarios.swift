import TestPrograms
import TestThreads
import Testing

/// Volumes made by hand: claims, the binder and the scheduler together.
@Suite(.ownThread, .needs("kubectl"), .timeLimit(.minutes(30)))
struct VolumeScenarios {
    private static func volume(
        _ name: String, _ size: String, _ storageClass: String, node: String? = nil, mode: String = "ReadWriteOnce"
    ) -> String {
        let affinity = node.map {
            """
            nodeAffinity: {required: {nodeSelectorTerms: [{matchExpressions: [
                {key: kubernetes.io/hostname, operator: In, values: [\($0)]}]}]}}
            """
        }
        return """
            apiVersion: v1
            kind: PersistentVolume
            metadata: {name: \(name)}
            spec:
              capacity: {storage: \(size)}
              accessModes: [\(mode)]
              storageClassName: \(storageClass)
              hostPath: {path: /data/\(name)}
              \(affinity ?? "")
            """
    }

    private static func claim(
        _ name: String, _ size: String, _ storageClass: String, mode: String = "ReadWriteOnce"
    ) -> String {
        """
        apiVersion: v1
        kind: PersistentVolumeClaim
        metadata: {name: \(name)}
        spec: {accessModes: [\(mode)], storageClassName: \(storageClass), resources: {requests: {storage: \(size)}}}
        """
    }

    private static func pod(_ name: String, claim: String) -> String {
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: \(name)}
        spec:
          terminationGracePeriodSeconds: 0
          containers: [{name: c, image: web}]
          volumes: [{name: data, persistentVolumeClaim: {claimName: \(claim)}}]
        """
    }

    private static let waitingClass = """
        apiVersion: storage.k8s.io/v1
        kind: StorageClass
        metadata: {name: local}
        provisioner: kubernetes.io/no-provisioner
        volumeBindingMode: WaitForFirstConsumer
        """

    private func apply(_ cluster: Cluster, _ documents: String...) throws {
        try cluster.kube("apply -f -", input: documents.joined(separator: "\n---\n"))
    }

    /// From Available by Bound and Released to a new claim.
    @Test func aVolumesLife() throws {
        let cluster = try Cluster(nodes: 1, scheduler: true)
        try cluster.eventually("get sa default -o name", is: "serviceaccount/default")
        try apply(cluster, Self.claim("data", "3Gi", "hand"), Self.pod("user", claim: "data"))
        try cluster.eventually("get pod user -o jsonpath={.status.conditions[?(@.type==\"PodScheduled\")].message}") {
            $0.contains("pod has unbound immediate PersistentVolumeClaims")
        }
        try apply(cluster, Self.volume("large", "20Gi", "hand"), Self.volume("small", "5Gi", "hand"))
        let claim = "get pvc data -o jsonpath={.status.phase}/{.spec.volumeName}/{.status.capacity.storage}"
        try cluster.eventually(claim) { $0.hasPrefix("Bound/") }
        let volume = try cluster.kube("get pvc data -o jsonpath={.spec.volumeName}")
        try cluster.eventually(
            "get pv \(volume) -o jsonpath={.status.phase}/{.spec.claimRef.namespace}/{.spec.claimRef.name}",
            is: "Bound/default/data")
        try cluster.eventually("get pod user -o jsonpath={.status.phase}", is: "Running")
        // In use it stays, though it is deleted; then the volume is kept with its data for whoever looks at it.
        try cluster.kube("delete pvc data --wait=false")
        try cluster.eventually("get pvc data -o jsonpath={.metadata.deletionTimestamp}") { !$0.isEmpty }
        try cluster.kube("delete pod user --now")
        try cluster.eventually("get pvc -o name", is: "")
        try cluster.eventually("get pv \(volume) -o jsonpath={.status.phase}", is: "Released")
        try cluster.kube("patch pv \(volume) --type=json -p '[{\"op\":\"remove\",\"path\":\"/spec/claimRef\"}]'")
        try cluster.eventually("get pv -o jsonpath={.items[*].status.phase}", is: "Available Available")
        try apply(cluster, Self.claim("data", "3Gi", "hand"))
        try cluster.eventually(claim, is: "Bound/small/5Gi")
    }

    /// The volume is chosen with the node, and the pod is bound when the volume is.
    @Test func aLocalVolumeTakesItsPodToItsNode() throws {
        let cluster = try Cluster(nodes: 2, scheduler: true)
        try cluster.eventually("get sa default -o name", is: "serviceaccount/default")
        try apply(
            cluster, Self.waitingClass, Self.volume("there", "5Gi", "local", node: "sim-1"),
            Self.claim("data", "3Gi", "local"), Self.claim("more", "3Gi", "local"))
        try cluster.eventually("get pv there -o jsonpath={.status.phase}", is: "Available")
        try cluster.eventually("get events -o jsonpath={.items[*].message}") {
            $0.contains("waiting for first consumer to be created before binding")
        }
        try #expect(cluster.kube("get pvc -o jsonpath={.items[*].status.phase}") == "Pending Pending")
        try apply(cluster, Self.pod("user", claim: "data"))
        try cluster.eventually("get pod user -o jsonpath={.spec.nodeName}", is: "sim-1")
        try cluster.eventually("get pvc data -o jsonpath={.status.phase}/{.spec.volumeName}", is: "Bound/there")
        // There is no other.
        try apply(cluster, Self.pod("late", claim: "more"))
        try cluster.eventually("describe pod late") {
            $0.contains("0/2 nodes are available: 2 node(s) didn't find available persistent volumes to bind.")
        }
        try apply(cluster, Self.volume("here", "5Gi", "local", node: "sim-0"))
        try cluster.eventually("get pod late -o jsonpath={.spec.nodeName}", is: "sim-0")
        // Whoever comes next follows the data.
        try apply(cluster, Self.pod("next", claim: "data"))
        try cluster.eventually("get pod next -o jsonpath={.spec.nodeName}", is: "sim-1")
    }

    @Test func aClaimForOnePodIsHadByOneAtATime() throws {
        let cluster = try Cluster(nodes: 2, scheduler: true)
        try cluster.eventually("get sa default -o name", is: "serviceaccount/default")
        let mode = "ReadWriteOncePod"
        try apply(
            cluster, Self.volume("own", "5Gi", "hand", mode: mode), Self.claim("data", "3Gi", "hand", mode: mode))
        try cluster.eventually("get pvc data -o jsonpath={.status.phase}", is: "Bound")
        try apply(cluster, Self.pod("first", claim: "data"))
        try cluster.eventually("get pod first -o jsonpath={.status.phase}", is: "Running")
        try apply(cluster, Self.pod("second", claim: "data"))
        try cluster.eventually("describe pod second") {
            $0.contains(
                "0/2 nodes are available: 2 node has pod using PersistentVolumeClaim with the same name and "
                    + "ReadWriteOncePod access mode.")
        }
        try cluster.kube("delete pod first --now")
        try cluster.eventually("get pod second -o jsonpath={.status.phase}", is: "Running")
    }
}
