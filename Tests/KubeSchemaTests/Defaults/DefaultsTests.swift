import KubeAPI
import KubeSchema
import Testing

struct DefaultsTests {
    /// What a client sends and what it reads back, both as the parts that matter.
    static let cases: [(kind: String, input: String, expected: String)] = [
        (
            "/v1/Service", #"{"spec":{"ports":[{"port":80}]}}"#,
            #"{"metadata":{},"spec":{"ports":[{"protocol":"TCP","port":80,"targetPort":80}],"type":"ClusterIP","sessionAffinity":"None","internalTrafficPolicy":"Cluster"},"status":{"loadBalancer":{}}}"#
        ),
        (
            "/v1/Service",
            #"{"spec":{"type":"LoadBalancer","sessionAffinity":"ClientIP","ports":[{"port":80,"targetPort":"http"}]},"status":{"loadBalancer":{"ingress":[{"ip":"1.2.3.4"},{"hostname":"h"}]}}}"#,
            #"{"metadata":{},"spec":{"ports":[{"protocol":"TCP","port":80,"targetPort":"http"}],"type":"LoadBalancer","sessionAffinity":"ClientIP","externalTrafficPolicy":"Cluster","sessionAffinityConfig":{"clientIP":{"timeoutSeconds":10800}},"allocateLoadBalancerNodePorts":true,"internalTrafficPolicy":"Cluster"},"status":{"loadBalancer":{"ingress":[{"ip":"1.2.3.4","ipMode":"VIP"},{"hostname":"h"}]}}}"#
        ),
        (
            "/v1/Service", #"{"spec":{"type":"ExternalName","externalName":"a.b"}}"#,
            #"{"metadata":{},"spec":{"type":"ExternalName","sessionAffinity":"None","externalName":"a.b"},"status":{"loadBalancer":{}}}"#
        ),
        (
            "/v1/Secret", #"{"stringData":{"b":"hi","a":"x"},"data":{"c":"aGk="}}"#,
            #"{"metadata":{},"data":{"a":"eA==","b":"aGk=","c":"aGk="},"type":"Opaque"}"#
        ),
        (
            "/v1/Namespace", #"{"metadata":{"name":"n","labels":{"z":"1"}}}"#,
            #"{"metadata":{"name":"n","labels":{"kubernetes.io/metadata.name":"n","z":"1"}},"spec":{},"status":{"phase":"Active"}}"#
        ),
        (
            "apps/v1/StatefulSet", #"{"spec":{"selector":{},"volumeClaimTemplates":[{"metadata":{"name":"d"}}]}}"#,
            #"{"metadata":{},"spec":{"replicas":1,"selector":{},"template":{"metadata":{},"spec":{"containers":null,"restartPolicy":"Always","terminationGracePeriodSeconds":30,"dnsPolicy":"ClusterFirst","securityContext":{},"schedulerName":"default-scheduler"}},"volumeClaimTemplates":[{"kind":"PersistentVolumeClaim","apiVersion":"v1","metadata":{"name":"d"},"spec":{"resources":{},"volumeMode":"Filesystem"},"status":{"phase":"Pending"}}],"serviceName":"","podManagementPolicy":"OrderedReady","updateStrategy":{"type":"RollingUpdate","rollingUpdate":{"partition":0}},"revisionHistoryLimit":10,"persistentVolumeClaimRetentionPolicy":{"whenDeleted":"Retain","whenScaled":"Retain"}},"status":{"replicas":0,"availableReplicas":0}}"#
        ),
        (
            "networking.k8s.io/v1/NetworkPolicy",
            #"{"spec":{"podSelector":{},"egress":[{"ports":[{"port":53}]}]}}"#,
            #"{"metadata":{},"spec":{"podSelector":{},"egress":[{"ports":[{"protocol":"TCP","port":53}]}],"policyTypes":["Ingress","Egress"]}}"#
        ),
        (
            "rbac.authorization.k8s.io/v1/RoleBinding",
            #"{"roleRef":{"kind":"Role","name":"r"},"subjects":[{"kind":"User","name":"u"},{"kind":"ServiceAccount","name":"s"}]}"#,
            #"{"metadata":{},"subjects":[{"kind":"User","apiGroup":"rbac.authorization.k8s.io","name":"u"},{"kind":"ServiceAccount","name":"s"}],"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"r"}}"#
        ),
        (
            "apiextensions.k8s.io/v1/CustomResourceDefinition",
            #"{"spec":{"group":"g","names":{"plural":"foos","kind":"Foo"},"scope":"Namespaced","versions":[{"name":"v1","served":true,"storage":true}]}}"#,
            #"{"metadata":{},"spec":{"group":"g","names":{"plural":"foos","singular":"foo","kind":"Foo","listKind":"FooList"},"scope":"Namespaced","versions":[{"name":"v1","served":true,"storage":true}],"conversion":{"strategy":"None"}},"status":{"conditions":null,"acceptedNames":{"plural":"","kind":""},"storedVersions":["v1"]}}"#
        ),
        (
            "discovery.k8s.io/v1/EndpointSlice", #"{"addressType":"IPv4","endpoints":[],"ports":[{"port":80}]}"#,
            #"{"metadata":{},"addressType":"IPv4","endpoints":[],"ports":[{"name":"","protocol":"TCP","port":80}]}"#
        ),
    ]

