import Testing

/// What upstream says of pods, in its words.
struct PodSpecValidationTests {
    private static func pod(_ spec: String, container: String = "") -> String {
        #"{\#(ValidationTests.meta()),"spec":{"containers":[{"name":"c","image":"i"\#(container)}],"restartPolicy":"Always"\#(spec)}}"#
    }

    private static func container(_ what: String, _ more: String, pod spec: String = "", _ expected: [String])
        -> ValidationTests.Example
    {
        .init(what, "v1/Pod", pod(spec, container: "," + more), expected.map { "spec.containers[0].\($0)" })
    }

    private static func whole(_ what: String, _ more: String, _ expected: [String]) -> ValidationTests.Example {
        .init(what, "v1/Pod", pod("," + more), expected.map { "spec.\($0)" })
    }

    static let containers = [
        container(
            "a request above the limit", #""resources":{"requests":{"memory":"2Gi"},"limits":{"memory":"1Gi"}}"#,
            [#"resources.requests: Invalid value: "2Gi": must be less than or equal to memory limit of 1Gi"#]),
        container(
            "an unknown resource", #""resources":{"limits":{"bananas":"1"}}"#,
            [
                #"resources.limits[bananas]: Invalid value: "bananas": must be a standard resource type or fully qualified"#,
                #"resources.limits[bananas]: Invalid value: "bananas": must be a standard resource for containers"#,
            ]),
        container(
            "half a device",
            #""resources":{"limits":{"example.com/gpu":"500m"},"requests":{"example.com/gpu":"500m"}}"#,
            [
                #"resources.limits[example.com/gpu]: Invalid value: "500m": must be an integer"#,
                #"resources.requests[example.com/gpu]: Invalid value: "500m": must be an integer"#,
            ]),
        container(
            "huge pages alone", #""resources":{"limits":{"hugepages-2Mi":"4Mi"},"requests":{"hugepages-2Mi":"4Mi"}}"#,
            ["resources: Forbidden: HugePages require cpu or memory"]),
        container(
            "devices are not lent", #""resources":{"requests":{"example.com/gpu":"1"}}"#,
            ["resources.limits: Required value: Limit must be set for non overcommitable resources"]),
        container(
            "two handlers", #""livenessProbe":{"exec":{"command":["a"]},"tcpSocket":{"port":80}}"#,
            ["livenessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type"]),
        container(
            "thresholds", #""livenessProbe":{"successThreshold":2,"tcpSocket":{"port":80}}"#,
            ["livenessProbe.successThreshold: Invalid value: 2: must be 1"]),
        container(
            "environment", #""env":[{"name":"A","value":"x","valueFrom":{"fieldRef":{"fieldPath":"metadata.name"}}}]"#,
            [#"env[0].valueFrom: Invalid value: "": may not be specified when `value` is not empty"#]),
        container(
            "fields", #""env":[{"name":"A","valueFrom":{"fieldRef":{"fieldPath":"spec.color"}}}]"#,
            [
                #"env[0].valueFrom.fieldRef.fieldPath: Invalid value: "spec.color": error converting fieldPath: field label not supported: spec.color"#
            ]),
        container(
            "ports",
            #""ports":[{"name":"a","containerPort":80,"protocol":"TCP"},{"name":"a","containerPort":0,"protocol":"TCP"}]"#,
            [#"ports[1].name: Duplicate value: "a""#, "ports[1].containerPort: Required value"]),
        container(
            "ports of the host",
            #""ports":[{"containerPort":80,"hostPort":80,"protocol":"TCP"},{"containerPort":81,"hostPort":80,"protocol":"TCP"}]"#,
            [#"ports[1].hostPort: Duplicate value: "TCP//80""#]),
        container(
            "privileges", #""securityContext":{"privileged":true,"allowPrivilegeEscalation":false}"#,
            [
                "securityContext: Invalid value: {\"privileged\":true,\"allowPrivilegeEscalation\":false}: cannot set `allowPrivilegeEscalation` to false and `privileged` to true"
            ]),
    ]

    static let pods = [
        whole(
            "tolerations", #""tolerations":[{"key":"a","operator":"Exists","value":"b"},{"operator":"Equal"}]"#,
            [
                #"tolerations[0].operator: Invalid value: "b": value must be empty when `operator` is 'Exists'"#,
                #"tolerations[1].operator: Invalid value: "Equal": operator must be Exists when `key` is empty, which means "match all values and all keys""#,
            ]),
        whole(
            "operators", #""tolerations":[{"key":"a","operator":"Near"}]"#,
            [
                #"tolerations[0].operator: Unsupported value: "Near": supported values: "Equal", "Exists""#
            ]),
        whole(
            "sysctls",
            #""securityContext":{"sysctls":[{"name":"kernel.shm","value":"1"},{"name":"kernel.shm","value":"1"},{"name":"A","value":"1"}]}"#,
            [
                #"securityContext.sysctls[1].name: Duplicate value: "kernel.shm""#,
                #"securityContext.sysctls[2].name: Invalid value: "A": must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$"#,
            ]),
        whole(
            "spread",
            #""topologySpreadConstraints":[{"maxSkew":0,"topologyKey":"","whenUnsatisfiable":"DoNotSchedule"}]"#,
            [
                "topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero",
                "topologySpreadConstraints[0].topologyKey: Required value: can not be empty",
            ]),
        whole(
            "weights",
            #""affinity":{"nodeAffinity":{"preferredDuringSchedulingIgnoredDuringExecution":[{"weight":0,"preference":{"matchExpressions":[{"key":"a","operator":"Exists"}]}}]}}"#,
            [
                "affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: Invalid value: 0: must be in the range 1-100"
            ]),
        whole(
            "no nameservers", #""dnsPolicy":"None""#,
            ["dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None"]),
        whole(
            "two sources", #""volumes":[{"name":"v","emptyDir":{},"hostPath":{"path":"/"}}]"#,
            ["volumes[0].hostPath: Forbidden: may not specify more than 1 volume type"]),
        whole(
            "init containers",
            #""initContainers":[{"name":"c","image":"i","lifecycle":{"preStop":{"exec":{"command":["a"]}}}}]"#,
            [
                #"initContainers[0].name: Duplicate value: "c""#,
                "initContainers[0].lifecycle: Forbidden: may not be set for init containers without restartPolicy=Always",
            ]),
    ]

    @Test(arguments: containers + pods)
    func finds(_ example: ValidationTests.Example) throws {
        #expect(try ValidationTests.findings(example) == example.expected)
    }

    // MARK: - Updates

    private static let gate = #","schedulingGates":[{"name":"a"}]"#

    static let updates: [ValidationTests.Example] = [
        .init(
            "a new gate", "v1/Pod", pod(#","schedulingGates":[{"name":"a"},{"name":"b"}]"#), old: pod(gate),
            [
                "spec.schedulingGates[1].name: Forbidden: only deletion is allowed, but found new scheduling gate 'b'"
            ]),
        .init("a gate less", "v1/Pod", pod(""), old: pod(gate), []),
        .init(
            "where gated pods may run", "v1/Pod", pod(gate + #","nodeSelector":{"a":"2"}"#),
            old: pod(gate + #","nodeSelector":{"a":"1"}"#),
            [
                #"spec.nodeSelector: Invalid value: {"a":"2"}: only additions to spec.nodeSelector are allowed (no mutations or deletions)"#
            ]),
        .init(
            "a later end", "v1/Pod", pod(#","activeDeadlineSeconds":10"#), old: pod(#","activeDeadlineSeconds":5"#),
            ["spec.activeDeadlineSeconds: Invalid value: 10: must be less than or equal to previous value"]),
        .init(
            "no end", "v1/Pod", pod(""), old: pod(#","activeDeadlineSeconds":5"#),
            [
                "spec.activeDeadlineSeconds: Invalid value: null: must not update from a positive integer to nil value"
            ]),
        .init(
            "tolerations", "v1/Pod", pod(""), old: pod(#","tolerations":[{"key":"a","operator":"Exists"}]"#),
            ["spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds"]),
    ]

    @Test(arguments: updates)
    func findsInUpdates(_ example: ValidationTests.Example) throws {
        #expect(try ValidationTests.findings(example) == example.expected)
    }

    /// What has been stored under older rules can still be changed and deleted.
    @Test func whatWasThereMayStay() throws {
        let old = Self.pod(#","hostname":"A_""#)
        let kept = ValidationTests.Example("", "v1/Pod", old.replacing(#""i""#, with: #""j""#), old: old, [])
        #expect(try ValidationTests.findings(kept) == [])
        let created = ValidationTests.Example("", "v1/Pod", old, [])
        #expect(try ValidationTests.findings(created).count == 1)
    }
}
