import NetTypes
import Testing

@testable import KubeAPI

@Suite struct EndpointsTests {
    static func endpoints(_ subsets: String, metadata: String = "") throws -> Endpoints {
        let text =
            #"{"kind":"Endpoints","apiVersion":"v1","metadata":{"name":"web","namespace":"shop"\#(metadata)},"subsets":\#(subsets)}"#
        return try Endpoints(json: JSONParser.parse(text))
    }

    @Test func becomeSlices() throws {
        let endpoints = try Self.endpoints(
            """
            [{"addresses":[{"ip":"10.0.0.1","nodeName":"n1","targetRef":{"kind":"Pod","namespace":"shop","name":"web-1"}},
            {"ip":"fd00::1"}],"notReadyAddresses":[{"ip":"10.0.0.2"}],
            "ports":[{"name":"http","port":8080},{"name":"dns","port":53,"protocol":"UDP"}]},
            {"notReadyAddresses":[{"ip":"10.0.0.1"}],"addresses":[{"ip":"10.0.0.2"},{"ip":"10.0.0.3"}],
            "ports":[{"name":"dns","port":53,"protocol":"UDP"},{"name":"http","port":8080}]},
            {"addresses":[{"ip":"10.0.0.1"}],"ports":[{"name":"http","port":9090}]}]
            """, metadata: #","uid":"u","labels":{"a":"b"},"annotations":{"c":"d"}"#)
        let slices = endpoints.mirroredSlices
        #expect(slices.map(\.metadata.name) == ["web-mirrored-0", "web-mirrored-1", "web-mirrored-2"])
        #expect(slices.map(\.addressType) == [.ipv4, .ipv6, .ipv4])
        #expect(slices.allSatisfy { $0.service == NamespacedName(namespace: "shop", name: "web") })
        #expect(slices.allSatisfy { $0.metadata.labels["a"] == "b" && $0.metadata.annotations == ["c": "d"] })
        #expect(
            slices[0].endpoints == [
                .init(addresses: [IPAddress(10, 0, 0, 1)], nodeName: "n1", target: "Pod shop/web-1"),
                .init(addresses: [IPAddress(10, 0, 0, 2)]), .init(addresses: [IPAddress(10, 0, 0, 3)]),
            ])
        #expect(slices[0].ports == [.init(name: "dns", proto: .udp, port: 53), .init(name: "http", port: 8080)])
        #expect(slices[1].endpoints.map(\.isReady) == [true])
        #expect(slices[2].ports == [.init(name: "http", port: 9090)])
    }

    @Test func notReadyIsNotServing() throws {
        let endpoints = try Self.endpoints(#"[{"notReadyAddresses":[{"ip":"10.0.0.1"}],"ports":[{"port":1}]}]"#)
        let endpoint = try #require(endpoints.mirroredSlices.first?.endpoints.first)
        #expect(!endpoint.isReady && !endpoint.isServing && !endpoint.isTerminating)
    }

    @Test(arguments: [
        #","labels":{"endpointslice.kubernetes.io/skip-mirror":"true"}"#,
        #","annotations":{"control-plane.alpha.kubernetes.io/leader":"{}"}"#,
    ])
    func someAreNotMirrored(_ metadata: String) throws {
        let endpoints = try Self.endpoints(
            #"[{"addresses":[{"ip":"10.0.0.1"}],"ports":[{"port":1}]}]"#, metadata: metadata)
        #expect(endpoints.mirroredSlices.isEmpty)
    }

    @Test(arguments: [
        (#"[{"addresses":[{}]}]"#, "subsets[0].addresses[0].ip: required"),
        (#"[{"addresses":[{"ip":"x"}]}]"#, #"subsets[0].addresses[0].ip: must be an IP address, got "x""#),
        (#"[{"ports":[{"name":"a"}]}]"#, "subsets[0].ports[0].port: required"),
        (#"{}"#, "subsets: must be an array, got an object"),
    ])
    func refuses(_ subsets: String, _ message: String) {
        let error = #expect(throws: DecodingFailure.self) { try Self.endpoints(subsets) }
        #expect(error?.description == message)
    }
}
