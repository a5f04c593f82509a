import KubeAPI
import KubeSchema
import Testing

struct ValidationTests {
    struct Example: Sendable, CustomTestStringConvertible {
        var what: String
        var kind: String
        var object: String
        var old: String?
        var expected: [String]

        init(_ what: String, _ kind: String, _ object: String, old: String? = nil, _ expected: [String]) {
            (self.what, self.kind, self.object, self.old, self.expected) = (what, kind, object, old, expected)
        }

        var testDescription: String { "\(kind): \(what)" }
    }

    /// `path: message` of every finding.
    static func findings(_ example: Example) throws -> [String] {
        let parts = example.kind.split(separator: "/")
        let (group, version, kind) =
            parts.count == 2
            ? ("", String(parts[0]), String(parts[1])) : (String(parts[0]), String(parts[1]), String(parts[2]))
        let object = try JSONParser.parse(example.object)
        let old = try example.old.map { try JSONParser.parse($0) }
        return Validation.validate(object, group: group, version: version, kind: kind, old: old)
            .map { "\($0.path): \($0.message)" }
    }

    static func meta(_ name: String = "a", _ more: String = "") -> String {
        #""metadata":{"name":"\#(name)","namespace":"default"\#(more)}"#
    }

    static func service(_ spec: String) -> String {
        #"{\#(meta()),"spec":{"sessionAffinity":"None","internalTrafficPolicy":"Cluster",\#(spec)}}"#
    }

    static let pod = #""containers":[{"name":"c","image":"i"}],"restartPolicy":"Always""#

    static func workload(_ spec: String, labels: String = #"{"app":"x"}"#) -> String {
        #"{\#(meta()),"spec":{"selector":{"matchLabels":{"app":"x"}},"template":{"metadata":{"labels":\#(labels)},"spec":{\#(pod)}}\#(spec)}}"#
    }

    static let subdomain =
        #"a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"#

