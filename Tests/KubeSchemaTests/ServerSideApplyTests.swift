import KubeAPI
import KubeSchema
import Testing

struct ServerSideApplyTests {
    static let apply = ServerSideApply(schema: SmallSchema.schema, type: SmallSchema.object)

    static func writer(_ manager: String, _ subresource: String = "", time: String = "2026-01-02T03:04:05Z")
        -> ServerSideApply.Writer
    {
        ServerSideApply.Writer(manager: manager, apiVersion: "v1", subresource: subresource, now: time)
    }

    static func object(_ spec: String) throws -> JSONValue {
        try JSONParser.parse(#"{"kind":"Object","apiVersion":"v1","metadata":{"name":"a","uid":"u"},"spec":\#(spec)}"#)
    }

    /// `manager/operation` → FieldsV1 text.
    static func owners(_ object: JSONValue) -> [String: String] {
        let entries = object[path: "metadata", "managedFields"]?.array ?? []
        return Dictionary(
            entries.map {
                (
                    "\($0["manager"]?.string ?? "")/\($0["operation"]?.string ?? "")",
                    JSONWriter.text($0["fieldsV1"] ?? .null)
                )
            }, uniquingKeysWith: { $0 + $1 })
    }

    @Test func appliesAndTracks() throws {
        let first = try Self.apply.applying(
            Self.object(#"{"replicas":1,"containers":[{"name":"a","image":"x"}]}"#), to: nil, by: Self.writer("one"),
            force: false)
        #expect(
            Self.owners(first) == [
                "one/Apply":
                    #"{"f:spec":{"f:containers":{"k:{\"name\":\"a\"}":{".":{},"f:image":{},"f:name":{}}},"f:replicas":{}}}"#
            ])
        let second = try Self.apply.applying(
            Self.object(#"{"containers":[{"name":"b"}]}"#), to: first, by: Self.writer("two"), force: false)
        #expect(second["spec"]?["containers"] == [["name": "a", "image": "x"], ["name": "b"]])
        // What the first no longer applies goes, and only that.
        let third = try Self.apply.applying(
            Self.object(#"{"containers":[{"name":"a"}]}"#), to: second, by: Self.writer("one"), force: false)
        #expect(third["spec"] == ["containers": [["name": "a"], ["name": "b"]]])
        let fourth = try Self.apply.applying(Self.object("{}"), to: third, by: Self.writer("one"), force: false)
        #expect(fourth["spec"] == ["containers": [["name": "b"]]])
        #expect(Self.owners(fourth)["one/Apply"] == #"{"f:spec":{}}"#)
    }

    @Test func conflictsInUpstreamsWords() throws {
        let live = try Self.apply.updating(
            Self.object(#"{"replicas":1,"containers":[{"name":"a","image":"x"}]}"#), from: nil,
            by: Self.writer("kubectl-client-side-apply"))
        let change = try Self.object(#"{"replicas":2}"#)
        let one = try #require(throws: Status.self) {
            try Self.apply.applying(change, to: live, by: Self.writer("me"), force: false)
        }
        #expect(one.code == 409)
        #expect(one.reason == "Conflict")
        #expect(
            one.message
                == #"Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using v1: .spec.replicas"#)
        #expect(
            one.causes == [
                .init(
                    reason: "FieldManagerConflict", message: #"conflict with "kubectl-client-side-apply" using v1"#,
                    field: ".spec.replicas")
            ])
        let two = try #require(throws: Status.self) {
            try Self.apply.applying(
                Self.object(#"{"replicas":2,"containers":[{"name":"a","image":"y"}]}"#), to: live,
                by: Self.writer("me"), force: false)
        }
        #expect(
            two.message == """
                Apply failed with 2 conflicts: conflicts with "kubectl-client-side-apply" using v1:
                - .spec.containers[name="a"].image
                - .spec.replicas
                """)
        let forced = try Self.apply.applying(change, to: live, by: Self.writer("me"), force: true)
        #expect(forced["spec"]?["replicas"] == 2)
        #expect(Self.owners(forced)["me/Apply"] == #"{"f:spec":{"f:replicas":{}}}"#)
        #expect(Self.owners(forced)["kubectl-client-side-apply/Update"]?.contains("f:replicas") == false)
        // The same value is no conflict; both own it, and it stays until both let go.
        let shared = try Self.apply.applying(
            Self.object(#"{"replicas":1}"#), to: live, by: Self.writer("me"), force: false)
        #expect(Self.owners(shared).values.allSatisfy { $0.contains("f:replicas") })
        let left = try Self.apply.applying(Self.object("{}"), to: shared, by: Self.writer("me"), force: false)
        #expect(left["spec"]?["replicas"] == 1)
    }

    @Test func listsSetsAndAtomicValues() throws {
        let first = try Self.apply.applying(
            JSONParser.parse(
                #"{"kind":"Object","apiVersion":"v1","metadata":{"name":"a","finalizers":["f/1"],"labels":{"x":"1"}},"spec":{"selector":{"a":"1"},"args":["p"],"containers":[{"name":"c","ports":[{"containerPort":80},{"containerPort":443},{"containerPort":80,"protocol":"UDP"}]}]}}"#
            ),
            to: nil, by: Self.writer("one"), force: false)
        #expect(
            Self.owners(first)["one/Apply"]
                == #"{"f:metadata":{"f:finalizers":{"v:\"f/1\"":{}},"f:labels":{"f:x":{}}},"f:spec":{"f:args":{},"f:containers":{"k:{\"name\":\"c\"}":{".":{},"f:name":{},"f:ports":{"k:{\"containerPort\":80,\"protocol\":\"TCP\"}":{".":{},"f:containerPort":{}},"k:{\"containerPort\":80,\"protocol\":\"UDP\"}":{".":{},"f:containerPort":{},"f:protocol":{}},"k:{\"containerPort\":443,\"protocol\":\"TCP\"}":{".":{},"f:containerPort":{}}}}},"f:selector":{}}}"#
        )
        let second = try Self.apply.applying(
            JSONParser.parse(#"{"kind":"Object","apiVersion":"v1","metadata":{"name":"a","finalizers":["f/2"]}}"#),
            to: first, by: Self.writer("two"), force: false)
        #expect(second["metadata"]?["finalizers"] == ["f/1", "f/2"])
    }

    @Test func updatesMoveOwnership() throws {
        let created = try Self.apply.updating(
            Self.object(#"{"replicas":1,"paused":true}"#), from: nil, by: Self.writer("a"))
        #expect(
            Self.owners(created) == ["a/Update": #"{"f:spec":{".":{},"f:paused":{},"f:replicas":{}}}"#]
                || Self.owners(created) == ["a/Update": #"{"f:spec":{"f:paused":{},"f:replicas":{}}}"#])
        var next = created
        next[path: "spec", "replicas"] = 3
        next[path: "spec", "paused"] = nil
        let updated = Self.apply.updating(next, from: created, by: Self.writer("b", time: "2026-01-02T04:00:00Z"))
        #expect(Self.owners(updated)["b/Update"] == #"{"f:spec":{"f:replicas":{}}}"#)
        #expect(Self.owners(updated)["a/Update"]?.contains("paused") != true)
        let times = updated[path: "metadata", "managedFields"]?.array?.map { $0["time"]?.string }
        #expect(times?.last == "2026-01-02T04:00:00Z")
        // Nothing changed: nothing is owned anew.
        #expect(Self.apply.updating(updated, from: updated, by: Self.writer("c")) == updated)
        // A subresource has an entry of its own.
        var status = updated
        status[path: "status", "phase"] = "Ready"
        let reported = Self.apply.updating(status, from: updated, by: Self.writer("b", "status"))
        #expect(reported[path: "metadata", "managedFields"]?.array?.contains { $0["subresource"] == "status" } == true)
    }

    @Test func managersCanBeClearedAndReplaced() throws {
        let live = try Self.apply.updating(Self.object(#"{"replicas":1}"#), from: nil, by: Self.writer("a"))
        var cleared = live
        cleared[path: "metadata", "managedFields"] = [[:]]
        let empty = Self.apply.updating(cleared, from: live, by: Self.writer("b"))
        #expect(empty[path: "metadata", "managedFields"] == nil)
        var without = live
        without[path: "metadata", "managedFields"] = []
        #expect(Self.apply.updating(without, from: live, by: Self.writer("b")) == live)
        // Without managers the next apply finds a first one that owns everything.
        let error = try #require(throws: Status.self) {
            try Self.apply.applying(Self.object(#"{"replicas":2}"#), to: empty, by: Self.writer("me"), force: false)
        }
        #expect(error.message.contains("before-first-apply"))
        // kubectl's migration to server-side apply replaces the entries.
        var migrated = live
        var entry = try #require(live[path: "metadata", "managedFields"]?.array?.first)
        entry[path: "operation"] = "Apply"
        entry[path: "manager"] = "kubectl"
        migrated[path: "metadata", "managedFields"] = [entry]
        #expect(
            Self.owners(Self.apply.updating(migrated, from: live, by: Self.writer("kubectl-patch"))).keys.sorted() == [
                "kubectl/Apply"
            ])
    }

    @Test func kubectlTakesOverItsOwnAnnotation() throws {
        var object = try Self.object(#"{"replicas":1}"#)
        object[path: "metadata", "annotations"] = [
            "kubectl.kubernetes.io/last-applied-configuration": .string(
                #"{"apiVersion":"v1","kind":"Object","metadata":{"name":"a"},"spec":{"replicas":1}}"#)
        ]
        let live = Self.apply.updating(object, from: nil, by: Self.writer("kubectl-client-side-apply"))
        let applied = try Self.apply.applying(
            Self.object(#"{"replicas":5}"#), to: live, by: Self.writer("kubectl"), force: false)
        #expect(applied["spec"]?["replicas"] == 5)
        #expect(
            applied[path: "metadata", "annotations"]?["kubectl.kubernetes.io/last-applied-configuration"]?.string?
                .contains(#""replicas":5"#) == true)
    }

    @Test(arguments: [
        (
            #"{"kind":"Object","apiVersion":"v2","metadata":{"name":"a"}}"#, 400,
            "Incorrect version specified in apply patch. Specified patch version: v2, expected: v1"
        ),
        (
            #"{"kind":"Object","apiVersion":"v1","metadata":{"name":"a","managedFields":[]}}"#, 400,
            "metadata.managedFields must be nil"
        ),
        (
            #"{"kind":"Object","apiVersion":"v1","metadata":{"name":"a","namespace":"n"},"spec":{"foo":1}}"#, 500,
            "failed to create typed patch object (n/a; /v1, Kind=Object): .spec.foo: field not declared in schema"
        ),
        (
            #"{"kind":"Object","apiVersion":"v1","metadata":{"name":"a"},"spec":{"containers":[{"name":"x"},{"name":"x"}]}}"#,
            500,
            #"failed to create typed patch object (/a; /v1, Kind=Object): .spec.containers: duplicate entries for key [name="x"]"#
        ),
    ])
    func refuses(_ text: String, _ code: Int, _ message: String) throws {
        let error = try #require(throws: Status.self) {
            try Self.apply.applying(JSONParser.parse(text), to: nil, by: Self.writer("m"), force: false)
        }
        #expect(error.code == code)
        #expect(error.message == message)
    }

    @Test func oldUpdatersShareABucket() throws {
        var object = try Self.object("{}")
        object[path: "metadata", "labels"] = ["l": "0"]
        var live = Self.apply.updating(object, from: nil, by: Self.writer("m0"))
        for index in 1...15 {
            var next = live
            next[path: "metadata", "labels", "l\(index)"] = "x"
            live = Self.apply.updating(
                next, from: live, by: Self.writer("m\(index)", time: "2026-01-02T03:\(10 + index):00Z"))
        }
        let entries = live[path: "metadata", "managedFields"]?.array ?? []
        #expect(entries.count == 10)
        #expect(entries.first?["manager"] == "ancient-changes")
    }

    /// The entry that a real cluster shows for a Deployment made by `kubectl create deployment`.
    @Test func ownsWhatKubectlCreates() throws {
        let type = try #require(APICatalog.builtin.type(group: "apps", version: "v1", kind: "Deployment"))
        let apply = ServerSideApply(schema: .builtin, type: type)
        let object = try JSONParser.parse(
            #"{"kind":"Deployment","apiVersion":"apps/v1","metadata":{"name":"nginx","namespace":"default","uid":"u","generation":1,"labels":{"app":"nginx"}},"spec":{"replicas":1,"selector":{"matchLabels":{"app":"nginx"}},"template":{"metadata":{"labels":{"app":"nginx"}},"spec":{"containers":[{"name":"nginx","image":"nginx","resources":{},"terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File","imagePullPolicy":"Always"}],"restartPolicy":"Always","terminationGracePeriodSeconds":30,"dnsPolicy":"ClusterFirst","securityContext":{},"schedulerName":"default-scheduler"}},"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxUnavailable":"25%","maxSurge":"25%"}},"revisionHistoryLimit":10,"progressDeadlineSeconds":600},"status":{}}"#
        )
        let created = apply.updating(
            object, from: nil,
            by: ServerSideApply.Writer(
                manager: "kubectl-create", apiVersion: "apps/v1", resetFields: FieldSet(paths: [["status"]]),
                now: "2026-01-02T03:04:05Z"))
        let expected =
            #"[{"manager":"kubectl-create","operation":"Update","apiVersion":"apps/v1","time":"2026-01-02T03:04:05Z","fieldsType":"FieldsV1","fieldsV1":{"f:metadata":{"f:labels":{".":{},"f:app":{}}},"f:spec":{"f:progressDeadlineSeconds":{},"f:replicas":{},"f:revisionHistoryLimit":{},"f:selector":{},"f:strategy":{"f:rollingUpdate":{".":{},"f:maxSurge":{},"f:maxUnavailable":{}},"f:type":{}},"f:template":{"f:metadata":{"f:labels":{".":{},"f:app":{}}},"f:spec":{"f:containers":{"k:{\"name\":\"nginx\"}":{".":{},"f:image":{},"f:imagePullPolicy":{},"f:name":{},"f:resources":{},"f:terminationMessagePath":{},"f:terminationMessagePolicy":{}}},"f:dnsPolicy":{},"f:restartPolicy":{},"f:schedulerName":{},"f:securityContext":{},"f:terminationGracePeriodSeconds":{}}}}}}]"#
        #expect(JSONWriter.text(created[path: "metadata", "managedFields"] ?? .null) == expected)
    }
}
