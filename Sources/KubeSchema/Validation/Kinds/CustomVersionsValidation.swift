import KubeAPI

/// The versions of a CustomResourceDefinition. What all of them have alike, or the only one has, upstream finds where the
/// API's first version had it: once for all.
struct CustomVersionsValidation {
    private let spec: FieldCursor
    private let versions: [FieldCursor]
    private var findings = Findings()

    static func check(_ spec: FieldCursor, _ findings: inout Findings) {
        var validation = CustomVersionsValidation(spec)
        validation.run()
        for error in validation.findings.errors { findings.add(error) }
    }

    private init(_ spec: FieldCursor) {
        self.spec = spec
        versions = spec["versions"].items
    }

    private mutating func run() {
        for version in versions where !version["schema"]["openAPIV3Schema"].isSet {
            findings.missing(version["schema"]["openAPIV3Schema"], "schemas are required")
        }
        for version in versions {
            findings.invalid(version["name"], joined: NameFormats.dns1035Label(version["name"].string))
            deprecation(version)
        }
        let names = versions.map { $0["name"].string }
        if Set(names).count < names.count { findings.invalid(spec["versions"], "must contain unique version names") }
        if versions.count(where: { $0["storage"].isTrue }) != 1 {
            findings.invalid(
                spec["versions"].holding(spec["versions"].value ?? []),
                "must have exactly one version marked as storage version")
        }
        parts()
    }

    private mutating func deprecation(_ version: FieldCursor) {
        let warning = version["deprecationWarning"]
        guard warning.isSet else { return }
        if !version["deprecated"].isTrue { findings.invalid(warning, "can only be set for deprecated versions") }
        if warning.string.utf8.count > 256 { findings.invalid(warning, "must be <= 256 characters long") }
        if warning.isEmpty { findings.invalid(warning, "must not be an empty string") }
    }

    /// The part itself where it is each version's own, and once at the first version's old place where it is common.
    private func places(_ part: String, _ common: String) -> [(version: FieldCursor, part: FieldCursor)] {
        guard let first = versions.first else { return [] }
        let isCommon = versions.allSatisfy { version in
            (version[part].value ?? .null).isEquivalent(to: first[part].value ?? .null)
        }
        guard isCommon else { return versions.map { ($0, $0[part]) } }
        return [(first, FieldCursor(first[part].value, at: "\(spec.path).\(common)"))]
    }

    private mutating func parts() {
        for (version, schema) in places("schema", "validation") where schema["openAPIV3Schema"].isSet {
            root(schema["openAPIV3Schema"], hasStatus: version["subresources"]["status"].isSet)
            check(schema["openAPIV3Schema"])
        }
        for (_, subresources) in places("subresources", "subresources") { scale(subresources["scale"]) }
        for (_, columns) in places("additionalPrinterColumns", "additionalPrinterColumns") {
            for column in columns.items { check(column: column) }
        }
        for (version, fields) in places("selectableFields", "selectableFields") {
            selectableFields(fields, version["schema"]["openAPIV3Schema"])
        }
    }

    // MARK: - Schemas

    private static let allowedWithStatus = [
        "description", "type", "format", "title", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum",
        "maxLength", "minLength", "pattern", "maxItems", "minItems", "uniqueItems", "multipleOf", "required", "items",
        "properties", "externalDocs", "example", "x-kubernetes-preserve-unknown-fields", "x-kubernetes-validations",
    ]
    private static let allowedInGo =
        allowedWithStatus.map { name in
            name.replacing("x-kubernetes-", with: "X-").split(separator: "-")
                .map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
        }.joined(separator: " ")

