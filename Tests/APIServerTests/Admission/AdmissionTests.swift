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
        #expect(
            made[path: "metadata", "annotations", "kubernetes.io/limit-ranger"]
                == "LimitRanger plugin set: cpu request for container c; cpu limit for container c")
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

    private static func labeled(_ labels: JSONValue) -> JSONValue { ["metadata": ["name": "d", "labels": labels]] }

    @Test func podSecurityTellsEverythingInUpstreamsOrder() async throws {
        let world = try await World.ready()
        try await world.put("namespaces/d", Self.labeled(["pod-security.kubernetes.io/enforce": "restricted"]))
        var hostile = pod
        hostile[path: "spec", "hostPID"] = true
        hostile[path: "spec", "volumes"] = [["name": "v", "hostPath": ["path": "/"]], ["name": "n", "nfs": [:]]]
        hostile[path: "spec", "containers"] = [
            [
                "name": "c", "ports": [["containerPort": 80, "hostPort": 80]],
                "livenessProbe": ["httpGet": ["host": "10.0.0.1"]],
                "securityContext": [
                    "privileged": true, "runAsUser": 0, "capabilities": ["add": ["SYS_TIME"]],
                    "seccompProfile": ["type": "Unconfined"],
                ],
            ]
        ]
        let found = [
            "host namespaces (hostPID=true)", #"hostPort (container "c" uses hostPort 80)"#,
            #"probe or lifecycle host (container "c" uses probe or lifecycle host "10.0.0.1")"#,
            #"privileged (container "c" must not set securityContext.privileged=true)"#,
            #"allowPrivilegeEscalation != false (container "c" must set securityContext.allowPrivilegeEscalation=false)"#,
            #"unrestricted capabilities (container "c" must set securityContext.capabilities.drop=["ALL"]; container "c" must not include "SYS_TIME" in securityContext.capabilities.add)"#,
            #"restricted volume types (volumes "v", "n" use restricted volume types "hostPath", "nfs")"#,
            #"runAsNonRoot != true (pod or container "c" must set securityContext.runAsNonRoot=true)"#,
            #"runAsUser=0 (container "c" must not set runAsUser=0)"#,
            #"seccompProfile (container "c" must not set securityContext.seccompProfile.type to "Unconfined")"#,
        ]
        #expect(
            await world.refusal("pods", hostile)
                == #"pods "p" is forbidden: violates PodSecurity "restricted:latest": \#(found.joined(separator: ", "))"#
        )
        // Workloads are warned of what their Pods would be refused for.
        let (_, warnings) = try await world.create(
            "deployments", group: "apps", ["metadata": ["name": "w"], "spec": ["template": pod]])
        #expect(warnings.count == 1 && warnings[0].hasPrefix(#"would violate PodSecurity "restricted:latest": "#))
    }

    @Test func podSecurityLooksAtChangesThatMatter() async throws {
        let world = try await World.ready()
        try await world.put("namespaces/d", Self.labeled(["pod-security.kubernetes.io/enforce": "restricted"]))
        var labeled = pod
        labeled[path: "metadata", "labels"] = ["a": "b"]
        #expect(await world.refusal("pods", labeled, old: pod) == nil)
        var other = pod
        other[path: "spec", "containers"] = [["name": "c", "image": "j"]]
        #expect(await world.refusal("pods", other, old: pod)?.contains("violates PodSecurity") == true)
    }

    @Test func podSecurityLabelsAreCheckedAndTellOfPodsThatAreThere() async throws {
        let world = try await World.ready()
        let enforce = "pod-security.kubernetes.io/enforce"
        func change(_ labels: JSONValue) async throws -> [String] {
            try await world.create(
                "namespaces", namespaced: false, Self.labeled(labels), old: ["metadata": ["name": "d"]]
            ).warnings
        }
        do {
            _ = try await world.create(
                "namespaces", namespaced: false, Self.labeled([enforce: "strict", "\(enforce)-version": "1.2"]))
            Issue.record("labels that say nothing are taken")
        } catch let invalid as InvalidObject {
            #expect(
                invalid.errors.map { "\($0.path): \($0.message)" } == [
                    #"metadata.labels[\#(enforce)]: Invalid value: "strict": must be one of privileged, baseline, restricted"#,
                    #"metadata.labels[\#(enforce)-version]: Invalid value: "1.2": must be "latest" or "v1.x""#,
                ])
        }
        var host = pod
        host[path: "spec", "hostNetwork"] = true
        for name in ["b", "a"] {
            host[path: "metadata", "name"] = .string(name)
            try await world.put("pods/d/\(name)", host)
        }
        #expect(
            try await change([enforce: "baseline", "\(enforce)-version": "v1.36"]) == [
                #"existing pods in namespace "d" violate the new PodSecurity enforce level "baseline:v1.36""#,
                "a (and 1 other pod): host namespaces",
            ])
        #expect(try await change([enforce: "privileged"]).isEmpty)
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

    @Test func nodesGetTokensOfTheirOwnPodsAlone() async throws {
        var world = try await World.ready()
        try await world.put("pods/d/p", ["metadata": ["name": "p", "uid": "1"], "spec": ["nodeName": "a"]])
        try await world.put("pods/d/q", ["metadata": ["name": "q", "uid": "2"], "spec": ["nodeName": "b"]])
        world.user = UserInfo(name: "system:node:a", groups: ["system:nodes"])
        func refusal(_ reference: JSONValue?) async -> String? {
            var request: JSONValue = ["metadata": ["name": "s"], "spec": [:]]
            request[path: "spec", "boundObjectRef"] = reference
            return await world.refusal("serviceaccounts", request, subresource: "token")
        }
        func bound(_ name: String, _ uid: String) -> JSONValue {
            ["apiVersion": "v1", "kind": "Pod", "name": .string(name), "uid": .string(uid)]
        }
        #expect(await refusal(bound("p", "1")) == nil)
        let head = #"serviceaccounts "s" is forbidden: "#
        #expect(await refusal(nil) == head + "node requested token not bound to a pod")
        #expect(await refusal(bound("p", "")) == head + "node requested token with a pod binding without a uid")
        #expect(
            await refusal(bound("p", "9"))
                == head
                + "the UID in the bound object reference (9) does not match the UID in record. The object might "
                + "have been deleted and then recreated")
        #expect(
            await refusal(bound("q", "2"))
                == head + "node requested token bound to a pod scheduled on a different node")
    }

    @Test(arguments: [
        ("kubernetes.io/hostname", false), ("node-restriction.kubernetes.io/x", true), ("foo.kubernetes.io/x", true),
        ("node.kubernetes.io/x", false), ("example.org/x", false), ("plain", false),
    ])
    func restrictedLabels(_ label: String, _ isRestricted: Bool) {
        #expect(NodeRestriction.isRestricted(label) == isRestricted)
    }
}
