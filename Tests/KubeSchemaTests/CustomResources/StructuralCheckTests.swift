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
            errors: ["s.type: Required value: must not be empty at the root"]),
        Case(
            schema: ["type": "object", "properties": ["a": [:]]],
            errors: ["s.properties[a].type: Required value: must not be empty for specified object fields"]),
        Case(schema: ["type": "object", "properties": ["a": ["x-kubernetes-int-or-string": true]]], errors: []),
        Case(
            schema: ["type": "object", "properties": ["a": ["type": "array"]]],
            errors: ["s.properties[a].items: Required value: must be specified"]),
        Case(
            schema: ["type": "object", "properties": ["a": ["type": "string", "pattern": "("]]],
            errors: [
                #"s.properties[a].pattern: Invalid value: "(": must be a valid regular expression, but isn't: it cannot be parsed"#
            ]),
        Case(
            schema: ["type": "array", "additionalProperties": ["nullable": true]],
            errors: [
                "s.additionalProperties.type: Required value: must not be empty for specified object fields",
                "s.additionalProperties: Forbidden: must not be used at the root",
                "s.items: Required value: must be specified",
                #"s.type: Invalid value: "array": must be object at the root"#,
            ]),
        Case(
            schema: ["type": "object", "properties": ["kind": ["type": "integer"]]],
            errors: [#"s.properties[kind].type: Invalid value: "integer": must be string"#]),
        Case(
            schema: ["type": "object", "not": ["nullable": true, "default": 1]],
            errors: [
                "s.not.default: Forbidden: must be undefined to be structural",
                "s.not.nullable: Forbidden: must be false to be structural",
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
