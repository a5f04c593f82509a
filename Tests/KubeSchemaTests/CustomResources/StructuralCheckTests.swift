import KubeAPI
import KubeSchema
import Testing

struct StructuralCheckTests {
    struct Case: Sendable {
        let schema: JSONValue
        let errors: [String]
    }

    @Test(arguments: [
        Case(schema: ["type": "object"], errors: []),
        Case(
            schema: [:],
            errors: [
                #"s.type: Invalid value: "": must be object at the root"#,
                "s.type: Required value: must not be empty for specified root",
            ]),
        Case(
            schema: ["type": "object", "properties": ["a": [:]]],
            errors: ["s.properties[a].type: Required value: must not be empty for specified object fields"]),
        Case(schema: ["type": "object", "properties": ["a": ["x-kubernetes-int-or-string": true]]], errors: []),
        Case(
            schema: ["type": "object", "properties": ["a": ["type": "array"]]],
            errors: ["s.properties[a].items: Required value: must be specified"]),
        Case(
            schema: ["type": "object", "properties": ["a": ["type": "string", "pattern": "("]]],
            errors: [#"s.properties[a].pattern: Invalid value: "(": must be a valid regular expression"#]),
        Case(
            schema: [
                "type": "object",
                "properties": ["a": ["type": "array", "items": ["type": "object"], "x-kubernetes-list-type": "map"]],
            ],
            errors: [
                "s.properties[a].x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map"
            ]),
    ])
    func rules(_ test: Case) {
        #expect(StructuralCheck(test.schema, path: "s").errors.map { "\($0.path): \($0.message)" } == test.errors)
    }

    @Test func validationRulesAreSeen() {
        let schema: JSONValue = [
            "type": "object",
            "properties": ["a": ["type": "string", "x-kubernetes-validations": [["rule": "self != ''"]]]],
        ]
        #expect(StructuralCheck(schema, path: "s").hasValidationRules)
    }
}
