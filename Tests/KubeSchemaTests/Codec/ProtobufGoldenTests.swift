import KubeAPI
import KubeSchema
import Testing

/// Bytes as kube-apiserver writes them: field numbers and presence by hand from generated.proto.
struct ProtobufGoldenTests {
    private struct Golden: Sendable {
        let type: String
        let json: String
        let bytes: [UInt8]
    }

    private static let service = Golden(
        type: "core.v1.Service",
        json: """
            {"metadata":{"name":"web","namespace":"default","labels":{"a":"1","b":"2"}},"spec":{"ports":[{"protocol":"TCP",\
            "port":80,"targetPort":8080},{"name":"x","appProtocol":"","port":81,"targetPort":"http","nodePort":30000}],\
            "selector":{"app":"web"},"clusterIP":"10.0.0.1","clusterIPs":["10.0.0.1"],"type":"ClusterIP",\
            "sessionAffinity":"None","ipFamilies":["IPv4"],"ipFamilyPolicy":"SingleStack"},"status":{"loadBalancer":{}}}
            """,
        bytes: Wire.metadata("web", namespace: "default", labels: [("a", "1"), ("b", "2")])
            + Wire.message(
                2,
                Wire.message(
                    1, Wire.text(1, ""), Wire.text(2, "TCP"), Wire.varint(3, 80),
                    Wire.message(4, Wire.varint(1, 0), Wire.varint(2, 8080), Wire.text(3, "")), Wire.varint(5, 0)),
                Wire.message(
                    1, Wire.text(1, "x"), Wire.text(2, ""), Wire.varint(3, 81),
                    Wire.message(4, Wire.varint(1, 1), Wire.varint(2, 0), Wire.text(3, "http")), Wire.varint(5, 30000),
                    Wire.text(6, "")),
                Wire.message(2, Wire.text(1, "app"), Wire.text(2, "web")), Wire.text(3, "10.0.0.1"),
                Wire.text(4, "ClusterIP"), Wire.text(7, "None"), Wire.text(8, ""), Wire.text(10, ""), Wire.text(11, ""),
                Wire.varint(12, 0), Wire.varint(13, 0), Wire.text(17, "SingleStack"), Wire.text(18, "10.0.0.1"),
                Wire.text(19, "IPv4"))
            + Wire.message(3, Wire.message(1)))

    private static let slice = Golden(
        type: "discovery.v1.EndpointSlice",
        json: """
            {"metadata":{"name":"web-1"},"addressType":"IPv4","endpoints":[{"addresses":["10.1.0.1"],\
            "conditions":{"ready":false},"nodeName":"n"}],"ports":[{"name":"","port":80}]}
            """,
        bytes: Wire.metadata("web-1")
            + Wire.message(
                2, Wire.text(1, "10.1.0.1"), Wire.message(2, Wire.varint(1, 0)), Wire.text(6, "n"))
            + Wire.message(3, Wire.text(1, ""), Wire.varint(3, 80)) + Wire.text(4, "IPv4"))

    private static let lease = Golden(
        type: "coordination.v1.Lease",
        json: """
            {"metadata":{"name":"n","creationTimestamp":"2026-01-02T03:04:05Z"},"spec":{"holderIdentity":"n",\
            "leaseDurationSeconds":40,"renewTime":"2026-01-02T03:04:05.000250Z"}}
            """,
        bytes: Wire.metadata("n", created: 1_767_323_045)
            + Wire.message(
                2, Wire.text(1, "n"), Wire.varint(2, 40),
                Wire.message(4, Wire.varint(1, 1_767_323_045), Wire.varint(2, 250_000))))

    /// Inlined volume sources and probe handlers, quantities, nested maps, a string that is a message of its own.
    private static let pod = Golden(
        type: "core.v1.PodSpec",
        json: """
            {"volumes":[{"name":"v","emptyDir":{"sizeLimit":"1Gi"}}],"containers":[{"name":"c","resources":{"limits":\
            {"cpu":"100m"}},"livenessProbe":{"tcpSocket":{"port":80},"periodSeconds":10}}],"restartPolicy":"Always",\
            "terminationGracePeriodSeconds":0}
            """,
        bytes: Wire.message(
            1, Wire.text(1, "v"),
            Wire.message(2, Wire.message(2, Wire.text(1, ""), Wire.message(2, Wire.text(1, "1Gi")))))
            + Wire.message(
                2, Wire.text(1, "c"), Wire.text(2, ""), Wire.text(5, ""),
                Wire.message(8, Wire.message(1, Wire.text(1, "cpu"), Wire.message(2, Wire.text(1, "100m")))),
                Wire.message(
                    10,
                    Wire.message(
                        1,
                        Wire.message(
                            3, Wire.message(1, Wire.varint(1, 0), Wire.varint(2, 80), Wire.text(3, "")),
                            Wire.text(2, ""))),
                    Wire.varint(2, 0), Wire.varint(3, 0), Wire.varint(4, 10), Wire.varint(5, 0), Wire.varint(6, 0)),
                Wire.text(13, ""), Wire.text(14, ""), Wire.varint(16, 0), Wire.varint(17, 0), Wire.varint(18, 0),
                Wire.text(20, ""))
            + Wire.text(3, "Always") + Wire.varint(4, 0) + Wire.text(6, "") + Wire.text(8, "") + Wire.text(9, "")
            + Wire.text(10, "") + Wire.varint(11, 0) + Wire.varint(12, 0) + Wire.varint(13, 0) + Wire.text(16, "")
            + Wire.text(17, "") + Wire.text(19, "") + Wire.text(24, ""))

