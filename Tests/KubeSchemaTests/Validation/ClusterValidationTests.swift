import Testing

/// Services, storage, webhooks and API priority and fairness.
struct ClusterValidationTests {
    private static let port = #""ports":[{"port":80,"protocol":"TCP"}]"#

    static let services: [ValidationTests.Example] = [
        .init(
            "one family twice", "v1/Service",
            ValidationTests.service(
                #""type":"ClusterIP","clusterIP":"10.0.0.1","clusterIPs":["10.0.0.1","10.0.0.2"],\#(port)"#),
            [
                #"spec.clusterIPs: Invalid value: ["10.0.0.1","10.0.0.2"]: may specify no more than one IP for each IP family"#
            ]),
        .init(
            "another family", "v1/Service",
            ValidationTests.service(
                #""type":"ClusterIP","clusterIP":"10.0.0.1","clusterIPs":["10.0.0.1"],"ipFamilies":["IPv6"],\#(port)"#),
            [
                #"spec.clusterIPs[0]: Invalid value: "10.0.0.1": expected an IPv6 value as indicated by `ipFamilies[0]`"#
            ]),
        .init(
            "no second address", "v1/Service",
            ValidationTests.service(
                #""type":"ClusterIP","clusterIP":"10.0.0.1","clusterIPs":["10.0.0.1"],"ipFamilyPolicy":"PreferDualStack",\#(port)"#
            ),
            old: ValidationTests.service(
                #""type":"ClusterIP","clusterIP":"10.0.0.1","clusterIPs":["10.0.0.1","fd00::1"],"ipFamilyPolicy":"PreferDualStack",\#(port)"#
            ),
            [
                #"spec.ipFamilyPolicy: Invalid value: "PreferDualStack": must be set to 'SingleStack' when releasing the secondary clusterIP"#
            ]),
        .init(
            "source ranges", "v1/Service",
            ValidationTests.service(#""type":"ClusterIP","loadBalancerSourceRanges":["x"],\#(port)"#),
            [
                "spec.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'",
                #"spec.LoadBalancerSourceRanges[0]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"#,
            ]),
        .init(
            "distribution", "v1/Service",
            ValidationTests.service(#""type":"ClusterIP","trafficDistribution":"Far",\#(port)"#),
            [
                #"spec.trafficDistribution: Unsupported value: "Far": supported values: "PreferClose", "PreferSameNode", "PreferSameZone""#
            ]),
    ]

    private static func claim(_ more: String, size: String = "1Gi", status: String = "{}") -> String {
        #"{\#(ValidationTests.meta()),"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"\#(size)"}}\#(more)},"status":\#(status)}"#
    }

    private static let bound = #"{"phase":"Bound","capacity":{"storage":"1Gi"}}"#
    private static let immutableClaim =
        "spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims"

    static let storage: [ValidationTests.Example] = [
        .init(
            "modes", "v1/PersistentVolumeClaim",
            claim("").replacing(#"["ReadWriteOnce"]"#, with: #"["Once","ReadWriteOncePod","ReadOnlyMany"]"#),
            [
                #"spec.accessModes: Unsupported value: "Once": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod""#,
                "spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes",
            ]),
        .init(
            "no size", "v1/PersistentVolumeClaim", claim("").replacing(#""storage":"1Gi""#, with: ""),
            ["spec.resources[storage]: Required value"]),
        .init(
            "sources", "v1/PersistentVolumeClaim", claim(#","dataSource":{"kind":"Pod","name":"p"}"#),
            [
                #"spec.dataSource: Invalid value: "Pod": must be 'PersistentVolumeClaim' when referencing the default apiGroup"#
            ]),
        .init(
            "waiting claims do not grow", "v1/PersistentVolumeClaim", claim("", size: "2Gi"), old: claim(""),
            [immutableClaim]),
        .init(
            "bound claims grow", "v1/PersistentVolumeClaim", claim("", size: "2Gi", status: bound),
            old: claim("", status: bound), []),
        .init(
            "claims do not shrink", "v1/PersistentVolumeClaim", claim("", size: "1Gi", status: bound),
            old: claim("", size: "2Gi", status: bound),
            ["spec.resources.requests.storage: Forbidden: field can not be less than status.capacity"]),
        .init(
            "local volumes", "v1/PersistentVolume",
            #"{"metadata":{"name":"v"},"spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"local":{"path":"/a"}}}"#,
            ["spec.nodeAffinity: Required value: Local volume requires node affinity"]),
        .init(
            "another source", "v1/PersistentVolume",
            #"{"metadata":{"name":"v"},"spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"hostPath":{"path":"/a"}}}"#,
            old:
                #"{"metadata":{"name":"v"},"spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"hostPath":{"path":"/b"}}}"#,
            ["spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation"]),
    ]

    private static func webhook(_ more: String) -> String {
        #"{"metadata":{"name":"w"},"webhooks":[{"name":"a.example.com","admissionReviewVersions":["v1"],\#(more)}]}"#
    }

    private static let url = #""clientConfig":{"url":"https://a.example.com/b"}"#

    static let webhooks: [ValidationTests.Example] = [
        .init(
            "side effects", "admissionregistration.k8s.io/v1/ValidatingWebhookConfiguration",
            webhook(#""sideEffects":"Some",\#(url)"#),
            [
                #"webhooks[0].sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun""#
            ]),
        .init(
            "addresses", "admissionregistration.k8s.io/v1/MutatingWebhookConfiguration",
            webhook(#""sideEffects":"None","clientConfig":{"url":"http://me@a?b#c"}"#),
            [
                #"webhooks[0].clientConfig.url: Invalid value: "http": 'https' is the only allowed URL scheme; desired format: https://host[/path]"#,
                #"webhooks[0].clientConfig.url: Invalid value: "me": user information is not permitted in the URL"#,
                #"webhooks[0].clientConfig.url: Invalid value: "c": fragments are not permitted in the URL"#,
                #"webhooks[0].clientConfig.url: Invalid value: "b": query parameters are not permitted in the URL"#,
            ]),
        .init(
            "rules", "admissionregistration.k8s.io/v1/ValidatingWebhookConfiguration",
            webhook(
                #""sideEffects":"None",\#(url),"rules":[{"operations":["*","CREATE"],"apiGroups":["*",""],"apiVersions":[""],"resources":["pods/*","pods/exec"]}]"#
            ),
            [
                #"webhooks[0].rules[0].operations: Invalid value: ["*","CREATE"]: if '*' is present, must not specify other operations"#,
                #"webhooks[0].rules[0].apiGroups: Invalid value: ["*",""]: if '*' is present, must not specify other API groups"#,
                "webhooks[0].rules[0].apiVersions[0]: Required value",
                #"webhooks[0].rules[0].resources[1]: Invalid value: "pods/exec": if 'pods/*' is present, must not specify pods/exec"#,
            ]),
    ]

    private static let flow = "flowcontrol.apiserver.k8s.io/v1/"

    static let flows: [ValidationTests.Example] = [
        .init(
            "levels", flow + "PriorityLevelConfiguration",
            #"{"metadata":{"name":"l"},"spec":{"type":"Exempt","limited":{"limitResponse":{"type":"Reject"}}}}"#,
            [
                #"spec.type: Invalid value: "Exempt": type must be 'Exempt' if and only if name is 'exempt'"#,
                "spec.limited: Forbidden: must be nil if the type is not Limited",
            ]),
        .init(
            "queues", flow + "PriorityLevelConfiguration",
            #"{"metadata":{"name":"l"},"spec":{"type":"Limited","limited":{"limitResponse":{"type":"Queue","queuing":{"queues":512,"handSize":8,"queueLengthLimit":0}}}}}"#,
            [
                "spec.limited.limitResponse.queuing.queueLengthLimit: Invalid value: 0: must be positive",
                "spec.limited.limitResponse.queuing.handSize: Invalid value: 8: required entropy bits of deckSize 512 and handSize 8 should not be greater than 60",
            ]),
        .init(
            "schemas", flow + "FlowSchema",
            #"{"metadata":{"name":"f"},"spec":{"matchingPrecedence":10001,"priorityLevelConfiguration":{"name":""},"rules":[{"subjects":[{"kind":"User"}]}]}}"#,
            [
                "spec.matchingPrecedence: Invalid value: 10001: must not be greater than 10000",
                "spec.priorityLevelConfiguration.name: Required value: must reference a priority level",
                "spec.rules[0].subjects[0].user: Required value: user is required when subject kind is 'User'",
                "spec.rules[0]: Required value: at least one of resourceRules and nonResourceRules has to be non-empty",
            ]),
        .init(
            "mandatory ones", flow + "PriorityLevelConfiguration",
            #"{"metadata":{"name":"exempt"},"spec":{"type":"Exempt","exempt":{"nominalConcurrencyShares":5,"lendablePercent":0}}}"#,
            []),
    ]

    static let others: [ValidationTests.Example] = [
        .init(
            "policy types", "networking.k8s.io/v1/NetworkPolicy",
            #"{\#(ValidationTests.meta()),"spec":{"podSelector":{},"policyTypes":["Up"]}}"#,
            [#"spec.policyTypes: Unsupported value: "Up": supported values: "Egress", "Ingress""#]),
        .init(
            "controllers", "networking.k8s.io/v1/IngressClass",
            #"{"metadata":{"name":"c"},"spec":{"controller":"nginx"}}"#,
            [
                #"spec.controller: Invalid value: "nginx": must be a domain-prefixed path (such as "acme.io/foo")"#
            ]),
        .init(
            "handlers", "node.k8s.io/v1/RuntimeClass",
            #"{"metadata":{"name":"r"},"handler":"h","overhead":{"podFixed":{"pods":"1"}}}"#,
            [
                #"overhead.podFixed.limits[pods]: Invalid value: "pods": must be a standard resource for containers"#
            ]),
    ]

    @Test(arguments: services + storage + webhooks + flows + others)
    func finds(_ example: ValidationTests.Example) throws {
        #expect(try ValidationTests.findings(example) == example.expected)
    }
}
