import KubeAPI
import Testing

@testable import KubeSchema

struct OpenAPITests {
    private static let custom: OpenAPIResource = {
        var definition = ResourceDefinition(
            group: "stable.example.io", version: "v1", resource: "crontabs", singular: "crontab", kind: "CronTab",
            listKind: "CronTabList", isNamespaced: true,
            verbs: ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"],
            typeName: "io.example.stable.v1.CronTab")
        definition.subresources = [
            .init(
                name: "status", group: "stable.example.io", version: "v1", kind: "CronTab",
                verbs: ["get", "patch", "update"])
        ]
        return OpenAPIResource(
            definition: definition,
            schema: ["type": "object", "properties": ["spec": ["type": "object", "oneOf": [["required": ["a"]]]]]])
    }()

    /// All `$ref`s of a document.
    private func references(_ value: JSONValue) -> [String] {
        switch value {
        case .array(let elements): elements.flatMap(references)
        case .object(let object):
            // JSONSchemaProps has a property of that name, which is no reference.
            object.members.flatMap { member in
                if member.key == "$ref", let target = member.value.string { [target] } else { references(member.value) }
            }
        default: []
        }
    }

    private func operations(_ document: JSONValue) -> [(path: String, method: String, operation: JSONValue)] {
        (document["paths"]?.object?.members ?? []).flatMap { path in
            (path.value.object?.members ?? []).filter { $0.key != "parameters" }.map { (path.key, $0.key, $0.value) }
        }
    }