    @Test(arguments: metadata + services + pods + workloads + others)
    func finds(_ example: Example) throws { #expect(try Self.findings(example) == example.expected) }

    static let metadata = [
        Example("fine", "v1/ConfigMap", "{\(meta())}", []),
        Example(
            "no name", "v1/ConfigMap", #"{"metadata":{"namespace":"default"}}"#,
            ["metadata.name: Required value: name or generateName is required"]),
        Example(
            "bad name", "v1/ConfigMap", "{\(meta("A_b"))}", [#"metadata.name: Invalid value: "A_b": \#(subdomain)"#]),
        Example(
            "names of roles", "rbac.authorization.k8s.io/v1/Role", "{\(meta("system:node%"))}",
            [#"metadata.name: Invalid value: "system:node%": may not contain '%'"#]),
        Example(
            "cluster scope", "v1/Namespace", "{\(meta())}", ["metadata.namespace: Forbidden: not allowed on this type"]),
        Example(
            "no namespace", "v1/Secret", #"{"metadata":{"name":"a"},"type":"Opaque"}"#,
            ["metadata.namespace: Required value"]),
        Example(
            "dots in a namespace's name", "v1/Namespace", #"{"metadata":{"name":"a.b"}}"#,
            [#"metadata.name: Invalid value: "a.b": must not contain dots"#]),
        Example(
            "owners", "v1/ConfigMap",
            "{\(meta("a", #","ownerReferences":[{"apiVersion":"v1","kind":"Pod","name":"","uid":"u"}]"#))}",
            [#"metadata.ownerReferences.name: Invalid value: "": name must not be empty"#]),
        Example(
            "finalizers", "v1/ConfigMap", "{\(meta("a", #","finalizers":["x"]"#))}",
            [
                #"metadata.finalizers[0]: Invalid value: "x": name is neither a standard finalizer name nor is it fully qualified"#
            ]),
        Example(
            "immutable", "v1/ConfigMap", "{\(meta("a", #","uid":"2""#))}", old: "{\(meta("a", #","uid":"1""#))}",
            [#"metadata.uid: Invalid value: "2": field is immutable"#]),
        Example(
            "new finalizers", "v1/ConfigMap", "{\(meta("a", #","deletionTimestamp":"t","finalizers":["a.b/c"]"#))}",
            old: "{\(meta("a", #","deletionTimestamp":"t""#))}",
            [
                #"metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"a.b/c"}"#
            ]),
    ]

    static let services = [
        Example(
            "fine", "v1/Service",
            service(#""type":"ClusterIP","ports":[{"port":80,"protocol":"TCP","targetPort":"http"}]"#), []),
        Example("no ports", "v1/Service", service(#""type":"ClusterIP""#), ["spec.ports: Required value"]),
        Example("headless", "v1/Service", service(#""type":"ClusterIP","clusterIP":"None","clusterIPs":["None"]"#), []),
        Example(
            "port out of range", "v1/Service",
            service(#""type":"ClusterIP","ports":[{"port":70000,"protocol":"TCP"}]"#),
            ["spec.ports[0].port: Invalid value: 70000: must be between 1 and 65535, inclusive"]),
        Example(
            "protocol", "v1/Service", service(#""type":"ClusterIP","ports":[{"port":80,"protocol":"HTTP"}]"#),
            [#"spec.ports[0].protocol: Unsupported value: "HTTP": supported values: "SCTP", "TCP", "UDP""#]),
        Example(
            "type", "v1/Service", service(#""type":"Foo","ports":[{"port":80,"protocol":"TCP"}]"#),
            [
                #"spec.type: Unsupported value: "Foo": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort""#
            ]),
        Example(
            "names of ports", "v1/Service",
            service(
                #""type":"ClusterIP","ports":[{"port":80,"protocol":"TCP"},{"port":81,"protocol":"TCP","name":"b"},{"port":81,"protocol":"UDP","name":"b"}]"#
            ),
            ["spec.ports[0].name: Required value", #"spec.ports[2].name: Duplicate value: "b""#]),
        Example(
            "node port", "v1/Service",
            service(#""type":"ClusterIP","ports":[{"port":80,"protocol":"TCP","nodePort":30000}]"#),
            ["spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"]),
        Example(
            "external addresses", "v1/Service",
            service(
                #""type":"ClusterIP","externalTrafficPolicy":"Cluster","externalIPs":["127.0.0.1","x"],"ports":[{"port":80,"protocol":"TCP"}]"#
            ),
            [
                #"spec.externalIPs[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)"#,
                #"spec.externalIPs[1]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"#,
            ]),
        Example(
            "external name", "v1/Service", #"{\#(meta()),"spec":{"type":"ExternalName","sessionAffinity":"None"}}"#,
            ["spec.externalName: Required value"]),
        Example(
            "cluster address", "v1/Service",
            service(
                #""type":"ClusterIP","clusterIP":"10.0.0.2","clusterIPs":["10.0.0.2"],"ports":[{"port":80,"protocol":"TCP"}]"#
            ),
            old: service(
                #""type":"ClusterIP","clusterIP":"10.0.0.1","clusterIPs":["10.0.0.1"],"ports":[{"port":80,"protocol":"TCP"}]"#
            ),
            [#"spec.clusterIPs[0]: Invalid value: ["10.0.0.2"]: may not change once set"#]),
    ]

    static let pods = [
        Example("fine", "v1/Pod", #"{\#(meta()),"spec":{\#(pod)}}"#, []),
        Example("no containers", "v1/Pod", #"{\#(meta()),"spec":{}}"#, ["spec.containers: Required value"]),
        Example(
            "containers", "v1/Pod",
            #"{\#(meta()),"spec":{"containers":[{"name":"c","image":""},{"name":"c","image":" i"}]}}"#,
            [
                "spec.containers[0].image: Required value",
                #"spec.containers[1].image: Invalid value: " i": must not have leading or trailing whitespace"#,
                #"spec.containers[1].name: Duplicate value: "c""#,
            ]),
        Example(
            "volumes", "v1/Pod",
            #"{\#(meta()),"spec":{"containers":[{"name":"c","image":"i","volumeMounts":[{"name":"w","mountPath":"/a"}]}],"volumes":[{"name":"v"}]}}"#,
            [
                "spec.volumes[0]: Required value: must specify a volume type",
                #"spec.containers[0].volumeMounts[0].name: Not found: "w""#,
            ]),
        Example(
            "resources", "v1/Pod",
            #"{\#(meta()),"spec":{"containers":[{"name":"c","image":"i","resources":{"limits":{"cpu":"1"},"requests":{"cpu":"2"}}}]}}"#,
            [
                #"spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1"#
            ]),
        Example(
            "probes", "v1/Pod",
            #"{\#(meta()),"spec":{"containers":[{"name":"c","image":"i","livenessProbe":{"periodSeconds":-1}}]}}"#,
            [
                "spec.containers[0].livenessProbe: Required value: must specify a handler type",
                "spec.containers[0].livenessProbe.periodSeconds: Invalid value: -1: must be greater than or equal to 0",
            ]),
        Example(
            "a new image", "v1/Pod",
            #"{\#(meta()),"spec":{"containers":[{"name":"c","image":"j"}],"restartPolicy":"Always"}}"#,
            old: #"{\#(meta()),"spec":{\#(pod)}}"#, []),
        Example(
            "another policy", "v1/Pod",
            #"{\#(meta()),"spec":{"containers":[{"name":"c","image":"i"}],"restartPolicy":"Never"}}"#,
            old: #"{\#(meta()),"spec":{\#(pod)}}"#,
            [
                "spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
            ]),
    ]

    static let workloads = [
        Example("fine", "apps/v1/ReplicaSet", workload(#","replicas":1"#), []),
        Example(
            "replicas", "apps/v1/ReplicaSet", workload(#","replicas":-1"#),
            ["spec.replicas: Invalid value: -1: must be greater than or equal to 0"]),
        Example(
            "selector and labels", "apps/v1/ReplicaSet", workload("", labels: #"{"app":"y"}"#),
            [#"spec.template.metadata.labels: Invalid value: {"app":"y"}: `selector` does not match template `labels`"#]
        ),
        Example(
            "selector", "apps/v1/Deployment", workload(#","strategy":{"type":"Recreate"}"#),
            old: #"{\#(meta()),"spec":{"selector":{"matchLabels":{"app":"z"}}}}"#,
            [#"spec.selector: Invalid value: {"matchLabels":{"app":"x"}}: field is immutable"#]),
        Example(
            "no step", "apps/v1/Deployment",
            workload(#","strategy":{"type":"RollingUpdate","rollingUpdate":{"maxUnavailable":0,"maxSurge":0}}"#),
            ["spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0"]),
        Example(
            "stateful", "apps/v1/StatefulSet", workload(#","serviceName":"b""#), old: workload(#","serviceName":"a""#),
            [
                "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
            ]),
        Example(
            "jobs do not always restart", "batch/v1/Job", workload(""),
            [#"spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never""#]),
        Example(
            "schedules", "batch/v1/CronJob",
            #"{\#(meta()),"spec":{"schedule":"* * 32 * *","jobTemplate":{"spec":{"template":{"spec":{"containers":[{"name":"c","image":"i"}],"restartPolicy":"Never"}}}}}}"#,
            [#"spec.schedule: Invalid value: "* * 32 * *": end of range (32) above maximum (31): 32"#]),
    ]

    static let others = [
        Example(
            "immutable data", "v1/ConfigMap", #"{\#(meta()),"data":{"a":"2"},"immutable":true}"#,
            old: #"{\#(meta()),"data":{"a":"1"},"immutable":true}"#,
            ["data: Forbidden: field is immutable when `immutable` is set"]),
        Example(
            "tls", "v1/Secret", #"{\#(meta()),"type":"kubernetes.io/tls","data":{"tls.crt":"eA=="}}"#,
            ["data[tls.key]: Required value"]),
        Example(
            "slices", "discovery.k8s.io/v1/EndpointSlice",
            #"{\#(meta()),"addressType":"IPv4","endpoints":[{"addresses":["fd00::1"]}],"ports":[]}"#,
            [#"endpoints[0].addresses[0]: Invalid value: "fd00::1": must be a valid IPv4 address"#]),
        Example(
            "address type", "discovery.k8s.io/v1/EndpointSlice", #"{\#(meta()),"addressType":"IPv6"}"#,
            old: #"{\#(meta()),"addressType":"IPv4"}"#,
            [#"addressType: Invalid value: "IPv6": field is immutable"#]),
        Example(
            "paths", "networking.k8s.io/v1/Ingress",
            #"{\#(meta()),"spec":{"rules":[{"host":"a.b","http":{"paths":[{"path":"x","pathType":"Prefix","backend":{"service":{"name":"s","port":{"number":80}}}}]}}]}}"#,
            [#"spec.rules[0].http.paths[0].path: Invalid value: "x": must be an absolute path"#]),
        Example(
            "policies", "networking.k8s.io/v1/NetworkPolicy",
            #"{\#(meta()),"spec":{"podSelector":{},"ingress":[{"from":[{"ipBlock":{"cidr":"10.0.0.0/8","except":["11.0.0.0/16"]}}]}]}}"#,
            [
                #"spec.ingress[0].from[0].ipBlock.except[0]: Invalid value: "11.0.0.0/16": must be a strict subset of `cidr`"#
            ]),
        Example(
            "roles", "rbac.authorization.k8s.io/v1/Role",
            #"{\#(meta()),"rules":[{"apiGroups":[""],"resources":["pods"]}]}"#,
            ["rules[0].verbs: Required value: verbs must contain at least one value"]),
        Example(
            "bindings", "rbac.authorization.k8s.io/v1/RoleBinding",
            #"{\#(meta()),"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"b"}}"#,
            old: #"{\#(meta()),"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"a"}}"#,
            [
                #"roleRef: Invalid value: {"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"b"}: cannot change roleRef"#
            ]),
        Example(
            "leases", "coordination.k8s.io/v1/Lease", #"{\#(meta()),"spec":{"leaseDurationSeconds":0}}"#,
            ["spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0"]),
        Example(
            "budgets", "policy/v1/PodDisruptionBudget", #"{\#(meta()),"spec":{"minAvailable":"150%"}}"#,
            [#"spec.minAvailable: Invalid value: "150%": must not be greater than 100%"#]),
        Example(
            "priorities", "scheduling.k8s.io/v1/PriorityClass", #"{"metadata":{"name":"a"},"value":2}"#,
            old: #"{"metadata":{"name":"a"},"value":1}"#,
            ["value: Forbidden: may not be changed in an update."]),
        Example(
            "service CIDRs", "networking.k8s.io/v1/ServiceCIDR",
            #"{"metadata":{"name":"a"},"spec":{"cidrs":["10.0.0.1/24"]}}"#,
            [#"spec.cidrs[0]: Invalid value: "10.0.0.1/24": must be in canonical form ("10.0.0.0/24")"#]),
        Example(
            "addresses", "networking.k8s.io/v1/IPAddress", #"{"metadata":{"name":"10.0.0.1"},"spec":{}}"#,
            ["spec.parentRef: Required value"]),
        Example(
            "taints", "v1/Node", #"{"metadata":{"name":"n"},"spec":{"taints":[{"key":"a","effect":"Foo"}]}}"#,
            [
                #"metadata.taints[0].effect: Unsupported value: "Foo": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute""#
            ]),
    ]

    /// Whatever stands in an object, its validation ends.
    @Test(arguments: 0..<8 as Range<UInt64>)
    func survivesAnything(_ seed: UInt64) throws {
        var random = Mutation(seed: seed)
        let examples = Self.metadata + Self.services + Self.pods + Self.workloads + Self.others
        for example in examples {
            for _ in 0..<12 {
                var changed = example
                changed.object = JSONWriter.text(random.changed(try JSONParser.parse(example.object)))
                #expect(try Self.findings(changed).count < 1000)
            }
        }
    }
}
