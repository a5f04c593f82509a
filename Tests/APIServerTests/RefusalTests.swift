import KubeAPI
import TestThreads
import Testing

@testable import APIServer

/// What the server says when it refuses: upstream's codes, reasons and words.
@Suite(.ownThread) struct RefusalTests {
    private static let configMaps = ServedClient.configMaps
    private static let merge = "application/merge-patch+json"

    private func refused(
        _ client: ServedClient, _ method: String, _ path: String, _ body: String = "", type: String = "application/json"
    ) async throws -> Status {
        let answer = try await client.send(method, path, ["Content-Type": type], body: body)
        #expect(answer.status >= 400, "\(method) \(path): \(answer.text)")
        return try Status(json: try answer.json)
    }

    // MARK: Options

    @Test(arguments: [
        ("dryRun=Some", #"dryRun: Unsupported value: ["Some"]: supported values: "All""#, "FieldValueNotSupported"),
        (
            "fieldValidation=foo",
            #"fieldValidation: Unsupported value: "foo": supported values: "", "Ignore", "Strict", "Warn""#,
            "FieldValueNotSupported"
        ),
        (
            "fieldManager=" + String(repeating: "x", count: 129),
            "fieldManager: Too long: may not be more than 128 bytes", "FieldValueTooLong"
        ),
        (
            "fieldManager=a%07",
            #"fieldManager: Invalid value: "a\u0007": invalid character U+0007 (at position 1)"#, "FieldValueInvalid"
        ),
    ]) func optionsOfChanges(query: String, text: String, cause: String) async throws {
        try await withServer { client in
            try await client.change("POST", Self.configMaps, #"{"metadata":{"name":"c"}}"#)
            for (method, kind, path, type) in [
                ("POST", "CreateOptions", Self.configMaps, "application/json"),
                ("PUT", "UpdateOptions", "\(Self.configMaps)/c", "application/json"),
                ("PATCH", "PatchOptions", "\(Self.configMaps)/c", Self.merge),
            ] {
                let status = try await refused(
                    client, method, "\(path)?\(query)", #"{"metadata":{"name":"c"}}"#, type: type)
                #expect(status.code == 422 && status.reason == "Invalid")
                #expect(status.message == "\(kind).meta.k8s.io \"\" is invalid: \(text)")
                #expect(status.causes.map(\.reason) == [cause])
            }
        }
    }

    @Test func everythingThatIsWrongIsTold() async throws {
        try await withServer { client in
            let status = try await refused(
                client, "POST", "\(Self.configMaps)?dryRun=No&fieldValidation=No", #"{"metadata":{"name":"c"}}"#)
            #expect(status.message.hasPrefix("CreateOptions.meta.k8s.io \"\" is invalid: [dryRun: "))
            #expect(status.causes.map(\.field) == ["dryRun", "fieldValidation"])
            let apply = try await refused(
                client, "PATCH", "\(Self.configMaps)/c", "{}", type: "application/apply-patch+yaml")
            #expect(
                apply.message
                    == #"PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch"#
            )
            let deletion = try await refused(client, "DELETE", "\(Self.configMaps)/c?dryRun=No&propagationPolicy=Off")
            #expect(
                deletion.message
                    == #"DeleteOptions.meta.k8s.io "" is invalid: [propagationPolicy: Unsupported value: "Off": supported values: "Foreground", "Background", "Orphan", "nil", dryRun: Unsupported value: ["No"]: supported values: "All"]"#
            )
            let grace = try await refused(client, "DELETE", "\(Self.configMaps)/c?gracePeriodSeconds=soon")
            #expect(grace.code == 400 && grace.message == #"strconv.ParseInt: parsing "soon": invalid syntax"#)
        }
    }

    // MARK: Selectors and pages

    @Test(arguments: [
        ("/api/v1/pods?fieldSelector=foo%3Da", "field label not supported: foo"),
        (
            "/api/v1/configmaps?fieldSelector=foo%3Da",
            #""foo" is not a known field selector: only "metadata.name", "metadata.namespace""#
        ),
        ("/apis/batch/v1/jobs?fieldSelector=foo%3Da", #"field label "foo" not supported for batchv1.Job"#),
        ("/api/v1/pods?labelSelector=a%20in", "unable to parse requirement: found '' expected: '('"),
        (
            "/api/v1/configmaps?continue=%21%21",
            "invalid continue token: continue key is not valid"
        ),
        (
            "/api/v1/watch/namespaces/default/configmaps/a?fieldSelector=metadata.name%3Db",
            "fieldSelector metadata.name doesn't match requested name"
        ),
    ]) func selectorsAndPages(path: String, text: String) async throws {
        try await withServer { client in
            let status = try await refused(client, "GET", path)
            #expect(status.code == 400 && status.reason == "BadRequest" && status.message == text)
        }
    }

    @Test func theOldWayToWatchOneObjectShowsThatOne() async throws {
        try await withServer { client in
            for name in ["a", "b"] {
                try await client.change("POST", Self.configMaps, #"{"metadata":{"name":"\#(name)"}}"#)
            }
            let events = try await client.watched("/api/v1/watch/namespaces/default/configmaps/a")
            #expect(events.map { $0["object"]?.meta("name") } == ["a"])
        }
    }

    // MARK: Bodies

    @Test(arguments: [
        (
            #"{"kind":"Secret","apiVersion":"v1"}"#,
            #"Secret in version "v1" cannot be handled as a ConfigMap: converting (v1.Secret) to (core.ConfigMap): unknown conversion"#
        ),
        (
            #"{"kind":"Sekret","apiVersion":"v1"}"#,
            #"Sekret in version "v1" cannot be handled as a ConfigMap: no kind "Sekret" is registered for version "v1" in scheme "pkg/api/legacyscheme/scheme.go:30""#
        ),
        (
            #"{"kind":"ConfigMap","apiVersion":"v2"}"#,
            #"ConfigMap in version "v2" cannot be handled as a ConfigMap: no kind "ConfigMap" is registered for version "v2" in scheme "pkg/api/legacyscheme/scheme.go:30""#
        ),
        (
            #"{"metadata":"#,
            #"the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: unexpected end of JSON input ({"metadata":)"#
        ),
        (
            "xyz",
            "the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: "
                + "invalid character 'x' looking for beginning of value (78797a)"
        ),
        (
            "{\"metadata\":{}\n]",
            "the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: "
                + "invalid character ']' after object key:value pair ({\"metadata\":{}\n])"
        ),
        (
            "[]",
            "the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: "
                + "json: cannot unmarshal array into Go value of type struct { APIVersion string "
                + #""json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" } (5b5d)"#
        ),
        (
            #"{"data":{"a":1}}"#,
            #"ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field ConfigMap.data of type string"#
        ),
        (
            #"{"metadata":{"name":"c","namespace":"other"}}"#,
            "the namespace of the provided object does not match the namespace sent on the request"
        ),
    ]) func bodies(body: String, text: String) async throws {
        try await withServer { client in
            let status = try await refused(client, "POST", Self.configMaps, body)
            #expect(status.code == 400 && status.message == text)
        }
    }

    @Test func bodiesOfOtherVersionsAndNames() async throws {
        try await withServer { client in
            let autoscalers = "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers"
            let version = try await refused(
                client, "POST", autoscalers, #"{"kind":"HorizontalPodAutoscaler","apiVersion":"autoscaling/v1"}"#)
            #expect(
                version.message
                    == "the API version in the data (autoscaling/v1) does not match the expected API version (autoscaling/v2)"
            )
            try await client.change("POST", Self.configMaps, #"{"metadata":{"name":"c"}}"#)
            for (body, text) in [
                ("{}", "the name of the object (c based on URL) was undeterminable: name must be provided"),
                (
                    #"{"metadata":{"name":"d"}}"#,
                    "the name of the object (d) does not match the name on the URL (c)"
                ),
                (
                    #"{"metadata":{"name":"c","namespace":"n"}}"#,
                    "the namespace of the object (n) does not match the namespace on the request (default)"
                ),
            ] {
                let status = try await refused(client, "PUT", "\(Self.configMaps)/c", body)
                #expect(status.code == 400 && status.message == text)
            }
            let uid = try await refused(
                client, "PUT", "\(Self.configMaps)/c", #"{"metadata":{"name":"c","uid":"other"}}"#)
            #expect(uid.code == 409 && uid.reason == "Conflict")
            #expect(
                uid.message.hasPrefix(
                    #"Operation cannot be fulfilled on configmaps "c": StorageError: invalid object, Code: 4, Key: /registry/configmaps/default/c, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: other, UID in object meta: "#
                ))
        }
    }

    @Test func namespacesOfObjectsWithoutAreLeftOut() async throws {
        try await withServer { client in
            let roles = "/apis/rbac.authorization.k8s.io/v1/clusterroles"
            let made = try await client.change("POST", roles, #"{"metadata":{"name":"r","namespace":"n"},"rules":[]}"#)
            #expect(made[path: "metadata", "namespace"] == nil)
            let put = try await client.change(
                "PUT", "\(roles)/r", #"{"metadata":{"name":"r","namespace":"n","labels":{"a":"b"}},"rules":[]}"#)
            #expect(put[path: "metadata", "namespace"] == nil && put[path: "metadata", "labels"] == ["a": "b"])
        }
    }

    // MARK: Patches

    @Test func patches() async throws {
        try await withServer { client in
            try await client.change("POST", Self.configMaps, #"{"metadata":{"name":"c"},"data":{"a":"1"}}"#)
            let path = "\(Self.configMaps)/c"
            for (type, body, code, text) in [
                (
                    Self.merge, #"{"kind":"Secret"}"#, 422,
                    "converting (v1.Secret) to (core.ConfigMap): unknown conversion"
                ),
                (
                    Self.merge, #"{"metadata":{"uid":"x"}}"#, 422,
                    #"metadata.uid: Invalid value: "x": field is immutable"#
                ),
                (
                    Self.merge, #"{"metadata":{"name":"d"}}"#, 400,
                    "the name of the object (d) does not match the name on the URL (c)"
                ),
                (
                    Self.merge, #"{"metadata":{"namespace":"n"}}"#, 400,
                    "the namespace of the object (n) does not match the namespace on the request (default)"
                ),
                (
                    Self.merge, #"{"data":{"a":1}}"#, 422,
                    "json: cannot unmarshal number into Go struct field ConfigMap.data of type string"
                ),
                (
                    "application/strategic-merge-patch+json", #"{"data":{"b":2,"a":1}}"#, 422,
                    #" "" is invalid: patch: Invalid value: "map[data:map[a:1 b:2]]": "#
                ),
                (
                    "application/json-patch+json", #"[{"op":"test","path":"/data/a","value":"2"}]"#, 422,
                    "the server rejected our request due to an error in our request"
                ),
                ("text/plain", "{}", 415, "accepted media types include: application/json-patch+json"),
            ] {
                let status = try await refused(client, "PATCH", path, body, type: type)
                #expect(status.code == code && status.message.contains(text), "\(body): \(status)")
            }
            let strict = try await refused(
                client, "PATCH", "\(path)?fieldValidation=Strict", #"{"colour":"red"}"#, type: Self.merge)
            #expect(strict.code == 422 && strict.message.hasPrefix(#" "" is invalid: patch: Invalid value: "{"#))
            #expect(strict.message.hasSuffix(#": strict decoding error: unknown field "colour""#))
            // A strategic patch says of what kind it is and changes nothing by that.
            let same = try await client.change(
                "PATCH", path, #"{"kind":"Secret","data":{"b":"2"}}"#, type: "application/strategic-merge-patch+json")
            #expect(same["kind"] == "ConfigMap" && same[path: "data", "b"] == "2")
        }
    }

    // MARK: Deletions

    @Test func preconditions() async throws {
        try await withServer { client in
            let made = try await client.change("POST", Self.configMaps, #"{"metadata":{"name":"c"}}"#)
            let (uid, version) = (made.meta("uid"), made.meta("resourceVersion"))
            for (body, text) in [
                (
                    #"{"preconditions":{"uid":"x"}}"#,
                    "the UID in the precondition (x) does not match the UID in record (\(uid)). The object might have been deleted and then recreated"
                ),
                (
                    #"{"preconditions":{"resourceVersion":"7"}}"#,
                    "the ResourceVersion in the precondition (7) does not match the ResourceVersion in record (\(version)). The object might have been modified"
                ),
            ] {
                let status = try await refused(client, "DELETE", "\(Self.configMaps)/c", body)
                #expect(status.code == 409 && status.reason == "Conflict")
                #expect(status.message == #"Operation cannot be fulfilled on ConfigMap "c": \#(text)"#)
            }
            try await client.change(
                "DELETE", "\(Self.configMaps)/c",
                #"{"preconditions":{"uid":"\#(uid)","resourceVersion":"\#(version)"}}"#)
        }
    }

    @Test func theSystemsOwnPriorityClassesStay() async throws {
        try await withServer { client in
            let path = "/apis/scheduling.k8s.io/v1/priorityclasses"
            for (name, value) in [("system-node-critical", 2_000_001_000), ("mine", 5)] {
                try await client.change(
                    "POST", path,
                    #"{"metadata":{"name":"\#(name)"},"value":\#(value),"preemptionPolicy":"PreemptLowerPriority"}"#)
            }
            let status = try await refused(client, "DELETE", "\(path)/system-node-critical")
            #expect(status.code == 403)
            #expect(
                status.message
                    == #"priorityclasses.scheduling.k8s.io "system-node-critical" is forbidden: this is a system priority class and cannot be deleted"#
            )
            try await client.change("DELETE", "\(path)/mine")
        }
    }

    @Test func evictionsNameTheirPod() async throws {
        try await withServer { options, _ in
            options.subresources["pods/eviction"] = PodEvictionHandler()
            return []
        } _: { client in
            let pods = "/api/v1/namespaces/default/pods"
            try await client.change(
                "POST", pods,
                #"{"metadata":{"name":"p"},"spec":{"nodeName":"n","containers":[{"name":"c","image":"i"}]}}"#)
            let status = try await refused(
                client, "POST", "\(pods)/p/eviction",
                #"{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"q"}}"#)
            #expect(status.code == 400 && status.message == "name in URL does not match name in Eviction object")
            try await client.change(
                "POST", "\(pods)/p/eviction",
                #"{"apiVersion":"policy/v1beta1","kind":"Eviction","metadata":{"name":"p"}}"#)
            let going = try await client.object("\(pods)/p")
            #expect(going[path: "metadata", "deletionGracePeriodSeconds"] == 30)
            let condition = going[path: "status", "conditions"]?.array?.first
            #expect(condition?["type"] == "DisruptionTarget" && condition?["reason"] == "EvictionByEvictionAPI")
        }
    }
}
