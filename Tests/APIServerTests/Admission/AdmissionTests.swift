import AccessControl
import KubeAPI
import KubeSchema
import StoreCore
import Testing

@testable import APIServer

/// A store with the objects that admission reads, and requests against it.
private struct World {
    let store = MemoryStore()
    var user = UserInfo(name: "alice", groups: ["system:authenticated"])

    func put(_ key: String, _ object: JSONValue) async throws {
        let put = StoreCore.Operation.put(.init(Bytes("/registry/\(key)".utf8), JSONWriter.bytes(object)))
        _ = try await store.apply(Transaction(success: [put]))
    }

    func get(_ key: String) async throws -> JSONValue {
        let found = try await store.range(RangeQuery(KeyRange(key: Bytes("/registry/\(key)".utf8))))
        return try JSONParser.parse(try #require(found.result.keyValues.first).value)
    }

    /// What the chain makes of the object, stored with what it adds.
    func create(
        _ resource: String, group: String = "", namespaced: Bool = true, _ object: JSONValue,
        old: JSONValue? = nil, subresource: String = ""
    ) async throws -> (object: JSONValue, warnings: [String]) {
        let definition = ResourceDefinition(
            group: group, version: "v1", resource: resource, singular: "", kind: "", listKind: "",
            isNamespaced: namespaced, verbs: [], typeName: "")
        var attributes = RequestAttributes(user: user, verb: "create", path: "/")
        attributes.subresource = subresource
        let context = RequestContext(user: user, attributes: attributes, resource: definition, now: 0)
        var request = AdmissionRequest(
            operation: old == nil ? .create : .update, resource: definition, subresource: subresource,
            namespace: namespaced ? "d" : "", name: object[path: "metadata", "name"]?.string ?? "", object: object,
            oldObject: old, context: context)
        let chain = AdmissionChain(store: store)
        try await chain.admit(&request)
        try await chain.validate(request)
        let (compares, operations) = context.writes
        try #require(try await store.apply(Transaction(compares: compares, success: operations)).succeeded)
        return (try #require(request.object), context.warnings)
    }

    /// The refusal's message; nil when there is none.
    func refusal(_ resource: String, _ object: JSONValue, old: JSONValue? = nil, subresource: String = "") async
        -> String?
    {
        do {
            _ = try await create(resource, object, old: old, subresource: subresource)
            return nil
        } catch let status as Status {
            return status.message
        } catch {
            return "\(error)"
        }
    }

    static func ready() async throws -> World {
        let world = World()
        try await world.put("namespaces/d", ["metadata": ["name": "d"]])
        try await world.put("serviceaccounts/d/default", ["metadata": ["name": "default"]])
        return world
    }
}

private let pod: JSONValue = ["metadata": ["name": "p"], "spec": ["containers": [["name": "c", "image": "i"]]]]

struct AdmissionTests {
    @Test func aPodGetsWhatItDoesNotSay() async throws {
        let world = try await World.ready()
        let (made, _) = try await world.create("pods", pod)
        let spec = try #require(made["spec"])
        #expect(spec["serviceAccountName"] == "default")
        #expect(spec["priority"] == 0)
        #expect(spec["preemptionPolicy"] == "PreemptLowerPriority")
        #expect(spec["tolerations"]?.array?.count == 2)
        let volume = try #require(spec["volumes"]?.array?.first?["name"]?.string)
        #expect(volume.hasPrefix("kube-api-access-") && volume.count == "kube-api-access-".count + 5)
        let mount = spec["containers"]?.array?.first?["volumeMounts"]?.array?.first
        #expect(mount?["name"]?.string == volume)
        #expect(mount?["mountPath"] == "/var/run/secrets/kubernetes.io/serviceaccount")
    }

    @Test func aPodNeedsItsServiceAccount() async throws {
        let world = try await World.ready()
        var other = pod
        other[path: "spec", "serviceAccountName"] = "robot"
        #expect(
            await world.refusal("pods", other)
                == #"pods "p" is forbidden: error looking up service account d/robot: serviceaccount "robot" not found"#
        )
    }

    @Test func namespacesMustBeThereAndStay() async throws {
        let world = World()
        #expect(await world.refusal("configmaps", ["metadata": ["name": "c"]]) == #"namespaces "d" not found"#)
        try await world.put("namespaces/d", ["metadata": ["name": "d"], "status": ["phase": "Terminating"]])
        #expect(
            await world.refusal("configmaps", ["metadata": ["name": "c"]])
                == #"configmaps "c" is forbidden: unable to create new content in namespace d because it is being terminated"#
        )
    }

