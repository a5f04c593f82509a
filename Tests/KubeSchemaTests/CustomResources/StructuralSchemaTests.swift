import KubeAPI
import KubeSchema
import Testing

/// A schema with one of everything.
private let crontab = StructuralSchema([
    "type": "object",
    "properties": [
        "spec": [
            "type": "object", "required": ["cron"],
            "properties": [
                "cron": ["type": "string", "pattern": "^[0-9*/ ]+$"],
                "replicas": ["type": "integer", "minimum": 1, "maximum": 10, "default": 1],
                "policy": ["type": "string", "enum": ["Allow", "Forbid"]],
                "port": ["x-kubernetes-int-or-string": true],
                "free": ["type": "object", "x-kubernetes-preserve-unknown-fields": true],
                "labels": ["type": "object", "additionalProperties": ["type": "string", "maxLength": 3]],
                "items": [
                    "type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"],
                    "items": [
                        "type": "object",
                        "properties": ["name": ["type": "string"], "size": ["type": "integer", "default": 3]],
                    ],
                ],
                "either": [
                    "oneOf": [["type": "string"], ["type": "integer"]], "x-kubernetes-preserve-unknown-fields": true,
                ],
                "maybe": ["type": "string", "nullable": true, "default": "x"],
            ],
        ]
    ],
])

struct StructuralSchemaTests {
    @Test func unknownFieldsArePrunedAndTold() {
        let object: JSONValue = [
            "apiVersion": "a/v1", "kind": "CronTab", "metadata": ["name": "x"],
            "spec": [
                "cron": "*", "color": "red", "free": ["a": 1], "labels": ["k": "v"], "items": [["name": "a", "z": 1]],
            ],
            "other": true,
        ]
        let pruned = crontab.pruned(object)
        let (value, findings) = (pruned.value, pruned.findings)
        #expect(
            Set(findings) == [
                "unknown field \"spec.color\"", "unknown field \"spec.items[0].z\"", "unknown field \"other\"",
            ])
        #expect(value["other"] == nil)
        #expect(value[path: "spec", "free", "a"] == 1)
        #expect(value[path: "spec", "labels", "k"] == "v")
        #expect(value[path: "metadata", "name"] == "x")
    }

    @Test func ofDuplicatesTheLastStays() throws {
        let pruned = crontab.pruned(try JSONParser.parse(#"{"spec":{"cron":"1","cron":"2"}}"#))
        let (value, findings) = (pruned.value, pruned.findings)
        #expect(findings == ["duplicate field \"spec.cron\""])
        #expect(value == ["spec": ["cron": "2"]])
    }

    @Test func defaultsFillWhatIsMissing() {
        var object: JSONValue = ["spec": ["items": [["name": "a"]], "replicas": .null, "maybe": .null]]
        crontab.applyDefaults(&object)
        #expect(object[path: "spec", "replicas"] == 1)
        #expect(object[path: "spec", "items"] == [["name": "a", "size": 3]])
        #expect(object[path: "spec", "maybe"] == .null)
    }

    struct Case: Sendable {
        let spec: JSONValue
        let messages: [String]
    }

    @Test(arguments: [
        Case(spec: ["cron": "* *"], messages: []),
        Case(spec: [:], messages: ["spec.cron: Required value"]),
        Case(
            spec: ["cron": "a"],
            messages: [#"spec.cron: Invalid value: "a": spec.cron in body should match '^[0-9*/ ]+$'"#]),
        Case(
            spec: ["cron": "*", "replicas": 0],
            messages: ["spec.replicas: Invalid value: 0: spec.replicas in body should be greater than or equal to 1"]),
        Case(
            spec: ["cron": "*", "replicas": "x"],
            messages: [
                #"spec.replicas: Invalid value: "string": spec.replicas in body must be of type integer: "string""#
            ]),
        Case(
            spec: ["cron": "*", "policy": "No"],
            messages: [#"spec.policy: Unsupported value: "No": supported values: "Allow", "Forbid""#]),
        Case(spec: ["cron": "*", "port": "http"], messages: []),
        Case(spec: ["cron": "*", "port": 80], messages: []),
        Case(
            spec: ["cron": "*", "labels": ["a": "long"]],
            messages: ["spec.labels.a: Too long: may not be more than 3 bytes"]),
        Case(
            spec: ["cron": "*", "items": [["name": "a"], ["name": "a"]]],
            messages: [#"spec.items[1]: Duplicate value: {"name":"a"}"#]),
        Case(
            spec: ["cron": "*", "either": true],
            messages: [
                #"spec.either: Invalid value: true: "spec.either" must validate one and only one schema (oneOf). Found none valid"#
            ]),
        Case(spec: ["cron": "*", "maybe": .null], messages: []),
    ])
    func findings(_ test: Case) {
        #expect(crontab.validate(["spec": test.spec]).map { "\($0.path): \($0.message)" } == test.messages)
    }
}
