import KubeAPI
import KubeSchema
import Testing

struct NormalizeTests {
    private func normalize(_ text: String, _ type: String) throws -> Normalized {
        let reference = try #require(Schema.builtin.type(named: "io.k8s.api.\(type)"))
        return try Schema.builtin.normalize(try JSONParser.parse(text), as: reference)
    }

    private func text(_ text: String, _ type: String) throws -> String {
        JSONWriter.text(try normalize(text, type).value)
    }

    private func refusal(_ text: String, _ type: String) -> String? {
        do {
            _ = try normalize(text, type)
            return nil
        } catch { return "\(error)" }
    }

    @Test func membersComeInTheOrderOfTheTypeWithGosZeroValues() throws {
        let service = """
            {"spec":{"ports":[{"port":80,"name":""}],"selector":{"b":"2","a":"1"},"type":null,"externalIPs":[]},
             "metadata":{"name":"x","creationTimestamp":null,"labels":{}},"apiVersion":"v1","kind":"Service"}
            """
        let expected = """
            {"kind":"Service","apiVersion":"v1","metadata":{"name":"x"},"spec":{"ports":[{"port":80,"targetPort":0}],\
            "selector":{"a":"1","b":"2"}},"status":{"loadBalancer":{}}}
            """
        #expect(try text(service, "core.v1.Service") == expected)
        #expect(try text("{}", "core.v1.Pod") == #"{"metadata":{},"spec":{"containers":null},"status":{}}"#)
        let event = try text("{}", "core.v1.Event")
        #expect(event.contains(#""firstTimestamp":null,"lastTimestamp":null"#))
        #expect(event.contains(#""eventTime":null"#))
    }

    @Test func pointersKeepTheirZeroValues() throws {
        let pod = try text(
            #"{"spec":{"securityContext":{},"volumes":[{"name":"a","emptyDir":{}}],"terminationGracePeriodSeconds":0,"hostNetwork":false}}"#,
            "core.v1.Pod")
        #expect(pod.contains(#""securityContext":{}"#))
        #expect(pod.contains(#""emptyDir":{}"#))
        #expect(pod.contains(#""terminationGracePeriodSeconds":0"#))
        #expect(!pod.contains("hostNetwork"))
    }

