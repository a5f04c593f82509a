import KubeAPI
import KubeSchema
import Testing

/// What upstream says of CustomResourceDefinitions, in its words.
struct CustomResourceDefinitionValidationTests {
    static let object = #"{"type":"object"}"#

    static func definition(
        name: String = "widgets.example.com", spec: String = "", names: String = "", version: String = "",
        schema: String = object, others: String = ""
    ) -> String {
        let names =
            names.isEmpty
            ? #""plural":"widgets","singular":"widget","kind":"Widget","listKind":"WidgetList""# : names
        return #"""
            {"metadata":{"name":"\#(name)"},"spec":{"group":"example.com","names":{\#(names)},\#(spec.isEmpty ? #""scope":"Namespaced""# : spec),
            "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":\#(schema)}\#(version)}\#(others)]}}
            """#
    }

    static func example(_ what: String, _ object: String, old: String? = nil, _ expected: [String])
        -> ValidationTests.Example
    {
        ValidationTests.Example(
            what, "apiextensions.k8s.io/v1/CustomResourceDefinition", object, old: old, expected)
    }

    static let label =
        #"a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"#

    static let whole = [
        example("fine", definition(), []),
        example(
            "scope", definition(spec: #""scope":"Everywhere""#),
            [#"spec.scope: Unsupported value: "Everywhere": supported values: "Cluster", "Namespaced""#]),
        example(
            "name", definition(name: "gadgets.example.com"),
            [#"metadata.name: Invalid value: "gadgets.example.com": must be spec.names.plural+"."+spec.group"#]),
        example(
            "names",
            definition(
                names: #""plural":"widgets","singular":"A_","kind":"Widget","listKind":"Widget","shortNames":["W"]"#),
            [
                #"spec.names.singular: Invalid value: "A_": \#(label)"#,
                #"spec.names.shortNames[0]: Invalid value: "W": \#(label)"#,
                #"spec.names.listKind: Invalid value: "Widget": kind and listKind may not be the same"#,
            ]),
        example(
            "mixed case",
            definition(names: #""plural":"widgets","singular":"widget","kind":"Wid_get","listKind":"WidgetList""#),
            [
                #"spec.names.kind: Invalid value: "Wid_get": may have mixed case, but should otherwise match: \#(label)"#
            ]),
        example(
            "no schema",
            #"{"metadata":{"name":"widgets.example.com"},"spec":{"group":"example.com","scope":"Cluster","names":{"plural":"widgets","singular":"widget","kind":"Widget","listKind":"WidgetList"},"versions":[{"name":"v1","served":true,"storage":true}]}}"#,
            ["spec.versions[0].schema.openAPIV3Schema: Required value: schemas are required"]),
        example(
            "deprecation", definition(version: #","deprecationWarning":"""#),
            [
                #"spec.versions[0].deprecationWarning: Invalid value: "": can only be set for deprecated versions"#,
                #"spec.versions[0].deprecationWarning: Invalid value: "": must not be an empty string"#,
            ]),
        example(
            "conversion", definition(spec: #""scope":"Cluster","conversion":{"strategy":"Magic"}"#),
            [#"spec.conversion.strategy: Unsupported value: "Magic": supported values: "None", "Webhook""#]),
        example(
            "conversion by webhook",
            definition(
                spec:
                    #""scope":"Cluster","conversion":{"strategy":"Webhook","webhook":{"clientConfig":{},"conversionReviewVersions":["v2"]}}"#
            ),
            [
                "spec.conversion.webhookClientConfig: Required value: exactly one of url or service is required",
                #"spec.conversion.conversionReviewVersions: Invalid value: ["v2"]: must include at least one of v1, v1beta1"#,
            ]),
        example(
            "scale",
            definition(
                version:
                    #","subresources":{"scale":{"specReplicasPath":"spec.replicas","statusReplicasPath":".spec.replicas"}}"#
            ),
            [
                #"spec.subresources.scale.specReplicasPath: Invalid value: "spec.replicas": must be a simple json path starting with ."#,
                #"spec.subresources.scale.statusReplicasPath: Invalid value: ".spec.replicas": should be a json path under .status"#,
            ]),
        example(
            "columns",
            definition(
                version:
                    #","additionalPrinterColumns":[{"name":"A","type":"text","format":"x","jsonPath":"spec"},{"name":"","type":"string","jsonPath":".a"}]"#
            ),
            [
                #"spec.additionalPrinterColumns[0].type: Invalid value: "text": must be one of boolean,date,integer,number,string"#,
                #"spec.additionalPrinterColumns[0].format: Invalid value: "x": must be one of byte,date,date-time,double,float,int32,int64,password"#,
                #"spec.additionalPrinterColumns[0].JSONPath: Invalid value: "spec": must be a simple json path starting with ."#,
                "spec.additionalPrinterColumns[1].name: Required value",
            ]),
        example(
            "selectable fields",
            definition(
                version:
                    #","selectableFields":[{"jsonPath":".spec.no"},{"jsonPath":".spec"},{"jsonPath":".spec.color"},{"jsonPath":".spec.color"}]"#,
                schema:
                    #"{"type":"object","properties":{"spec":{"type":"object","properties":{"color":{"type":"string"}}}}}"#
            ),
            [
                #"spec.selectableFields[0].jsonPath: Invalid value: ".spec.no": is an invalid path: does not refer to a valid field"#,
                #"spec.selectableFields[1].jsonPath: Invalid value: ".spec": must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed."#,
                #"spec.selectableFields[3].jsonPath: Duplicate value: ".spec.color""#,
            ]),
    ]

    @Test(arguments: whole)
    func finds(_ example: ValidationTests.Example) throws {
        #expect(try ValidationTests.findings(example) == example.expected)
    }

    static let two = #",{"name":"v2","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"array"}}}"#

    /// The value is the whole list, which upstream shows as Go does.
    @Test func oneVersionIsStored() throws {
        let found = try ValidationTests.findings(Self.example("", Self.definition(others: Self.two), []))
        #expect(found.first?.hasPrefix("spec.versions: Invalid value: ") == true)
        #expect(found.first?.hasSuffix(": must have exactly one version marked as storage version") == true)
        // Versions that differ have their own places.
        #expect(
            found.dropFirst() == [
                "spec.versions[1].schema.openAPIV3Schema.items: Required value: must be specified",
                #"spec.versions[1].schema.openAPIV3Schema.type: Invalid value: "array": must be object at the root"#,
            ])
    }

    static let established =
        #","status":{"storedVersions":["v1"],"conditions":[{"type":"Established","status":"True"}]}}"#

    static func stored(_ definition: String) -> String { String(definition.dropLast()) + established }

    @Test func scopeAndKindAreFixedOnceEstablished() throws {
        let changed = Self.definition(
            spec: #""scope":"Cluster""#,
            names: #""plural":"widgets","singular":"widget","kind":"Gadget","listKind":"WidgetList""#)
        let old = Self.stored(Self.definition())
        let found = try ValidationTests.findings(Self.example("", Self.stored(changed), old: old, []))
        #expect(
            found == [
                #"spec.scope: Invalid value: "Cluster": field is immutable"#,
                #"spec.names.kind: Invalid value: "Gadget": field is immutable"#,
            ])
    }

    @Test func storedVersionsStay() throws {
        let old = Self.stored(Self.definition()).replacing(#""v1""#, with: #""v0""#)
        let found = try ValidationTests.findings(
            Self.example("", Self.stored(Self.definition()).replacing(#"["v1"]"#, with: #"["v0","v1"]"#), old: old, []))
        #expect(found.count == 1)
        #expect(
            found.first?.hasPrefix("status.storedVersions[0]: Invalid value: \"v0\": missing from spec.versions; ")
                == true)
    }

    // MARK: - Schemas

    static let place = "spec.validation.openAPIV3Schema"

    static let schemas: [(schema: String, expected: [String])] = [
        (
            #"{"type":"object","properties":{"a":{"type":"integer","default":"x"}}}"#,
            [
                #"properties[a].default: Invalid value: "string":  in body must be of type integer: "string""#
            ]
        ),
        (
            #"{"type":"object","properties":{"a":{"type":"object","properties":{"b":{"type":"string"}},"default":{"c":1}}}}"#,
            [#"properties[a].default: Invalid value: {"c":1}: must not have unknown fields"#]
        ),
        (
            #"{"type":"object","properties":{"metadata":{"type":"object","default":{}}}}"#,
            ["properties[metadata].default: Forbidden: must not be set in top-level metadata"]
        ),
        (
            #"{"type":"object","properties":{"metadata":{"type":"object","properties":{"labels":{"type":"object","additionalProperties":{"type":"string"}}}}}}"#,
            [
                "properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified"
            ]
        ),
        (
            #"{"type":"object","properties":{"a":{"$ref":"b"}}}"#,
            ["properties[a].$ref: Forbidden: $ref is not supported"]
        ),
        (
            #"{"type":"object","properties":{"a":{"type":"text"}}}"#,
            [
                #"properties[a].type: Unsupported value: "text": supported values: "array", "boolean", "integer", "number", "object", "string""#
            ]
        ),
        (
            #"{"type":"object","properties":{"a":{"type":"array","items":{"type":"object","properties":{"k":{"type":"string"}}},"x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["k","z"]}}}"#,
            [
                #"properties[a].x-kubernetes-list-map-keys: Invalid value: ["k","z"]: entries must all be names of item properties"#,
                "properties[a].items.properties[k].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property",
            ]
        ),
        (
            #"{"type":"object","properties":{"a":{"type":"array","items":{"type":"object"},"x-kubernetes-list-type":"set"}}}"#,
            [
                "properties[a].items.x-kubernetes-map-type: Invalid value: null: must be atomic as item of a list with x-kubernetes-list-type=set"
            ]
        ),
        (
            #"{"type":"object","properties":{"a":{"type":"string","x-kubernetes-list-type":"sett"}}}"#,
            [
                #"properties[a].type: Invalid value: "string": must be array if x-kubernetes-list-type is specified"#,
                #"properties[a].x-kubernetes-list-type: Unsupported value: "sett": supported values: "atomic", "set", "map""#,
            ]
        ),
        (
            #"{"type":"object","properties":{"a":{"type":"string","x-kubernetes-validations":[{"rule":" "},{"rule":"true","reason":"Bad"}]}}}"#,
            [
                "properties[a].x-kubernetes-validations[0].rule: Required value: rule is not specified",
                #"properties[a].x-kubernetes-validations[1].reason: Unsupported value: "Bad": supported values: "FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired""#,
            ]
        ),
        (
            #"{"type":"object","properties":{"a":{"type":"integer"}},"anyOf":[{"properties":{"a":{"type":"integer"},"b":{"minimum":1}}}]}"#,
            [
                "anyOf[0].properties[a].type: Forbidden: must be empty to be structural",
                "properties[b]: Required value: because it is defined in spec.validation.openAPIV3Schema.anyOf[0].properties[b]",
            ]
        ),
        (
            #"{"type":"object","properties":{"a":{"x-kubernetes-int-or-string":true,"anyOf":[{"type":"integer"},{"type":"string"}]}}}"#,
            []
        ),
        (
            #"{"type":"object","properties":{"a":{"type":"object","x-kubernetes-embedded-resource":true}}}"#,
            [
                "properties[a].properties: Required value: must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields"
            ]
        ),
        (
            #"{"type":"object","additionalProperties":{"type":"string"},"properties":{"a":{"type":"string"}}}"#,
            [
                "additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive",
                "additionalProperties: Forbidden: must not be used at the root",
            ]
        ),
    ]

    @Test(arguments: schemas)
    func ofSchemas(_ test: (schema: String, expected: [String])) throws {
        let found = try ValidationTests.findings(Self.example("", Self.definition(schema: test.schema), []))
        #expect(found == test.expected.map { "\(Self.place).\($0)" })
    }

    @Test func withStatusTheRootSaysLess() throws {
        let found = try ValidationTests.findings(
            Self.example(
                "",
                Self.definition(
                    version: #","subresources":{"status":{}}"#,
                    schema: #"{"type":"object","x-kubernetes-map-type":"atomic"}"#), []))
        #expect(
            found == [
                #"spec.validation.openAPIV3Schema: Invalid value: {"type":"object","x-kubernetes-map-type":"atomic"}: only [Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields XValidations] fields are allowed at the root of the schema if the status subresource is enabled"#
            ])
    }
}
