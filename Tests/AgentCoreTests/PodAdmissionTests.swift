import AgentCore
import KubeAPI
import Testing

@Suite struct PodAdmissionTests {
    private func node(_ more: String = "") throws -> JSONValue {
        try JSONParser.parse(
            #"""
            {"metadata":{"name":"node-1","labels":{"kubernetes.io/os":"linux","zone":"a"}},"spec":{\#(more)},
             "status":{"allocatable":{"cpu":"2","memory":"1Gi","pods":"3","ephemeral-storage":"1Gi"}}}
            """#)
    }

    private func pod(_ name: String, _ spec: String, metadata: String = "") throws -> PodDeclaration {
        let text = #"""
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"\#(name)","namespace":"n","uid":"\#(name)"\#(metadata)},
             "spec":\#(spec)}
            """#
        return PodDeclaration(try APIObject(json: try JSONParser.parse(text)))
    }

    private func asking(_ resource: String, _ amount: String, _ more: String = "") -> String {
        #"{"containers":[{"name":"a","resources":{"requests":{"\#(resource)":"\#(amount)"}}}]\#(more)}"#
    }

    private func rejection(
        _ spec: String, beside others: [PodDeclaration] = [], _ nodeSpec: String = "", metadata: String = ""
    ) throws -> PodRejection? {
        let verdict = PodAdmission(sysctls: try SysctlPolicy()).verdict(
            on: try pod("new", spec, metadata: metadata), node: try node(nodeSpec), others: others.map(PodDemand.init))
        guard case .rejected(let rejection) = verdict else { return nil }
        return rejection
    }

    @Test func whatTheNodeHasTooLittleOfIsNamed() throws {
        let there = try pod("there", asking("cpu", "1500m"))
        #expect(try rejection(asking("cpu", "500m"), beside: [there]) == nil)
        #expect(
            try rejection(asking("cpu", "501m"), beside: [there])
                == PodRejection(
                    "OutOfcpu",
                    "Node didn't have enough resource: cpu, requested: 501, used: 1500, capacity: 2000"))
        #expect(try rejection(asking("memory", "2Gi"))?.reason == "OutOfmemory")
        #expect(try rejection(asking("ephemeral-storage", "2Gi"))?.reason == "OutOfephemeral-storage")
        let three = try (0..<3).map { try pod("p\($0)", #"{"containers":[{"name":"a"}]}"#) }
        #expect(
            try rejection(#"{"containers":[{"name":"a"}]}"#, beside: three)
                == PodRejection(
                    "OutOfpods", "Node didn't have enough resource: pods, requested: 1, used: 3, capacity: 3"))
        // What the node does not count may be the cluster's.
        #expect(try rejection(asking("example.com/license", "1")) == nil)
    }

    @Test(arguments: [
        #""nodeSelector":{"zone":"b"}"#,
        #""affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"zone","operator":"NotIn","values":["a"]}]}]}}}"#,
    ])
    func theNodeMustBeOneThatThePodWants(selection: String) throws {
        #expect(
            try rejection(#"{"containers":[{"name":"a"}],\#(selection)}"#)
                == PodRejection(
                    "NodeAffinity", "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector"))
        #expect(try rejection(#"{"containers":[{"name":"a"}],"nodeSelector":{"zone":"a"}}"#) == nil)
    }

    @Test func portsOfTheNodeAreTakenOnce() throws {
        func spec(_ port: String) -> String { #"{"containers":[{"name":"a","ports":[{"hostPort":\#(port)}]}]}"# }
        let there = try pod("there", spec("80"))
        #expect(try rejection(spec("80"), beside: [there])?.reason == "NodePorts")
        #expect(try rejection(spec("81"), beside: [there]) == nil)
        #expect(try rejection(spec(#"80,"protocol":"UDP""#), beside: [there]) == nil)
    }

    @Test func otherSystemsAndProfilesThatAreNotThereAreRefused() throws {
        #expect(
            try rejection(#"{"containers":[],"nodeSelector":{"kubernetes.io/os":"windows"}}"#)?.reason
                == "PodOSSelectorNodeLabelDoesNotMatch")
        #expect(try rejection(#"{"containers":[],"os":{"name":"windows"}}"#)?.reason == "PodOSNotSupported")
        func confined(_ pod: String, _ container: String) -> String {
            #"{"securityContext":{"appArmorProfile":{"type":"\#(pod)"}},"containers":[{"name":"a"\#(container)}]}"#
        }
        #expect(
            try rejection(confined("RuntimeDefault", ""))
                == PodRejection("AppArmor", "Cannot enforce AppArmor: AppArmor is not enabled on the host"))
        #expect(try rejection(confined("Unconfined", "")) == nil)
        let own = #","securityContext":{"appArmorProfile":{"type":"Unconfined"}}"#
        #expect(try rejection(confined("Localhost", own)) == nil)
    }

    @Test func onlyTaintsThatEndPodsCountAndNotForStaticOnes() throws {
        func taint(_ effect: String) -> String { #""taints":[{"key":"k","effect":"\#(effect)"}]"# }
        let spec = #"{"containers":[{"name":"a"}]}"#
        #expect(try rejection(spec, taint("NoExecute"))?.reason == "TaintToleration")
        #expect(try rejection(spec, taint("NoSchedule")) == nil)
        let isStatic = #","annotations":{"kubernetes.io/config.source":"file"}"#
        #expect(try rejection(spec, taint("NoExecute"), metadata: isStatic) == nil)
    }

    @Test func criticalPodsTakeThePlaceOfOthers() throws {
        let others = try [
            pod("little", asking("cpu", "100m", #","priority":5"#)), pod("much", asking("cpu", "1800m")),
            pod("critical", asking("cpu", "100m", #","priority":2000000000"#)),
        ].map(PodDemand.init)
        func verdict(_ cpu: String) throws -> PodAdmission.Verdict {
            let node = try node()
            var more = node
            more[path: "status", "allocatable", "pods"] = "10"
            return PodAdmission(sysctls: try SysctlPolicy()).verdict(
                on: try pod("new", asking("cpu", cpu, #","priority":2000000001"#)), node: more, others: others)
        }
        #expect(try verdict("1") == .admitted(preempting: ["much"]))
        #expect(try verdict("1900m") == .admitted(preempting: ["much", "little"]))
        guard case .rejected(let rejection) = try verdict("3") else {
            Issue.record("more than the node has")
            return
        }
        #expect(rejection.reason == "OutOfcpu")
    }
}