    private static let review = Golden(
        type: "authentication.v1.UserInfo",
        json: #"{"username":"u","groups":["a","b"],"extra":{"k":["1","2"]}}"#,
        bytes: Wire.text(1, "u") + Wire.text(2, "") + Wire.text(3, "a") + Wire.text(3, "b")
            + Wire.message(4, Wire.text(1, "k"), Wire.message(2, Wire.text(1, "1"), Wire.text(1, "2"))))

    private static let revision = Golden(
        type: "apps.v1.ControllerRevision", json: #"{"metadata":{"name":"r"},"data":{"spec":{"a":1}},"revision":-1}"#,
        bytes: Wire.metadata("r") + Wire.message(2, Wire.text(1, #"{"spec":{"a":1}}"#)) + Wire.varint(3, UInt64.max))

    @Test(arguments: 0..<6)
    func bytesAreUpstreams(number: Int) throws {
        let golden = [Self.service, Self.slice, Self.lease, Self.pod, Self.review, Self.revision][number]
        let type = try #require(Schema.builtin.type(named: "io.k8s.api.\(golden.type)"))
        let value = try JSONParser.parse(golden.json)
        #expect(try Schema.builtin.normalize(value, as: type).value == value)
        #expect(Schema.builtin.encodeProtobuf(value, as: type) == golden.bytes)
        #expect(try Schema.builtin.decodeProtobuf(golden.bytes, as: type) == value)
    }

    /// As a fresh cluster stores it.
    @Test func bodiesHaveAnEnvelope() throws {
        let type = try #require(APICatalog.builtin.type(group: "", version: "v1", kind: "Namespace"))
        let namespace = try JSONParser.parse(
            #"{"kind":"Namespace","apiVersion":"v1","metadata":{"name":"default"},"spec":{"finalizers":["kubernetes"]},"status":{"phase":"Active"}}"#
        )
        let message =
            Wire.metadata("default") + Wire.message(2, Wire.text(1, "kubernetes"))
            + Wire.message(3, Wire.text(1, "Active"))
        let body: [UInt8] =
            [0x6B, 0x38, 0x73, 0] + Wire.message(1, Wire.text(1, "v1"), Wire.text(2, "Namespace"))
            + Wire.message(2, message) + [0x1A, 0, 0x22, 0]
        #expect(Schema.builtin.encodeProtobufBody(namespace, as: type) == body)
        #expect(ProtobufEnvelope.encode(apiVersion: "v1", kind: "Namespace", raw: message) == body)
        let content = try ProtobufEnvelope.decode(body)
        #expect([content.apiVersion, content.kind] == ["v1", "Namespace"])
        #expect(content.raw == message)
        #expect(try ProtobufEnvelope.object(body) == namespace)
        // An object in a WatchEvent has an envelope of its own.
        let event = try #require(APICatalog.builtin.type(group: "", version: "v1", kind: "WatchEvent"))
        let frame = Schema.watchEvent("ADDED", object: body)
        #expect(try Schema.builtin.decodeProtobuf(frame, as: event) == ["type": "ADDED", "object": namespace])
    }

    @Test func unknownFieldsAreSkippedAndPackedNumbersRead() throws {
        let type = try #require(Schema.builtin.type(named: "io.k8s.api.core.v1.PodSecurityContext"))
        // supplementalGroups, field 4, packed; field 900 is unknown, in a group.
        let bytes = Wire.message(4, [1, 2, 3]) + [0xA3, 0x38] + Wire.text(1, "x") + [0xA4, 0x38] + Wire.varint(4, 4)
        let value = try Schema.builtin.decodeProtobuf(bytes, as: type)
        #expect(value == ["supplementalGroups": [1, 2, 3, 4]])
    }

    @Test func brokenBytesAreRefused() throws {
        let type = try #require(Schema.builtin.type(named: "io.k8s.api.core.v1.Pod"))
        func refusal(_ bytes: [UInt8]) -> String? {
            do {
                _ = try Schema.builtin.decodeProtobuf(bytes, as: type)
                return nil
            } catch { return error.message }
        }
        #expect(refusal([0x0A, 0x05, 0x00]) == "unexpected EOF")
        #expect(refusal([0x0A] + [UInt8](repeating: 0xFF, count: 10)) == "proto: integer overflow")
        #expect(refusal([0x08, 0x01]) == "proto: illegal wireType")
        let props = try #require(
            Schema.builtin.type(named: "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps"))
        var nested: [UInt8] = []
        for _ in 0..<200 { nested = Wire.message(28, nested) }
        #expect(throws: DecodingRefusal.self) { try Schema.builtin.decodeProtobuf(nested, as: props) }
    }
}