    private mutating func root(_ schema: FieldCursor, hasStatus: Bool) {
        if hasStatus {
            let type = schema["type"]
            if !type.isEmpty, type.string != "object" {
                findings.invalid(
                    type,
                    "only \"object\" is allowed as the type at the root of the schema if the status subresource is enabled"
                )
            }
            let others = (schema.value?.object?.members ?? []).filter { member in
                StructuralCheck.isSaid(schema[member]) && !Self.allowedWithStatus.contains(member.key)
            }
            if !others.isEmpty {
                findings.invalid(
                    schema,
                    "only [\(Self.allowedInGo)] fields are allowed at the root of the schema if the status subresource "
                        + "is enabled")
            }
        }
        if schema["nullable"].isTrue { findings.forbidden(schema["nullable"], "nullable cannot be true at the root") }
    }

    private mutating func check(_ schema: FieldCursor) {
        var rules = Findings()
        SchemaRules.check(schema, &rules)
        for error in rules.errors { findings.add(error) }
        // What is not supported at all has no structure.
        if rules.errors.contains(where: { $0.detail.hasSuffix(" is not supported") }) { return }
        if schema["$schema"].isSet {
            return findings.invalid(schema.holding(""), "OpenAPIV3Schema 'schema' is not supported")
        }
        let structure = StructuralCheck(schema.value ?? .emptyObject, path: schema.path).errors
        for error in structure { findings.add(error) }
        if structure.isEmpty { SchemaDefaultsCheck.check(schema, &findings) }
    }

    // MARK: - Paths

    private mutating func scale(_ scale: FieldCursor) {
        guard scale.isSet else { return }
        path(scale["specReplicasPath"], below: ["spec"], ".spec")
        path(scale["statusReplicasPath"], below: ["status"], ".status")
        if !scale["labelSelectorPath"].isEmpty {
            path(scale["labelSelectorPath"], below: ["spec", "status"], "either .spec or .status")
        }
    }

    private static let simplePath = "must be a simple json path starting with ."

    private mutating func path(_ field: FieldCursor, below roots: [String], _ places: String) {
        guard !field.isEmpty else { return findings.missing(field) }
        guard field.string.hasPrefix(".") else { return findings.invalid(field, Self.simplePath) }
        let members = FieldQuery(field.string)?.members ?? []
        if members.count < 2 || !roots.contains(members[0]) {
            findings.invalid(field, "should be a json path under \(places)")
        }
    }

    private static let columnTypes = ["boolean", "date", "integer", "number", "string"]
    private static let columnFormats = [
        "byte", "date", "date-time", "double", "float", "int32", "int64", "password",
    ]

    private mutating func check(column: FieldCursor) {
        let (type, format, path) = (column["type"], column["format"], column["jsonPath"])
        findings.require(column["name"])
        if type.isEmpty {
            findings.missing(type, "must be one of \(Self.columnTypes.joined(separator: ","))")
        } else if !Self.columnTypes.contains(type.string) {
            findings.invalid(type, "must be one of \(Self.columnTypes.joined(separator: ","))")
        }
        if !format.isEmpty, !Self.columnFormats.contains(format.string) {
            findings.invalid(format, "must be one of \(Self.columnFormats.joined(separator: ","))")
        }
        let place = path.placed(at: "\(column.path).JSONPath")
        if path.isEmpty {
            findings.missing(place)
        } else if !path.string.hasPrefix(".") {
            findings.invalid(place, Self.simplePath)
        }
    }

    private mutating func selectableFields(_ fields: FieldCursor, _ schema: FieldCursor) {
        var seen: Set<FieldQuery> = []
        for field in fields.items {
            let path = field["jsonPath"]
            guard !path.isEmpty else {
                findings.missing(path)
                continue
            }
            guard let query = FieldQuery(path.string), let found = SchemaRules.schema(at: path.string, in: schema)
            else {
                findings.invalid(path, "is an invalid path: does not refer to a valid field")
                continue
            }
            if query.members?.first == "metadata" { findings.invalid(path, "must not point to fields in metadata") }
            if !["string", "boolean", "integer"].contains(found["type"].string) {
                findings.invalid(
                    path,
                    "must point to a field of type string, boolean or integer. Enum string fields and strings with "
                        + "formats are allowed.")
            }
            if !seen.insert(query).inserted { findings.duplicate(path) }
        }
        findings.atMost(fields, items: 8)
    }
}
