import NetTypes
import Testing

@testable import KubeAPI

@Suite struct EndpointSliceDecodingTests {
    static func slice(_ fields: String, type: String = "IPv4") throws -> EndpointSlice {
        let text = #"{"metadata":{"name":"web-abc","namespace":"default"},"addressType":"\#(type)",\#(fields)}"#
        return try EndpointSlice(json: JSONParser.parse(text))
    }

    @Test func readsWhatTheServerSends() throws {
        let text = """
            {"kind":"EndpointSlice","apiVersion":"discovery.k8s.io/v1","metadata":{"name":"web-abc","namespace":"shop",
            "generateName":"web-","labels":{"kubernetes.io/service-name":"web"}},"addressType":"IPv6",
            "endpoints":[{"addresses":["fd00::1"],"conditions":{"ready":true,"serving":true,"terminating":false},
            "targetRef":{"kind":"Pod","namespace":"shop","name":"web-1","uid":"x"},"nodeName":"n1","zone":"z1",
            "hints":{"forZones":[{"name":"z1"}],"forNodes":[{"name":"n1"}]}},{"addresses":["fd00::2"]}],
            "ports":[{"name":"http","protocol":"TCP","port":8080,"appProtocol":null},{"port":null}]}
            """
        let slice = try EndpointSlice(json: JSONParser.parse(text))
        #expect(slice.service == NamespacedName(namespace: "shop", name: "web"))
        #expect(slice.addressType == .ipv6)
        #expect(
            slice.endpoints == [
                .init(
                    addresses: [IPAddress(high: 0xfd00_0000_0000_0000, low: 1)], nodeName: "n1", zone: "z1",
                    hintZones: ["z1"], hintNodes: ["n1"], target: "Pod shop/web-1"),
                .init(addresses: [IPAddress(high: 0xfd00_0000_0000_0000, low: 2)]),
            ])
        #expect(slice.ports == [.init(name: "http", port: 8080), .init(port: nil)])
    }

    @Test(arguments: [
        ("{}", true, true, false), (#"{"ready":null}"#, true, true, false), (#"{"ready":false}"#, false, false, false),
        (#"{"ready":false,"serving":true,"terminating":true}"#, false, true, true),
        (#"{"serving":false}"#, true, false, false), (#"{"terminating":true}"#, true, true, true),
    ])
    func conditions(_ text: String, _ isReady: Bool, _ isServing: Bool, _ isTerminating: Bool) throws {
        let slice = try Self.slice(#""endpoints":[{"addresses":["10.0.0.1"],"conditions":\#(text)}]"#)
        let endpoint = try #require(slice.endpoints.first)
        #expect(endpoint.isReady == isReady)
        #expect(endpoint.isServing == isServing)
        #expect(endpoint.isTerminating == isTerminating)
    }

    @Test func namesOfHostsAreNotAddresses() throws {
        let slice = try Self.slice(#""endpoints":[{"addresses":["db.example"]}]"#, type: "FQDN")
        #expect(slice.endpoints == [.init(addresses: [])])
    }

    @Test(arguments: [
        (
            #""endpoints":[{"addresses":["10.0.0.1"]},{"addresses":["10.0.0"]}]"#,
            "endpoints[1].addresses[0]: must be an IPv4 address, got \"10.0.0\""
        ),
        (
            #""endpoints":[{"addresses":["fd00::1"]}]"#,
            "endpoints[0].addresses[0]: must be an IPv4 address, got \"fd00::1\""
        ),
        (#""endpoints":[{"addresses":[1]}]"#, "endpoints[0].addresses[0]: must be a string, got a number"),
        (#""endpoints":[{}]"#, "endpoints[0].addresses: required"),
        (
            #""endpoints":[{"addresses":["10.0.0.1"],"conditions":{"ready":"yes"}}]"#,
            "endpoints[0].conditions.ready: must be a boolean, got a string"
        ),
        (
            #""endpoints":[{"addresses":["10.0.0.1"],"hints":{"forZones":[{}]}}]"#,
            "endpoints[0].hints.forZones[0].name: required"
        ),
        (#""ports":[{"port":65536}]"#, "ports[0].port: must be between 1 and 65535, got 65536"),
        (#""ports":[{"protocol":"ICMP"}]"#, "ports[0].protocol: must be one of TCP, UDP, SCTP, got \"ICMP\""),
    ])
    func refuses(_ fields: String, _ message: String) {
        let error = #expect(throws: DecodingFailure.self) { try Self.slice(fields) }
        #expect(error?.description == message)
    }

    @Test(arguments: [
        ("", "addressType: required"), ("IPv5", "addressType: must be one of IPv4, IPv6, FQDN, got \"IPv5\""),
    ])
    func refusesAddressType(_ type: String, _ message: String) {
        let error = #expect(throws: DecodingFailure.self) { try Self.slice(#""ports":[]"#, type: type) }
        #expect(error?.description == message)
    }
}

@Suite struct NodeDecodingTests {
    @Test func reads() throws {
        let text = """
            {"metadata":{"name":"n1.example","deletionTimestamp":"2026-01-01T00:00:00Z",
            "labels":{"topology.kubernetes.io/zone":"z1"}},"spec":{"podCIDR":"10.244.0.0/24",
            "podCIDRs":["10.244.0.0/24","fd00:1::/64"],"taints":[{"key":"a","effect":"NoSchedule"}]},
            "status":{"addresses":[{"type":"InternalIP","address":"10.0.0.1"},{"type":"Hostname","address":"n1"},
            {"type":"ExternalIP","address":"192.0.2.1"},{"type":"InternalIP","address":"fd00::1"}]}}
            """
        let node = try Node(json: JSONParser.parse(text))
        #expect(node.zone == "z1")
        #expect(node.metadata.deletionTimestamp == "2026-01-01T00:00:00Z")
        #expect(node.podCIDRs.map(\.description) == ["10.244.0.0/24", "fd00:1::/64"])
        #expect(node.internalIPs.map(\.description) == ["10.0.0.1", "fd00::1"])
        #expect(node.externalIPs.map(\.description) == ["192.0.2.1"])
        #expect(node.taintKeys == ["a"])
    }

    @Test func takesTheSinglePrefix() throws {
        let node = try Node(json: ["metadata": ["name": "n"], "spec": ["podCIDR": "10.0.0.0/24"]])
        #expect(node.podCIDRs == [try #require(CIDR("10.0.0.0/24"))])
    }

    @Test func refuses() {
        let json: JSONValue = [
            "metadata": ["name": "n"], "status": ["addresses": [["type": "InternalIP", "address": "nowhere"]]],
        ]
        let error = #expect(throws: DecodingFailure.self) { try Node(json: json) }
        #expect(error?.description == #"status.addresses[0].address: must be an IP address, got "nowhere""#)
    }
}

@Suite struct ServiceCIDRDecodingTests {
    @Test func reads() throws {
        let json: JSONValue = ["metadata": ["name": "kubernetes"], "spec": ["cidrs": ["10.96.0.0/16", "fd00::/112"]]]
        #expect(try ServiceCIDR(json: json).cidrs.map(\.description) == ["10.96.0.0/16", "fd00::/112"])
    }

    @Test func refuses() {
        let json: JSONValue = ["metadata": ["name": "kubernetes"], "spec": ["cidrs": ["10.96.0.0"]]]
        #expect(throws: DecodingFailure("spec.cidrs[0]", #"must be an address prefix, got "10.96.0.0""#)) {
            try ServiceCIDR(json: json)
        }
        #expect(throws: DecodingFailure("spec.cidrs", "required")) {
            try ServiceCIDR(json: ["metadata": ["name": "kubernetes"]])
        }
    }
}

@Suite struct WatchEventTests {
    @Test func reads() throws {
        let object: JSONValue = ["metadata": ["name": "a", "namespace": "b", "resourceVersion": "7"]]
        #expect(try WatchEvent(json: ["type": "ADDED", "object": object]) == .added(object))
        #expect(try WatchEvent(json: ["type": "MODIFIED", "object": object]) == .modified(object))
        #expect(try WatchEvent(json: ["type": "DELETED", "object": object]) == .deleted(object))
        #expect(
            try WatchEvent(json: ["type": "BOOKMARK", "object": object])
                == .bookmark(resourceVersion: "7", endsInitialEvents: false))
        let end: JSONValue = [
            "metadata": ["resourceVersion": "8", "annotations": ["k8s.io/initial-events-end": "true"]]
        ]
        #expect(
            try WatchEvent(json: ["type": "BOOKMARK", "object": end])
                == .bookmark(resourceVersion: "8", endsInitialEvents: true))
        let identity = ObjectIdentity(object)
        #expect(identity.key == NamespacedName(namespace: "b", name: "a"))
        #expect(identity.resourceVersion == "7")
    }

    @Test func readsErrors() throws {
        let text = """
            {"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",
            "message":"too old resource version: 1 (2)","reason":"Expired","code":410,"details":{"retryAfterSeconds":3,
            "causes":[{"reason":"ResourceVersionTooLarge","message":"m","field":"f"}]}}}
            """
        let status = Status(
            code: 410, reason: "Expired", message: "too old resource version: 1 (2)", retryAfterSeconds: 3,
            causes: [.init(reason: "ResourceVersionTooLarge", message: "m", field: "f")])
        #expect(try WatchEvent(json: JSONParser.parse(text)) == .error(status))
    }

    @Test(arguments: [
        ("{}", "type: required"), (#"{"type":"ADDED"}"#, "object: required"), ("[]", "must be an object, got an array"),
        (
            #"{"type":"added","object":{}}"#,
            "type: must be one of ADDED, MODIFIED, DELETED, BOOKMARK, ERROR, got \"added\""
        ),
        (#"{"type":"ERROR","object":{"code":"x"}}"#, "object.code: must be an integer, got a string"),
    ])
    func refuses(_ text: String, _ message: String) {
        let error = #expect(throws: DecodingFailure.self) { try WatchEvent(json: JSONParser.parse(text)) }
        #expect(error?.description == message)
    }
}

@Suite struct GroupVersionResourceTests {
    @Test(
        arguments: [
            (GroupVersionResource.services, nil, "/api/v1/services"),
            (.services, "a", "/api/v1/namespaces/a/services"), (.nodes, "a", "/api/v1/nodes"),
            (.endpointSlices, nil, "/apis/discovery.k8s.io/v1/endpointslices"),
            (.serviceCIDRs, nil, "/apis/networking.k8s.io/v1/servicecidrs"),
            (.events, "a", "/apis/events.k8s.io/v1/namespaces/a/events"),
        ] as [(GroupVersionResource, String?, String)])
    func paths(_ resource: GroupVersionResource, _ namespace: String?, _ path: String) {
        #expect(resource.path(namespace: namespace) == path)
    }

    @Test func pathOfAnObject() {
        #expect(GroupVersionResource.nodes.path(NamespacedName(namespace: "", name: "n")) == "/api/v1/nodes/n")
        #expect(
            GroupVersionResource.services.path(NamespacedName(namespace: "a", name: "b"))
                == "/api/v1/namespaces/a/services/b")
    }
}
