import NetTypes
import Testing

@testable import KubeAPI

@Suite struct ServiceDecodingTests {
    /// A Service named `default/web` with the given `spec`.
    static func service(_ spec: String, status: String = "{}") throws -> Service {
        let text = #"{"metadata":{"name":"web","namespace":"default"},"spec":\#(spec),"status":\#(status)}"#
        return try Service(json: JSONParser.parse(text))
    }

    @Test func readsWhatTheServerSends() throws {
        let text = """
            {"kind":"Service","apiVersion":"v1","metadata":{"name":"web","namespace":"shop","uid":"u-1",
            "resourceVersion":"42","creationTimestamp":"2026-01-02T03:04:05Z","labels":{"app":"web"},
            "annotations":{"apus.dev/balance":"maglev","kubectl.kubernetes.io/last-applied-configuration":"{}"},
            "managedFields":[{"manager":"kubectl"}]},
            "spec":{"ports":[{"name":"http","protocol":"TCP","port":80,"targetPort":8080,"nodePort":30080},
            {"name":"dns","protocol":"UDP","port":53,"targetPort":"dns"}],"selector":{"app":"web"},
            "clusterIP":"10.96.0.10","clusterIPs":["10.96.0.10","fd00::10"],"type":"LoadBalancer",
            "externalIPs":["192.0.2.7"],"sessionAffinity":"ClientIP",
            "sessionAffinityConfig":{"clientIP":{"timeoutSeconds":60}},"externalTrafficPolicy":"Local",
            "internalTrafficPolicy":"Local","healthCheckNodePort":31000,"publishNotReadyAddresses":true,
            "loadBalancerSourceRanges":["10.1.2.3/8"," 2001:db8::/32 "],"trafficDistribution":"PreferClose"},
            "status":{"loadBalancer":{"ingress":[{"ip":"198.51.100.1","ipMode":"VIP"},{"ip":"198.51.100.2","ipMode":"Proxy"},
            {"hostname":"lb.example"},{"ip":"198.51.100.3"}]}}}
            """
        var spec = Service.Spec()
        spec.kind = .loadBalancer
        spec.clusterIPs = [IPAddress(10, 96, 0, 10), try #require(IPAddress("fd00::10"))]
        spec.externalIPs = [IPAddress(192, 0, 2, 7)]
        spec.ports = [
            .init(name: "http", port: 80, nodePort: 30080, targetPort: "8080"),
            .init(name: "dns", proto: .udp, port: 53, targetPort: "dns"),
        ]
        spec.externalTrafficPolicy = .local
        spec.internalTrafficPolicy = .local
        spec.clientIPAffinityTimeout = 60
        spec.loadBalancerSourceRanges = [try #require(CIDR("10.0.0.0/8")), try #require(CIDR("2001:db8::/32"))]
        spec.healthCheckNodePort = 31000
        spec.publishNotReadyAddresses = true
        spec.trafficDistribution = "PreferClose"
        let expected = Service(
            metadata: ObjectMeta(
                name: "web", namespace: "shop", uid: "u-1", resourceVersion: "42",
                creationTimestamp: "2026-01-02T03:04:05Z", labels: ["app": "web"],
                annotations: ["apus.dev/balance": "maglev"]),
            spec: spec,
            loadBalancerIngress: [
                .init(ip: IPAddress(198, 51, 100, 1)), .init(ip: IPAddress(198, 51, 100, 2), isVIP: false),
                .init(ip: IPAddress(198, 51, 100, 3)),
            ])
        #expect(try Service(json: JSONParser.parse(text)) == expected)
    }

    @Test func defaultsAsTheServerDoes() throws {
        let service = try Self.service(#"{"ports":[{"port":80}],"type":"NodePort"}"#)
        var spec = Service.Spec()
        spec.kind = .nodePort
        spec.ports = [.init(port: 80, targetPort: "80")]
        #expect(service.spec == spec)
        #expect(service.loadBalancerIngress.isEmpty)
    }

    @Test(
        arguments: [
            (#"{"sessionAffinity":"ClientIP"}"#, 10800), (#"{"sessionAffinity":"None"}"#, nil), ("{}", nil),
            (#"{"sessionAffinity":"ClientIP","sessionAffinityConfig":{}}"#, 10800),
            (#"{"sessionAffinity":"ClientIP","sessionAffinityConfig":{"clientIP":{}}}"#, 10800),
            (#"{"sessionAffinity":"ClientIP","sessionAffinityConfig":{"clientIP":{"timeoutSeconds":1}}}"#, 1),
        ] as [(String, UInt32?)])
    func affinity(_ spec: String, _ timeout: UInt32?) throws {
        #expect(try Self.service(spec).spec.clientIPAffinityTimeout == timeout)
    }

    @Test(arguments: [
        (#"{"clusterIP":"10.0.0.1"}"#, ["10.0.0.1"], false), (#"{"clusterIP":"None"}"#, [], true), ("{}", [], false),
        (#"{"clusterIP":"None","clusterIPs":["None"]}"#, [], true), (#"{"clusterIP":""}"#, [], false),
        (#"{"clusterIPs":["fd00::1","10.0.0.1"]}"#, ["fd00::1", "10.0.0.1"], false),
        (#"{"clusterIP":"10.0.0.1","clusterIPs":null}"#, ["10.0.0.1"], false),
    ])
    func clusterIPs(_ spec: String, _ addresses: [String], _ isHeadless: Bool) throws {
        let spec = try Self.service(spec).spec
        #expect(spec.clusterIPs == addresses.compactMap { IPAddress($0) })
        #expect(spec.isHeadless == isHeadless)
    }

    @Test(arguments: [
        (#"{"ports":[{"port":70000}]}"#, "spec.ports[0].port: must be between 1 and 65535, got 70000"),
        (#"{"ports":[{"port":0}]}"#, "spec.ports[0].port: must be between 1 and 65535, got 0"),
        (#"{"ports":[{"port":80,"name":"a"},{"name":"b"}]}"#, "spec.ports[1].port: required"),
        (#"{"ports":[{"port":"80"}]}"#, "spec.ports[0].port: must be an integer, got a string"),
        (#"{"ports":[{"port":80.5}]}"#, "spec.ports[0].port: must be an integer, got a number"),
        (
            #"{"ports":[{"port":80,"protocol":"tcp"}]}"#,
            #"spec.ports[0].protocol: must be one of TCP, UDP, SCTP, got "tcp""#
        ),
        (#"{"ports":[{"port":80,"nodePort":-1}]}"#, "spec.ports[0].nodePort: must be between 0 and 65535, got -1"),
        (
            #"{"ports":[{"port":80,"targetPort":true}]}"#,
            "spec.ports[0].targetPort: must be a port number or a name, got a boolean"
        ),
        (
            #"{"ports":[{"port":80,"targetPort":65536}]}"#,
            "spec.ports[0].targetPort: must be between 1 and 65535, got 65536"
        ),
        (#"{"ports":{"port":80}}"#, "spec.ports: must be an array, got an object"),
        (#"{"ports":[80]}"#, "spec.ports[0]: must be an object, got a number"),
        (#"{"ports":[{"port":80},{"port":81}]}"#, "spec.ports[0].name: required when there is more than one port"),
        (#"{"ports":[{"port":80,"name":"a"},{"port":81,"name":"a"}]}"#, #"spec.ports[1].name: "a" is used twice"#),
        (#"{"ports":[{"port":80,"name":"a"},{"port":80,"name":"b"}]}"#, "spec.ports[1]: 80/tcp is used twice"),
        (#"{"clusterIP":"10.0.0.256"}"#, #"spec.clusterIP: must be an IP address or None, got "10.0.0.256""#),
        (#"{"clusterIPs":["10.0.0.1","x"]}"#, #"spec.clusterIPs[1]: must be an IP address or None, got "x""#),
        (
            #"{"clusterIPs":["10.0.0.1","10.0.0.2"]}"#,
            "spec.clusterIPs[1]: a second address of the same family, 10.0.0.2"
        ),
        (#"{"externalIPs":["1.2.3"]}"#, #"spec.externalIPs[0]: must be an IP address, got "1.2.3""#),
        (
            #"{"externalIPs":["127.0.0.1"]}"#,
            "spec.externalIPs[0]: may not be unspecified, loopback or link-local, got 127.0.0.1"
        ),
        (
            #"{"type":"Cluster"}"#,
            #"spec.type: must be one of ClusterIP, NodePort, LoadBalancer, ExternalName, got "Cluster""#
        ),
        (
            #"{"externalTrafficPolicy":"local"}"#,
            #"spec.externalTrafficPolicy: must be one of Cluster, Local, got "local""#
        ),
        (
            #"{"sessionAffinity":"ClientIP","sessionAffinityConfig":{"clientIP":{"timeoutSeconds":0}}}"#,
            "spec.sessionAffinityConfig.clientIP.timeoutSeconds: must be between 1 and 86400, got 0"
        ),
        (#"{"sessionAffinity":"Client"}"#, #"spec.sessionAffinity: must be one of None, ClientIP, got "Client""#),
        (
            #"{"loadBalancerSourceRanges":["10.0.0.0"]}"#,
            #"spec.loadBalancerSourceRanges[0]: must be an address prefix, got "10.0.0.0""#
        ),
        (#"{"healthCheckNodePort":99999}"#, "spec.healthCheckNodePort: must be between 0 and 65535, got 99999"),
        ("[]", "spec: must be an object, got an array"), ("null", "spec: required"),
    ])
    func refuses(_ spec: String, _ message: String) {
        let error = #expect(throws: DecodingFailure.self) { try Self.service(spec) }
        #expect(error?.description == message)
    }

    @Test(arguments: [
        (
            #"{"loadBalancer":{"ingress":[{"ip":"a"}]}}"#,
            #"status.loadBalancer.ingress[0].ip: must be an IP address, got "a""#
        ),
        (
            #"{"loadBalancer":{"ingress":[{"ip":"1.2.3.4","ipMode":"x"}]}}"#,
            #"status.loadBalancer.ingress[0].ipMode: must be one of VIP, Proxy, got "x""#
        ),
    ])
    func refusesStatus(_ status: String, _ message: String) {
        let error = #expect(throws: DecodingFailure.self) { try Self.service("{}", status: status) }
        #expect(error?.description == message)
    }

    @Test(arguments: [
        ("7", "must be an object, got a number"), ("{}", "metadata: required"),
        (#"{"metadata":{}}"#, "metadata.name: required"),
        (#"{"kind":"Pod","metadata":{"name":"a"}}"#, #"kind: must be Service, got "Pod""#),
        (#"{"kind":"Service","apiVersion":"v2","metadata":{"name":"a"}}"#, #"apiVersion: must be v1, got "v2""#),
        (#"{"metadata":{"name":"A"}}"#, #"metadata.name: must be a lower-case DNS subdomain (RFC 1123), got "A""#),
        (
            #"{"metadata":{"name":"a..b"}}"#,
            #"metadata.name: must be a lower-case DNS subdomain (RFC 1123), got "a..b""#
        ),
        (
            #"{"metadata":{"name":"a","namespace":"a.b"}}"#,
            #"metadata.namespace: must be a lower-case DNS label (RFC 1123), got "a.b""#
        ),
        (#"{"metadata":{"name":"a","labels":{"x/y":1}}}"#, "metadata.labels[x/y]: must be a string, got a number"),
        (#"{"metadata":{"name":"a","annotations":[]}}"#, "metadata.annotations: must be an object, got an array"),
    ])
    func refusesMetadata(_ text: String, _ message: String) {
        let error = #expect(throws: DecodingFailure.self) { try Service(json: JSONParser.parse(text)) }
        #expect(error?.description == message)
    }
}
