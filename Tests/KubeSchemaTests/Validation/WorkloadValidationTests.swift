import Testing

/// Workloads and what scales them.
struct WorkloadValidationTests {
    private static let stateful =
        #","podManagementPolicy":"OrderedReady","updateStrategy":{"type":"RollingUpdate"},"serviceName":"s""#

    private static func set(_ more: String, mounts: String = "") -> String {
        let pod =
            #""containers":[{"name":"c","image":"i"\#(mounts)}],"restartPolicy":"Always""#
        return
            #"{\#(ValidationTests.meta()),"spec":{"selector":{"matchLabels":{"app":"x"}},"template":{"metadata":{"labels":{"app":"x"}},"spec":{\#(pod)}}\#(more)}}"#
    }

    private static let claims =
        #","volumeClaimTemplates":[{"metadata":{"name":"data"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}]"#

    static let workloads: [ValidationTests.Example] = [
        .init(
            "volumes of its claims", "apps/v1/StatefulSet",
            set(stateful + claims, mounts: #","volumeMounts":[{"name":"data","mountPath":"/data"}]"#), []),
        .init(
            "volumes of no claim", "apps/v1/StatefulSet",
            set(stateful + claims, mounts: #","volumeMounts":[{"name":"dat","mountPath":"/data"}]"#),
            [#"spec.template.spec.containers[0].volumeMounts[0].name: Not found: "dat""#]),
        .init(
            "policies", "apps/v1/StatefulSet",
            set(
                #","podManagementPolicy":"Random","updateStrategy":{"type":"OnDelete","rollingUpdate":{"partition":1}}"#
            ),
            [
                #"spec.podManagementPolicy: Invalid value: "Random": must be 'OrderedReady' or 'Parallel'"#,
                #"spec.updateStrategy.rollingUpdate: Invalid value: {"partition":1}: only allowed for updateStrategy 'RollingUpdate'"#,
            ]),
        .init(
            "ends", "apps/v1/DaemonSet",
            set(#","updateStrategy":{"type":"OnDelete"}"#).replacing(
                #""restartPolicy":"Always""#, with: #""restartPolicy":"Always","activeDeadlineSeconds":5"#),
            [
                "spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in DaemonSet is not Supported"
            ]),
        .init(
            "strategies", "apps/v1/Deployment", set(#","strategy":{"type":"Fast"}"#),
            [#"spec.strategy: Unsupported value: {"type":"Fast"}: supported values: "Recreate", "RollingUpdate""#]),
        .init(
            "labels of templates", "apps/v1/ReplicaSet",
            set("").replacing(#""labels":{"app":"x"}"#, with: #""labels":{"app":"x","b":"c d"}"#),
            [
                #"spec.template.labels: Invalid value: "c d": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"#
            ]),
    ]

    private static func job(_ more: String, policy: String = "Never") -> String {
        #"{\#(ValidationTests.meta()),"spec":{"selector":{"matchLabels":{"app":"x"}},"template":{"metadata":{"labels":{"app":"x"}},"spec":{"containers":[{"name":"c","image":"i"}],"restartPolicy":"\#(policy)"}}\#(more)}}"#
    }

    static let jobs: [ValidationTests.Example] = [
        .init(
            "indexed", "batch/v1/Job", job(#","completionMode":"Indexed""#),
            ["spec.completions: Required value: when completion mode is Indexed"]),
        .init(
            "indexes of none", "batch/v1/Job", job(#","backoffLimitPerIndex":1"#),
            ["spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode"]),
        .init(
            "who runs it", "batch/v1/Job", job(#","managedBy":"me""#),
            [#"spec.managedBy: Invalid value: "me": must be a domain-prefixed path (such as "acme.io/foo")"#]),
        .init(
            "exit codes", "batch/v1/Job",
            job(
                #","podFailurePolicy":{"rules":[{"action":"FailJob","onExitCodes":{"operator":"In","values":[2,0,2]}}]}"#
            ),
            [
                "spec.podFailurePolicy.rules[0].onExitCodes.values[1]: Invalid value: 0: must not be 0 for the In operator",
                "spec.podFailurePolicy.rules[0].onExitCodes.values[2]: Duplicate value: 2",
                "spec.podFailurePolicy.rules[0].onExitCodes.values: Invalid value: [2,0,2]: must be ordered",
            ]),
        .init(
            "indexes", "batch/v1/Job",
            job(
                #","completionMode":"Indexed","completions":9,"successPolicy":{"rules":[{"succeededIndexes":"1,3-5","succeededCount":5},{"succeededIndexes":"4,2"}]}"#
            ),
            [
                "spec.successPolicy.rules[0].succeededCount: Invalid value: 5: must be less than or equal to 4 (the number of indexes in the specified succeededIndexes field)",
                #"spec.successPolicy.rules[1].succeededIndexes: Invalid value: "4,2": error parsing succeededIndexes: non-increasing order, previous: 4, current: 2"#,
            ]),
        .init(
            "more completions", "batch/v1/Job",
            job(#","completionMode":"Indexed","completions":3,"parallelism":2"#),
            old: job(#","completionMode":"Indexed","completions":2,"parallelism":2"#),
            ["spec.completions: Invalid value: 3: can only be modified in tandem with spec.parallelism"]),
        .init(
            "grows", "batch/v1/Job", job(#","completionMode":"Indexed","completions":3,"parallelism":3"#),
            old: job(#","completionMode":"Indexed","completions":2,"parallelism":2"#), []),
    ]

    private static func scaler(_ more: String) -> String {
        #"{\#(ValidationTests.meta()),"spec":{"scaleTargetRef":{"kind":"Deployment","name":"d"},"maxReplicas":2\#(more)}}"#
    }

    static let scalers: [ValidationTests.Example] = [
        .init(
            "bounds", "autoscaling/v2/HorizontalPodAutoscaler", scaler(#","minReplicas":3"#),
            ["spec.maxReplicas: Invalid value: 2: must be greater than or equal to `minReplicas`"]),
        .init(
            "no source", "autoscaling/v2/HorizontalPodAutoscaler", scaler(#","metrics":[{"type":"Resource"}]"#),
            [
                "spec.metrics[0].resource: Required value: must populate information for the given metric source"
            ]),
        .init(
            "no target", "autoscaling/v2/HorizontalPodAutoscaler",
            scaler(#","metrics":[{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization"}}}]"#),
            [
                "spec.metrics[0].resource.target.averageUtilization: Required value: must set either a target raw value or a target utilization"
            ]),
        .init(
            "behavior", "autoscaling/v2/HorizontalPodAutoscaler",
            scaler(
                #","behavior":{"scaleUp":{"stabilizationWindowSeconds":-1,"selectPolicy":"Any","policies":[{"type":"Pods","value":0,"periodSeconds":1801}]}}"#
            ),
            [
                "spec.behavior.scaleUp.stabilizationWindowSeconds: Invalid value: -1: must be greater than or equal to zero",
                #"spec.behavior.scaleUp.selectPolicy: Unsupported value: "Any": supported values: "Disabled", "Max", "Min""#,
                "spec.behavior.scaleUp.policies[0].value: Invalid value: 0: must be greater than zero",
                "spec.behavior.scaleUp.policies[0].periodSeconds: Invalid value: 1801: must be less than or equal to 1800",
            ]),
    ]

    @Test(arguments: workloads + jobs + scalers)
    func finds(_ example: ValidationTests.Example) throws {
        #expect(try ValidationTests.findings(example) == example.expected)
    }
}