    @Test func priorityComesFromTheClass() async throws {
        let world = try await World.ready()
        try await world.put(
            "priorityclasses/high", ["metadata": ["name": "high"], "value": 7, "preemptionPolicy": "Never"])
        var important = pod
        important[path: "spec", "priorityClassName"] = "high"
        let (made, _) = try await world.create("pods", important)
        #expect(made[path: "spec", "priority"] == 7)
        #expect(made[path: "spec", "preemptionPolicy"] == "Never")
        important[path: "spec", "priorityClassName"] = "none"
        #expect(
            await world.refusal("pods", important)
                == #"pods "p" is forbidden: no PriorityClass with name none was found"#)
    }

    @Test func limitRangesFillInAndHold() async throws {
        let world = try await World.ready()
        try await world.put(
            "limitranges/d/l",
            [
                "metadata": ["name": "l"],
                "spec": [
                    "limits": [
                        [
                            "type": "Container", "default": ["cpu": "200m"], "defaultRequest": ["cpu": "100m"],
                            "max": ["cpu": "1"],
                        ]
                    ]
                ],
            ])
        let (made, _) = try await world.create("pods", pod)
        let resources = made[path: "spec", "containers"]?.array?.first?["resources"]
        #expect(resources == ["limits": ["cpu": "200m"], "requests": ["cpu": "100m"]])
        var greedy = pod
        greedy[path: "spec", "containers"] = [
            ["name": "c", "resources": ["limits": ["cpu": "2"], "requests": ["cpu": "2"]]]
        ]
        #expect(
            await world.refusal("pods", greedy)
                == #"pods "p" is forbidden: maximum cpu usage per Container is 1, but limit is 2"#)
    }

    @Test func quotasCountInTheSameWrite() async throws {
        let world = try await World.ready()
        try await world.put(
            "resourcequotas/d/q",
            ["metadata": ["name": "q"], "spec": ["hard": ["configmaps": "2"]], "status": ["used": ["configmaps": "0"]]])
        _ = try await world.create("configmaps", ["metadata": ["name": "a"]])
        _ = try await world.create("configmaps", ["metadata": ["name": "b"]])
        #expect(try await world.get("resourcequotas/d/q")[path: "status", "used", "configmaps"] == "2")
        #expect(
            await world.refusal("configmaps", ["metadata": ["name": "c"]])
                == #"configmaps "c" is forbidden: exceeded quota: q, requested: configmaps=1, used: configmaps=2, limited: configmaps=2"#
        )
    }

    @Test func aQuotaOnMemoryMakesPodsStateIt() async throws {
        let world = try await World.ready()
        try await world.put(
            "resourcequotas/d/q", ["metadata": ["name": "q"], "spec": ["hard": ["limits.memory": "1Gi"]]])
        #expect(
            await world.refusal("pods", pod)
                == #"pods "p" is forbidden: failed quota: q: must specify limits.memory for: c"#)
    }

    @Test func podSecurityHoldsByTheNamespacesLabels() async throws {
        let world = try await World.ready()
        try await world.put(
            "namespaces/d",
            [
                "metadata": [
                    "name": "d",
                    "labels": [
                        "pod-security.kubernetes.io/enforce": "baseline",
                        "pod-security.kubernetes.io/warn": "restricted",
                    ],
                ]
            ])
        let (_, warnings) = try await world.create("pods", pod)
        #expect(warnings.count == 1 && warnings[0].hasPrefix(#"would violate PodSecurity "restricted:latest": "#))
        var hostile = pod
        hostile[path: "spec", "hostNetwork"] = true
        hostile[path: "spec", "containers"] = [["name": "c", "securityContext": ["privileged": true]]]
        #expect(
            await world.refusal("pods", hostile)
                == #"pods "p" is forbidden: violates PodSecurity "baseline:latest": host namespaces (hostNetwork=true), privileged (container "c" must not set securityContext.privileged=true)"#
        )
    }

    @Test func nodesChangeOnlyThemselves() async throws {
        var world = try await World.ready()
        world.user = UserInfo(name: "system:node:a", groups: ["system:nodes"])
        #expect(
            await world.refusal("pods", pod)
                == #"pods "p" is forbidden: pod does not have "kubernetes.io/config.mirror" annotation, node "a" can only create mirror pods"#
        )
        let bound: JSONValue = ["metadata": ["name": "p"], "spec": ["nodeName": "b"]]
        #expect(
            await world.refusal("pods", bound, old: bound, subresource: "status")
                == #"pods "p" is forbidden: node "a" can only update status for pods with spec.nodeName set to itself"#)
    }

    @Test(arguments: [
        ("kubernetes.io/hostname", false), ("node-restriction.kubernetes.io/x", true), ("foo.kubernetes.io/x", true),
        ("node.kubernetes.io/x", false), ("example.org/x", false), ("plain", false),
    ])
    func restrictedLabels(_ label: String, _ isRestricted: Bool) {
        #expect(NodeRestriction.isRestricted(label) == isRestricted)
    }
}