    @Test func findingsAreUpstreams() throws {
        let found = try normalize(
            """
            {"spec":{"foo":1,"ports":[{"port":1},{"port":2,"Port":3,"port":4}],"selector":{"a":"1","a":"2"},"type":"NodePort","type":"ClusterIP"},
             "status":{"conditions":[{"type":"a","bar":1}]},"metadata":{"labels":{"x":"y"},"zip":null}}
            """, "core.v1.Service")
        #expect(
            found.findings == [
                #"unknown field "spec.foo""#, #"unknown field "spec.ports[1].Port""#,
                #"duplicate field "spec.ports[1].port""#, #"duplicate field "spec.selector.a""#,
                #"duplicate field "spec.type""#, #"unknown field "status.conditions[0].bar""#,
                #"unknown field "metadata.zip""#,
            ])
        #expect(found.value[path: "spec", "type"] == "ClusterIP")
        #expect(found.value[path: "spec", "selector"] == ["a": "2"])
    }

    @Test func findingsAreBounded() throws {
        let members = (0..<20000).map { "\"f\($0)\":1" }.joined(separator: ",")
        #expect(try normalize("{\(members)}", "core.v1.Pod").findings.count == 100)
        let labels = (0..<20000).map { "\"f\($0 % 100)\":\"1\"" }.joined(separator: ",")
        let found = try normalize("{\"metadata\":{\"labels\":{\(labels)}}}", "core.v1.Pod")
        #expect(found.findings.count == 100)
        #expect(found.value[path: "metadata", "labels"]?.object?.members.count == 100)
    }

    @Test(arguments: [
        (
            #"{"spec":{"ports":[{"port":"x"}]}}"#,
            "json: cannot unmarshal string into Go struct field ServicePort.spec.ports.port of type int32"
        ),
        (
            #"{"spec":{"ports":{}}}"#,
            "json: cannot unmarshal object into Go struct field ServiceSpec.spec.ports of type []v1.ServicePort"
        ),
        (
            #"{"spec":{"ports":[{"port":99999999999}]}}"#,
            "json: cannot unmarshal number 99999999999 into Go struct field ServicePort.spec.ports.port of type int32"
        ),
        (
            #"{"metadata":{"labels":{"a":1}}}"#,
            "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string"
        ),
        (#"[]"#, "json: cannot unmarshal array into Go value of type v1.Service"),
        (#"{"spec":{"ports":[{"targetPort":true}]}}"#, "json: cannot unmarshal bool into Go value of type int32"),
        (
            #"{"metadata":{"creationTimestamp":"yesterday"}}"#,
            #"parsing time "yesterday" as "2006-01-02T15:04:05Z07:00": cannot parse "yesterday" as "2006""#
        ),
        (
            #"{"metadata":{"creationTimestamp":"2026-13-01T00:00:00Z"}}"#,
            #"parsing time "2026-13-01T00:00:00Z": month out of range"#
        ),
    ])
    func wrongTypesAreRefusedInGosWords(body: String, expected: String) {
        #expect(refusal(body, "core.v1.Service") == expected)
    }

    @Test func valuesWithFormsOfTheirOwnBecomeCanonical() throws {
        #expect(
            try text(
                #"{"metadata":{"creationTimestamp":"2026-01-02T03:04:05.9+01:00"},"spec":{"renewTime":"2026-01-02T03:04:05.000001Z"}}"#,
                "coordination.v1.Lease")
                == #"{"metadata":{"creationTimestamp":"2026-01-02T02:04:05Z"},"spec":{"renewTime":"2026-01-02T03:04:05.000001Z"}}"#
        )
        #expect(
            refusal(#"{"spec":{"renewTime":"2026-01-02T03:04:05Z"}}"#, "coordination.v1.Lease")?.contains(
                #"cannot parse "Z" as ".000000""#) == true)
        #expect(
            try text(#"{"data":{"a":"aGk=","b":"aGk\nhaGk="}}"#, "core.v1.Secret")
                == #"{"metadata":{},"data":{"a":"aGk=","b":"aGkhaGk="}}"#)
        #expect(refusal(#"{"data":{"a":"%%"}}"#, "core.v1.Secret") == "illegal base64 data at input byte 0")
        let quota = try text(#"{"spec":{"hard":{"pods":"4","cpu":1.5,"memory":"1024Ki"}}}"#, "core.v1.ResourceQuota")
        #expect(quota.contains(#""hard":{"cpu":"1500m","memory":"1Mi","pods":"4"}"#))
        let metrics = try #require(Schema.builtin.type(named: "io.k8s.metrics.pkg.apis.metrics.v1beta1.NodeMetrics"))
        let window = try Schema.builtin.normalize(["window": "5400.5s"], as: metrics).value["window"]
        #expect(window == "1h30m0.5s")
    }

    @Test func schemasMayBeBooleansOrArrays() throws {
        let crd = Schema.builtin.type(named: "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps")
        let source =
            #"{"type":"object","items":{"type":"string","x":1},"additionalProperties":false,"default":{"b":[1,null]},"minimum":1.0,"properties":{"a":{"additionalProperties":{"nullable":true}}}}"#
        let value = try Schema.builtin.normalize(try JSONParser.parse(source), as: try #require(crd))
        #expect(value.findings.isEmpty)
        #expect(
            JSONWriter.text(value.value)
                == #"{"type":"object","default":{"b":[1,null]},"minimum":1,"items":{"type":"string"},"properties":{"a":{"additionalProperties":{"nullable":true}}},"additionalProperties":false}"#
        )
    }
}