    @Test func everyGroupVersionHasItsDocument() throws {
        let paths = OpenAPI.groupVersions(custom: [Self.custom])
        #expect(paths.first == "api/v1" && paths.last == "apis/stable.example.io/v1" && paths.count > 20)
        var ids: Set<String> = []
        for path in paths {
            let bytes = try #require(OpenAPI.v3(path, serverVersion: "v1.36.0", custom: [Self.custom]))
            let document = try JSONParser.parse(bytes)
            let schemas = Set(document[path: "components", "schemas"]?.object?.members.map(\.key) ?? [])
            let dangling = references(document).filter { !schemas.contains(String($0.dropFirst(21))) }
            #expect(dangling.isEmpty, "\(path)")
            for (name, method, operation) in operations(document) {
                let isNew = ids.insert(operation["operationId"]?.string ?? "").inserted
                #expect(isNew, "\(name) \(method)")
                if method == "patch", operation["x-kubernetes-action"] == "patch" {
                    let names = operation["parameters"]?.array?.compactMap { $0["name"]?.string } ?? []
                    #expect(Set(["dryRun", "fieldValidation", "force", "fieldManager"]).isSubset(of: names))
                    #expect(operation["x-kubernetes-group-version-kind"] != nil)
                }
            }
        }
        #expect(
            ids.isSuperset(of: [
                "listCoreV1NamespacedPod", "listCoreV1PodForAllNamespaces",
                "deleteAppsV1CollectionNamespacedDeployment", "readRbacAuthorizationV1ClusterRole",
                "connectGetCoreV1NamespacedPodExec",
            ]))
        #expect(OpenAPI.v3("apis/nothing/v1", serverVersion: "") == nil)
    }

    @Test func schemasSayHowTheyMerge() throws {
        let document = try JSONParser.parse(try #require(OpenAPI.v3("api/v1", serverVersion: "v1.36.0")))
        let schemas = try #require(document[path: "components", "schemas"])
        let ports = try #require(schemas[path: "io.k8s.api.core.v1.ServiceSpec", "properties", "ports"])
        #expect(
            ports == [
                "type": "array", "items": ["$ref": "#/components/schemas/io.k8s.api.core.v1.ServicePort"],
                "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["port", "protocol"],
                "x-kubernetes-patch-strategy": "merge", "x-kubernetes-patch-merge-key": "port",
                "description": ports["description"] ?? .null,
            ])
        #expect(
            schemas[path: "io.k8s.api.core.v1.Service", "x-kubernetes-group-version-kind"]
                == [["group": "", "kind": "Service", "version": "v1"]])
        let apps = try JSONParser.parse(try #require(OpenAPI.v3("apis/apps/v1", serverVersion: "v1.36.0")))
        let strategy = try #require(
            apps[path: "components", "schemas", "io.k8s.api.apps.v1.DeploymentSpec", "properties", "strategy"])
        #expect(
            strategy == [
                "allOf": [["$ref": "#/components/schemas/io.k8s.api.apps.v1.DeploymentStrategy"]],
                "x-kubernetes-patch-strategy": "retainKeys", "description": strategy["description"] ?? .null,
            ])
    }

    @Test func version2HasEverythingInOneDocument() throws {
        let document = try JSONParser.parse(OpenAPI.v2(serverVersion: "v1.36.0", custom: [Self.custom]))
        let definitions = Set(document["definitions"]?.object?.members.map(\.key) ?? [])
        #expect(references(document).allSatisfy { definitions.contains(String($0.dropFirst(14))) })
        #expect(definitions.count > 500)
        #expect(operations(document).count > 500)
        let kind: JSONValue = ["group": "stable.example.io", "kind": "CronTab", "version": "v1"]
        let crontab = try #require(document[path: "definitions", "io.example.stable.v1.CronTab"])
        #expect(crontab["x-kubernetes-group-version-kind"] == [kind])
        #expect(crontab[path: "properties", "spec"] == ["type": "object"])
        #expect(definitions.contains("io.example.stable.v1.CronTabList"))
    }

    @Test func theIndexChangesWithACustomResource() throws {
        func url(_ custom: [OpenAPIResource], _ path: String) throws -> String? {
            try JSONParser.parse(OpenAPI.v3Index(custom: custom))[path: "paths", path, "serverRelativeURL"]?.string
        }
        let path = "apis/stable.example.io/v1"
        let first = try #require(try url([Self.custom], path))
        #expect(first.hasPrefix("/openapi/v3/\(path)?hash=") && first.utf8.count == 12 + path.utf8.count + 6 + 32)
        var changed = Self.custom
        changed.schema = ["type": "object"]
        #expect(try url([changed], path) != first)
        #expect(try url([changed], "api/v1") == url([], "api/v1"))
        #expect(try url([], path) == nil)
    }

    /// Field numbers by hand from OpenAPIv2.proto.
    @Test func gnosticMessagesHaveTheirNumbers() {
        let schema: JSONValue = [
            "type": "object", "required": ["a"],
            "properties": [
                "a": ["$ref": "#/definitions/X"], "b": ["type": "array", "items": ["type": "string"], "default": 1],
            ],
            "additionalProperties": true, "x-k": "v",
        ]
        let expected: [UInt8] =
            Wire.text(19, "a") + Wire.message(21, Wire.varint(2, 1)) + Wire.message(22, Wire.text(1, "object"))
            + Wire.message(
                25, Wire.message(1, Wire.text(1, "a"), Wire.message(2, Wire.text(1, "#/definitions/X"))),
                Wire.message(
                    1, Wire.text(1, "b"),
                    Wire.message(
                        2, Wire.message(5, Wire.text(2, "1\n")), Wire.message(22, Wire.text(1, "array")),
                        Wire.message(23, Wire.message(1, Wire.message(22, Wire.text(1, "string")))))))
            + Wire.message(31, Wire.text(1, "x-k"), Wire.message(2, Wire.text(2, "\"v\"\n")))
        #expect(GnosticMessage.schema(schema).bytes == expected)

        let item: JSONValue = [
            "patch": [
                "operationId": "p", "parameters": [["name": "dryRun", "in": "query", "type": "string"]],
                "responses": ["200": ["description": "OK", "schema": ["$ref": "#/definitions/X"]]],
            ],
            "parameters": [["name": "name", "in": "path", "type": "string", "required": true]],
        ]
        let query = Wire.message(3, Wire.text(2, "query"), Wire.text(4, "dryRun"), Wire.text(6, "string"))
        let path = Wire.message(
            4, Wire.varint(1, 1), Wire.text(2, "path"), Wire.text(4, "name"), Wire.text(5, "string"))
        let response = Wire.message(
            1, Wire.text(1, "OK"), Wire.message(2, Wire.message(1, Wire.text(1, "#/definitions/X"))))
        let operation =
            Wire.text(5, "p") + Wire.message(8, Wire.message(1, Wire.message(2, query)))
            + Wire.message(9, Wire.message(1, Wire.text(1, "200"), Wire.message(2, response)))
        let parameter = Wire.message(9, Wire.message(1, Wire.message(2, path)))
        #expect(GnosticMessage.pathItem(item).bytes == Wire.message(8, operation) + parameter)
    }

    @Test func theProtobufDocumentIsWhole() throws {
        let bytes = OpenAPI.v2Protobuf(serverVersion: "v1.36.0")
        try bytes.withUnsafeBufferPointer { buffer in
            var reader = ProtobufReader(buffer)
            var numbers: [Int] = []
            while !reader.isAtEnd {
                let (number, wireType) = try reader.tag()
                numbers.append(number)
                try reader.skip(wireType)
            }
            #expect(numbers == [1, 2, 8, 9])
        }
    }

    // MARK: - Descriptions

    @Test func theWordsAreAboutTypesAndFieldsThatThereAre() throws {
        for (name, fields) in DescriptionTable.types where name != "*" {
            let type = try #require(Schema.builtin.type(named: name), "\(name)")
            let known = Set(Schema.builtin[type].fields.map(\.name) + [""])
            #expect(fields.filter { !known.contains($0) } == [], "\(name)")
        }
    }

    @Test func everyKindAndTheFieldsOfMetadataAreDescribed() {
        for resource in APICatalog.builtin.resources where !resource.storePrefix.isEmpty {
            let isDescribed = DescriptionTable.description(of: resource.typeName) != nil
            #expect(isDescribed || Self.undescribed.contains(resource.group), "\(resource.typeName)")
        }
        let podSpec = OpenAPISchemas(style: .v3, custom: []).schema("io.k8s.api.core.v1.PodSpec")
        let containers = podSpec[path: "properties", "containers"]
        #expect(containers?["description"]?.string?.isEmpty == false && containers?["type"] == "array")
        let pod = OpenAPISchemas(style: .v2, custom: []).schema("io.k8s.api.core.v1.Pod")
        #expect(pod["description"]?.string?.isEmpty == false)
        #expect(pod[path: "properties", "metadata", "description"]?.string?.isEmpty == false)
    }

    /// Kinds that administrators of clusters alone write.
    private static let undescribed: Set = [
        "admissionregistration.k8s.io", "apiextensions.k8s.io", "apiregistration.k8s.io",
    ]
}
