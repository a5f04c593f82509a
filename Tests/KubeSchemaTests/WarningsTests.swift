import KubeAPI
import KubeSchema
import Testing

struct WarningsTests {
    private static func pod(_ spec: String, annotations: String = "{}") throws -> JSONValue {
        try JSONParser.parse(#"{"metadata":{"name":"p","annotations":\#(annotations)},"spec":\#(spec)}"#)
    }

    private static func template(_ pod: JSONValue) -> JSONValue {
        ["metadata": ["name": "d"], "spec": ["template": pod]]
    }

    @Test(arguments: [
        (
            #"{"nodeSelector":{"beta.kubernetes.io/os":"linux"}}"#,
            #"spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead"#
        ),
        (
            #"{"containers":[{"name":"c","env":[{"name":"A","value":"1"},{"name":"B"},{"name":"A","value":"2"}]}]}"#,
            #"spec.containers[0].env[2]: hides previous definition of "A", which may be dropped when using apply"#
        ),
        (
            #"{"containers":[{"name":"c","resources":{"limits":{"memory":"1500m"}}}]}"#,
            #"spec.containers[0].resources.limits[memory]: fractional byte value "1500m" is invalid, must be an integer"#
        ),
        (
            #"{"containers":[{"ports":[{"containerPort":80,"protocol":"TCP"}]},{"ports":[{"containerPort":80,"protocol":"TCP"}]}]}"#,
            "spec.containers[1].ports[0]: duplicate port definition with spec.containers[0].ports[0]"
        ),
        (
            #"{"volumes":[{"name":"v","gitRepo":{"repository":"r"}}]}"#,
            "spec.volumes[0].gitRepo: deprecated in v1.11, and disabled by default in v1.33+"
        ),
        (
            #"{"imagePullSecrets":[{"name":"a"},{"name":"a"}]}"#,
            #"spec.imagePullSecrets[1].name: duplicate name "a""#
        ),
        (
            #"{"terminationGracePeriodSeconds":-1}"#,
            "spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1"
        ),
        (
            #"{"affinity":{"podAntiAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"topologyKey":"t"}]}}}"#,
            "spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector: a null "
                + "labelSelector results in matching no pod"
        ),
        (
            #"{"hostAliases":[{"ip":"::ffff:1.2.3.4"}]}"#,
            #"spec.hostAliases[0].ip: non-standard IP address "::ffff:1.2.3.4" will be considered invalid in a future Kubernetes release: use "1.2.3.4""#
        ),
    ])
    func ofPodsAndTheirTemplates(_ spec: String, _ text: String) throws {
        let pod = try Self.pod(spec)
        #expect(ObjectWarnings.of(pod, old: nil, group: "", kind: "Pod") == [text])
        // Only people write templates again and again.
        #expect(ObjectWarnings.of(pod, old: pod, group: "", kind: "Pod").isEmpty)
        let template = Self.template(pod)
        let warnings = ObjectWarnings.of(template, old: nil, group: "apps", kind: "Deployment")
        #expect(warnings == [text.replacing("spec.", with: "spec.template.spec.")])
        #expect(ObjectWarnings.of(template, old: template, group: "apps", kind: "Deployment").isEmpty)
    }

    @Test func aVariableMayBuildOnItself() throws {
        let pod = try Self.pod(
            #"{"containers":[{"name":"c","env":[{"name":"A","value":"1"},{"name":"A","value":"$(A)2"}]}]}"#)
        #expect(ObjectWarnings.of(pod, old: nil, group: "", kind: "Pod").isEmpty)
    }

    @Test func ofAnnotationsAndNames() throws {
        var pod = try Self.pod(
            #"{"containers":[{"name":"c"}]}"#,
            annotations:
                #"{"scheduler.alpha.kubernetes.io/critical-pod":"","container.apparmor.security.beta.kubernetes.io/c":"x"}"#
        )
        let critical =
            #"metadata.annotations[scheduler.alpha.kubernetes.io/critical-pod]: non-functional in v1.16+; use the "priorityClassName" field instead"#
        #expect(ObjectWarnings.of(pod, old: nil, group: "", kind: "Pod") == [critical])
        let ofTemplate = ObjectWarnings.of(Self.template(pod), old: nil, group: "apps", kind: "DaemonSet")
        #expect(ofTemplate.count == 2 && ofTemplate[1].contains(#"deprecated since v1.30; use the "appArmorProfile""#))
        pod = ["metadata": ["name": "a.b"], "spec": [:]]
        #expect(
            ObjectWarnings.of(pod, old: nil, group: "batch", kind: "Job").first
                == "metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS "
                + "label is recommended: [must not contain dots]")
    }

    @Test(arguments: [
        (#"{"type":"ClusterIP","clusterIPs":["10.0.0.1"],"sessionAffinity":"None"}"#, [String]()),
        (
            #"{"type":"ClusterIP","clusterIPs":["2001:db8:0::2"],"sessionAffinity":"None"}"#,
            [
                #"spec.clusterIPs[0]: IPv6 address "2001:db8:0::2" should be in RFC 5952 canonical format ("2001:db8::2")"#
            ]
        ),
        (
            #"{"type":"LoadBalancer","loadBalancerSourceRanges":["192.12.2.8/24"]}"#,
            [
                #"spec.loadBalancerSourceRanges[0]: CIDR value "192.12.2.8/24" is ambiguous in this context (should be "192.12.2.0/24" or "192.12.2.8/32"?)"#
            ]
        ),
        (
            #"{"type":"ClusterIP","clusterIP":"None","clusterIPs":["None"],"sessionAffinity":"ClientIP"}"#,
            ["spec.SessionAffinity is ignored for headless services"]
        ),
        (
            #"{"type":"ClusterIP","externalIPs":["1.2.3.4"],"trafficDistribution":"PreferClose"}"#,
            [
                "spec.externalIPs is deprecated and may no longer be implemented in some clusters",
                #"spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone""#,
            ]
        ),
    ])
    func ofServices(_ spec: String, _ texts: [String]) throws {
        let service: JSONValue = ["metadata": ["name": "s"], "spec": try JSONParser.parse(spec)]
        #expect(ObjectWarnings.of(service, old: nil, group: "", kind: "Service") == texts)
    }

    @Test func ofOthers() {
        func warnings(_ group: String, _ kind: String, _ annotation: String) -> [String] {
            ObjectWarnings.of(
                [
                    "metadata": ["name": "x", "annotations": .object(JSONObject([.init(annotation, "y")]))],
                    "spec": [:],
                ],
                old: nil, group: group, kind: kind)
        }
        #expect(
            warnings("networking.k8s.io", "Ingress", "kubernetes.io/ingress.class") == [
                #"annotation "kubernetes.io/ingress.class" is deprecated, please use 'spec.ingressClassName' instead"#
            ])
        #expect(
            warnings("", "PersistentVolumeClaim", "volume.beta.kubernetes.io/storage-class") == [
                #"metadata.annotations[volume.beta.kubernetes.io/storage-class]: deprecated since v1.8; use "storageClassName" attribute instead"#
            ])
        #expect(warnings("", "ConfigMap", "kubernetes.io/ingress.class").isEmpty)
    }
}
