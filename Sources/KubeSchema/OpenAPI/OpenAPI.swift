import KubeAPI

/// A resource that is not built in, for the documents of OpenAPI.
public struct OpenAPIResource: Sendable {
    public var definition: ResourceDefinition
    /// The OpenAPI v3 schema of its objects, as the CustomResourceDefinition has it.
    public var schema: JSONValue

    /// The schema's name is `definition.typeName`, such as `io.example.stable.v1.CronTab`.
    public init(definition: ResourceDefinition, schema: JSONValue) {
        self.definition = definition
        self.schema = schema
    }
}

/// The documents under /openapi, each made when asked for and never kept: the caller caches what it likes. They are put
/// together piece by piece, so that no tree of a whole document is ever in memory.
public enum OpenAPI {
    /// Without the `@` that clients ask with: Go's media type parser refuses it.
    public static let protobufV2ContentType = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"

    /// `api/v1`, `apis/apps/v1`, …, in the order of discovery.
    public static func groupVersions(custom: [OpenAPIResource] = []) -> [String] {
        var seen: Set<String> = []
        return resources(custom).map(\.openAPIPath).filter { seen.insert($0).inserted }
    }

    /// The answer of /openapi/v3: where each document is, with a hash that changes when it does.
    public static func v3Index(custom: [OpenAPIResource] = []) -> [UInt8] {
        let members = groupVersions(custom: custom).map { path in
            JSONObject.Member(
                path, ["serverRelativeURL": .string("/openapi/v3/\(path)?hash=\(hash(path, custom: custom))")])
        }
        return JSONWriter.bytes(["paths": .object(JSONObject(members))])
    }

    /// What the document of a group and version depends on, in 32 hexadecimal digits.
    public static func hash(_ path: String, custom: [OpenAPIResource] = []) -> String {
        var hash = Digest()
        hash.add(path)
        hash.add(tables)
        for resource in custom where resource.definition.openAPIPath == path {
            hash.add(resource.definition.typeName)
            hash.add(resource.definition.verbs.joined(separator: ","))
            hash.add(resource.definition.subresources.map(\.name).joined(separator: ","))
            hash.add(JSONWriter.text(resource.schema))
        }
        return hash.text
    }

    /// The document of one group and version; nil when there is none at `path`, such as `apis/apps/v1`.
    public static func v3(_ path: String, serverVersion: String, custom: [OpenAPIResource] = []) -> [UInt8]? {
        let served = resources(custom).filter { $0.openAPIPath == path }
        guard !served.isEmpty else { return nil }
        let schemas = OpenAPISchemas(style: .v3, custom: custom.filter { $0.definition.openAPIPath == path })
        var output = Pieces("{\"openapi\":\"3.0.0\",\"info\":\(info(serverVersion)),\"paths\":{")
        for (path, item) in OpenAPIPath.all(served) { output.member(path, item.v3) }
        output.next("},\"components\":{\"schemas\":{")
        for name in schemas.closure(of: served) { output.member(name, schemas.schema(name)) }
        output.next("}}}")
        return output.bytes
    }

    /// Swagger 2.0 of all groups and versions.
    public static func v2(serverVersion: String, custom: [OpenAPIResource] = []) -> [UInt8] {
        let served = resources(custom)
        let schemas = OpenAPISchemas(style: .v2, custom: custom)
        var output = Pieces("{\"swagger\":\"2.0\",\"info\":\(info(serverVersion)),\"paths\":{")
        for (path, item) in OpenAPIPath.all(served) { output.member(path, item.v2) }
        output.next("},\"definitions\":{")
        for name in schemas.closure(of: served) { output.member(name, schemas.schema(name)) }
        output.next("}}")
        return output.bytes
    }

    /// The same as a message openapi.v2.Document (gnostic), which kubectl asks for.
    public static func v2Protobuf(serverVersion: String, custom: [OpenAPIResource] = []) -> [UInt8] {
        let served = resources(custom)
        let schemas = OpenAPISchemas(style: .v2, custom: custom)
        var paths = GnosticMessage()
        for (path, item) in OpenAPIPath.all(served) { paths.named(2, path, .pathItem(item.v2)) }
        var definitions = GnosticMessage()
        for name in schemas.closure(of: served) { definitions.named(1, name, .schema(schemas.schema(name))) }
        var document = GnosticMessage()
        document.text(1, "2.0")
        document.message(2, .info(title: "Kubernetes", version: serverVersion))
        document.message(8, paths)
        document.message(9, definitions)
        return document.bytes
    }

    private static func resources(_ custom: [OpenAPIResource]) -> [ResourceDefinition] {
        APICatalog.builtin.resources + custom.map(\.definition)
    }

    private static func info(_ version: String) -> String {
        JSONWriter.text(["title": "Kubernetes", "version": .string(version)])
    }

    /// Of everything that is built in.
    private static let tables: String = {
        var hash = Digest()
        for table in TypeTables.all + [ResourceTable.text, KindTable.text, DescriptionTable.text] {
            hash.add(UnsafeBufferPointer(start: table.utf8Start, count: table.utf8CodeUnitCount))
        }
        return hash.text
    }()
}

extension ResourceDefinition {
    /// `api/v1`, `apis/apps/v1`
    var openAPIPath: String { group.isEmpty ? "api/\(version)" : "apis/\(group)/\(version)" }
}

/// Bytes of a JSON text that are appended member by member.
private struct Pieces {
    private(set) var bytes: [UInt8]
    private var isFirst = true

    init(_ start: String) { bytes = Array(start.utf8) }

    /// Ends one object and begins another.
    mutating func next(_ text: String) {
        bytes.append(contentsOf: text.utf8)
        isFirst = true
    }

    mutating func member(_ name: String, _ value: JSONValue) {
        if !isFirst { bytes.append(UInt8(ascii: ",")) }
        isFirst = false
        bytes.append(contentsOf: JSONWriter.bytes(.string(name)))
        bytes.append(UInt8(ascii: ":"))
        bytes.append(contentsOf: JSONWriter.bytes(value))
    }
}

/// FNV-1a twice, from two starts: it tells documents apart, and protects nothing.
private struct Digest {
    private var first: UInt64 = 14_695_981_039_346_656_037
    private var second: UInt64 = 0x9E37_79B9_7F4A_7C15

    mutating func add(_ bytes: some Sequence<UInt8>) {
        for byte in bytes {
            first = (first ^ UInt64(byte)) &* 1_099_511_628_211
            second = (second ^ UInt64(byte)) &* 1_099_511_628_211
        }
    }

    /// Ended, so that two texts do not run together.
    mutating func add(_ text: String) {
        add(text.utf8)
        add(CollectionOfOne(0xFF))
    }

    var text: String { [first, second].map { padded(String($0, radix: 16, uppercase: true)) }.joined() }

    private func padded(_ text: String) -> String { String(repeating: "0", count: 16 - text.utf8.count) + text }
}
