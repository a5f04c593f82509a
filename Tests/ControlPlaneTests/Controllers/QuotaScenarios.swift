import KubeAPI
import KubeClient
import Logging
import TestPrograms
import TestThreads
import Testing

/// ResourceQuotas while many create and delete at once.
@Suite(.ownThread, .needs("kubectl"), .timeLimit(.minutes(30)))
struct QuotaScenarios {
    private static let pods = GroupVersionResource(resource: "pods")
    private static let limit = 20

    private static let quota = """
        apiVersion: v1
        kind: ResourceQuota
        metadata: {name: few}
        spec: {hard: {pods: "\(limit)", requests.cpu: "\(limit)", count/configmaps: "50"}}
        """

    private static func pod(_ name: String) -> JSONValue {
        [
            "apiVersion": "v1", "kind": "Pod", "metadata": ["name": .string(name)],
            "spec": [
                "terminationGracePeriodSeconds": 0,
                "containers": [["name": "c", "image": "example.org/c", "resources": ["requests": ["cpu": "1"]]]],
            ],
        ]
    }

    /// How many of the names were taken; what is refused must be refused for the quota.
    private static func create(_ names: [String], _ client: KubeClient) async -> Int {
        await withTaskGroup(of: Bool.self) { group in
            for name in names {
                group.addTask {
                    do throws(ClientError) {
                        try await client.create(pods, pod(name), namespace: "default")
                        return true
                    } catch {
                        #expect(error.status?.message.contains("exceeded quota: few") == true, "\(error)")
                        return false
                    }
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
    }

    private static func names(_ client: KubeClient) async throws -> [String] {
        try await client.list(ResourceSelection(pods, namespace: "default"), as: APIObject.self).objects.map(\.name)
    }

    @Test func aHundredCreatesAtOnceNeverExceed() async throws {
        let cluster = try Cluster(nodes: 0)
        try cluster.eventually("get sa default -o name", is: "serviceaccount/default")
        try cluster.kube("apply -f -", input: Self.quota)
        let used = "get quota few -o jsonpath={.status.used.pods}/{.status.used.requests\\.cpu}"
        try cluster.eventually(used, is: "0/0")
        let client = try cluster.client()
        let made = await Self.create((0..<100).map { "a\($0)" }, client)
        #expect(made == Self.limit)
        #expect(try await Self.names(client).count == Self.limit)
        try cluster.eventually(used, is: "\(Self.limit)/\(Self.limit)")

        // While some go, others come: the controller counts anew in between.
        let end = Latch()
        try await withThrowingTaskGroup { group in
            group.addTask {
                for name in try await Self.names(client) {
                    try await client.delete(Self.pods, NamespacedName(namespace: "default", name: name))
                    try await Task.sleep(for: .milliseconds(40))
                }
                end.open()
            }
            group.addTask {
                var round = 0
                while !end.isOpen {
                    round += 1
                    _ = await Self.create((0..<10).map { "b\(round)-\($0)" }, client)
                }
            }
            group.addTask {
                while !end.isOpen {
                    let count = try await Self.names(client).count
                    #expect(count <= Self.limit)
                }
            }
            try await group.waitForAll()
        }
        _ = await Self.create((0..<100).map { "c\($0)" }, client)
        let left = try await Self.names(client).count
        #expect(left <= Self.limit)
        try cluster.eventually(used, is: "\(left)/\(left)")
        try await client.shutdown()
    }

    @Test func aQuotaCountsAnyKindAndGivesBack() throws {
        let cluster = try Cluster(nodes: 0)
        try cluster.kube("apply -f -", input: Self.definition)
        try cluster.kube("wait --for=condition=Established crd/cars.example.org --timeout=40s")
        try cluster.kube(
            "create quota cars --hard=count/cars.example.org=2,count/leases.coordination.k8s.io=5,count/configmaps=50")
        let used = "get quota cars -o jsonpath='{.status.used.count/cars\\.example\\.org}'"
        try cluster.eventually(used, is: "0")
        for name in ["one", "two"] { try cluster.kube("apply -f -", input: Self.car(name)) }
        try #expect(cluster.plane.refusal("apply -f -", input: Self.car("three")).contains("exceeded quota: cars"))
        try cluster.kube("delete cars.example.org one")
        try cluster.eventually(used, is: "1")
        try cluster.kube("apply -f -", input: Self.car("three"))
        try cluster.eventually(used, is: "2")
    }

    private static func car(_ name: String) -> String {
        "apiVersion: example.org/v1\nkind: Car\nmetadata: {name: \(name)}"
    }

    private static let definition = """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: cars.example.org}
        spec:
          group: example.org
          scope: Namespaced
          names: {plural: cars, singular: car, kind: Car, listKind: CarList}
          versions:
          - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}
        """
}