    @Test(arguments: cases.indices)
    func objectsAreCompleted(number: Int) throws {
        let (kind, input, expected) = Self.cases[number]
        #expect(JSONWriter.text(try completed(input, kind)) == expected)
    }

    @Test func podsAreCompleted() throws {
        let pod = try completed(
            """
            {"spec":{"hostNetwork":true,"serviceAccountName":"sa","containers":[{"name":"c","image":"r:5000/a",
             "ports":[{"containerPort":80}],"livenessProbe":{"httpGet":{"port":80}},"resources":{"limits":{"cpu":"1500u"}}},
             {"name":"d","image":"a:1","readinessProbe":{"grpc":{"port":1}}},{"name":"e","image":"a@sha256:0"}],
             "volumes":[{"name":"v"},{"name":"t","projected":{"sources":[{"serviceAccountToken":{"path":"p"}}]}}]}}
            """, "/v1/Pod")
        let spec = try #require(pod["spec"])
        let containers = try #require(spec["containers"]?.array)
        #expect(containers.map { $0["imagePullPolicy"] } == ["Always", "IfNotPresent", "IfNotPresent"])
        #expect(containers[0][path: "ports"]?.array?.first == ["hostPort": 80, "containerPort": 80, "protocol": "TCP"])
        #expect(containers[0][path: "resources"] == ["limits": ["cpu": "2m"], "requests": ["cpu": "2m"]])
        #expect(
            containers[0]["livenessProbe"] == [
                "httpGet": ["path": "/", "port": 80, "scheme": "HTTP"], "timeoutSeconds": 1, "periodSeconds": 10,
                "successThreshold": 1, "failureThreshold": 3,
            ])
        #expect(containers[1][path: "readinessProbe", "grpc", "service"] == "")
        #expect(spec["serviceAccount"] == "sa")
        #expect(spec["enableServiceLinks"] == true)
        let volumes = try #require(spec["volumes"]?.array)
        #expect(volumes[0] == ["name": "v", "emptyDir": .emptyObject])
        #expect(volumes[1][path: "projected", "defaultMode"] == 420)
    }

    /// Defaults once more change nothing, and what they add is where decoding puts it.
    @Test func completedObjectsAreCanonical() throws {
        for (kind, input, _) in Self.cases {
            let once = try completed(input, kind)
            #expect(try completed(JSONWriter.text(once), kind) == once)
        }
    }

    private func completed(_ text: String, _ kind: String) throws -> JSONValue {
        let parts = kind.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        let type = try #require(APICatalog.builtin.type(group: parts[0], version: parts[1], kind: parts[2]))
        var value = try Schema.builtin.normalize(try JSONParser.parse(text), as: type).value
        Schema.builtin.applyDefaults(&value, group: parts[0], version: parts[1], kind: parts[2])
        return value
    }
}
