import Testing

/// ResourceQuota, LimitRange and Node: names and amounts of resources.
struct QuotaValidationTests {
    static func quota(_ spec: String) -> String { #"{\#(ValidationTests.meta()),"spec":{\#(spec)}}"# }

    static let quotas: [ValidationTests.Example] = [
        .init(
            "fine", "v1/ResourceQuota",
            quota(#""hard":{"pods":"3","requests.cpu":"1500m","count/jobs.batch":"5","requests.example.com/gpu":"2"}"#),
            []),
        .init(
            "names", "v1/ResourceQuota", quota(#""hard":{"bananas":"1","storage":"1"}"#),
            [
                #"spec.hard[bananas]: Invalid value: "bananas": must be a standard resource type or fully qualified"#,
                #"spec.hard[bananas]: Invalid value: "bananas": must be a standard resource for quota"#,
                #"spec.hard[storage]: Invalid value: "storage": must be a standard resource for quota"#,
            ]),
        .init(
            "amounts", "v1/ResourceQuota", quota(#""hard":{"pods":"1500m","cpu":"-1"}"#),
            [
                #"spec.hard[pods]: Invalid value: "1500m": must be an integer"#,
                #"spec.hard[cpu]: Invalid value: "-1": must be greater than or equal to 0"#,
            ]),
        .init(
            "scopes", "v1/ResourceQuota", quota(#""hard":{"pods":"1"},"scopes":["Best"]"#),
            [#"spec.scopes: Invalid value: ["Best"]: unsupported scope"#]),
        .init(
            "conflicting scopes", "v1/ResourceQuota",
            quota(#""hard":{"pods":"1"},"scopes":["BestEffort","NotBestEffort"]"#),
            [#"spec.scopes: Invalid value: ["BestEffort","NotBestEffort"]: conflicting scopes"#]),
        .init(
            "scope and resource", "v1/ResourceQuota", quota(#""hard":{"requests.cpu":"1"},"scopes":["BestEffort"]"#),
            [#"spec.scopes: Invalid value: ["BestEffort"]: unsupported scope applied to resource"#]),
        .init(
            "selector", "v1/ResourceQuota",
            quota(
                #""hard":{"pods":"1"},"scopeSelector":{"matchExpressions":[{"scopeName":"PriorityClass","operator":"In"},{"scopeName":"BestEffort","operator":"DoesNotExist","values":["x"]}]}"#
            ),
            [
                "spec.scopeSelector.matchExpressions.values: Required value: must be at least one value when `operator` is 'In' or 'NotIn' for scope selector",
                #"spec.scopeSelector.matchExpressions.operator: Invalid value: "DoesNotExist": must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"#,
                #"spec.scopeSelector.matchExpressions.values: Invalid value: ["x"]: must be no value when `operator` is 'Exists' or 'DoesNotExist' for scope selector"#,
            ]),
        .init(
            "other scopes", "v1/ResourceQuota", quota(#""hard":{"pods":"1"},"scopes":["BestEffort"]"#),
            old: quota(#""hard":{"pods":"1"}"#), [#"spec.scopes: Invalid value: ["BestEffort"]: field is immutable"#]),
        .init(
            "the same scopes", "v1/ResourceQuota",
            quota(#""hard":{"pods":"1"},"scopes":["BestEffort","Terminating"]"#),
            old: quota(#""hard":{"pods":"1"},"scopes":["Terminating","BestEffort"]"#), []),
    ]

    static let ranges: [ValidationTests.Example] = [
        .init(
            "types", "v1/LimitRange", quota(#""limits":[{"type":"Sheep"},{"type":"Pod"},{"type":"Pod"}]"#),
            [
                #"spec.limits[0].type: Invalid value: "Sheep": must be a standard limit type or fully qualified"#,
                #"spec.limits[2].type: Duplicate value: "Pod""#,
            ]),
        .init(
            "names", "v1/LimitRange", quota(#""limits":[{"type":"Container","max":{"pods":"1"}}]"#),
            [#"spec.limits[0].max: Invalid value: "pods": must be a standard resource for containers"#]),
        .init(
            "claims", "v1/LimitRange", quota(#""limits":[{"type":"PersistentVolumeClaim"}]"#),
            [
                "spec.limits[0].limits: Required value: either minimum or maximum storage value is required, but neither was provided"
            ]),
        .init(
            "bounds", "v1/LimitRange",
            quota(
                #""limits":[{"type":"Container","min":{"cpu":"3"},"max":{"cpu":"1"},"default":{"cpu":"2"},"maxLimitRequestRatio":{"cpu":"500m"}}]"#
            ),
            [
                #"spec.limits[0].min[cpu]: Invalid value: "3": min value 3 is greater than max value 1"#,
                #"spec.limits[0].default[cpu]: Invalid value: "3": min value 3 is greater than default value 2"#,
                #"spec.limits[0].default[cpu]: Invalid value: "1": default value 2 is greater than max value 1"#,
                #"spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "500m": ratio 500m is less than 1"#,
                #"spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "500m": ratio 500m is greater than max/min = 0.333333"#,
            ]),
    ]

    static let nodes: [ValidationTests.Example] = [
        .init(
            "taints", "v1/Node",
            #"{"metadata":{"name":"n"},"spec":{"taints":[{"key":"a","effect":"NoExecute"},{"key":"a","value":"b","effect":"NoExecute"}]}}"#,
            [
                #"metadata.taints[1]: Duplicate value: {"key":"a","value":"b","effect":"NoExecute"}: taints must be unique by key and effect pair"#
            ]),
        .init(
            "ranges", "v1/Node",
            #"{"metadata":{"name":"n"},"spec":{"podCIDR":"10.0.0.0/24","podCIDRs":["10.0.0.0/24","10.0.1.0/24"]}}"#,
            [
                #"spec.podCIDRs: Invalid value: ["10.0.0.0/24","10.0.1.0/24"]: may specify no more than one CIDR for each IP family"#
            ]),
        .init(
            "another range", "v1/Node",
            #"{"metadata":{"name":"n"},"spec":{"podCIDR":"10.0.1.0/24","podCIDRs":["10.0.1.0/24"]}}"#,
            old: #"{"metadata":{"name":"n"},"spec":{"podCIDR":"10.0.0.0/24","podCIDRs":["10.0.0.0/24"]}}"#,
            [#"spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid"#]),
        .init(
            "capacity", "v1/Node", #"{"metadata":{"name":"n"},"status":{"capacity":{"pods":"1500m"}}}"#,
            [#"status.capacity.pods: Invalid value: "1500m": must be an integer"#]),
    ]

    @Test(arguments: quotas + ranges + nodes)
    func finds(_ example: ValidationTests.Example) throws {
        #expect(try ValidationTests.findings(example) == example.expected)
    }
}
