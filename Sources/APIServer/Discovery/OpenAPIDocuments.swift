import Glibc
import KubeAPI
import KubeSchema
import Synchronization

/// /openapi/v2 and /openapi/v3. A document is made when it is first asked for, and kept until what is served changes.
final class OpenAPIDocuments: Sendable {
    private struct Document {
        let bytes: [UInt8]
        /// Of these bytes: caches outlive the server.
        let tag: String

        init(_ bytes: [UInt8]) {
            self.bytes = bytes
            tag = "\"\(Fingerprint.text(bytes))\""
        }
    }

    private struct Kept {
        var generation: UInt64 = 0
        var documents: [String: Document] = [:]
    }

    private let resources: ServedResources
    private let serverVersion: String
    private let kept = Mutex(Kept())

    init(_ resources: ServedResources, serverVersion: String) {
        self.resources = resources
        self.serverVersion = serverVersion
    }

    /// nil for another path.
    func respond(_ http: HTTPRequest) -> HTTPResponse? {
        if http.path == "/openapi/v2" { return v2(http) }
        if http.path == "/openapi/v3" || http.path == "/openapi/v3/" {
            return answer("v3", "application/json", http) { OpenAPI.v3Index(custom: $0) }
        }
        guard http.path.hasPrefix("/openapi/v3/") else { return nil }
        let path = String(http.path.dropFirst("/openapi/v3/".count))
        if let moved = moved(path, http) { return moved }
        return answer(path, "application/json", http) { [serverVersion] in
            OpenAPI.v3(path, serverVersion: serverVersion, custom: $0)
        }
    }

    /// Who asks for a state of the document that is over is led to the present one.
    private func moved(_ path: String, _ http: HTTPRequest) -> HTTPResponse? {
        guard let asked = http.query["hash"] else { return nil }
        let custom = Self.custom(resources.snapshot)
        let hash = OpenAPI.hash(path, custom: custom)
        guard asked != hash, OpenAPI.groupVersions(custom: custom).contains(path) else { return nil }
        return HTTPResponse(status: 301, headers: ["Location": "/openapi/v3/\(path)?hash=\(hash)"])
    }

    private func v2(_ http: HTTPRequest) -> HTTPResponse? {
        let wanted = MediaType.accepted(http.headers["accept"]).map(\.name)
        if wanted.contains(where: { $0.hasPrefix("application/com.github.proto-openapi.spec.v2") }) {
            return answer("v2.pb", OpenAPI.protobufV2ContentType, http) { [serverVersion] in
                OpenAPI.v2Protobuf(serverVersion: serverVersion, custom: $0)
            }
        }
        return answer("v2", "application/json", http) { [serverVersion] in
            OpenAPI.v2(serverVersion: serverVersion, custom: $0)
        }
    }

    private func answer(
        _ name: String, _ type: String, _ http: HTTPRequest, _ make: ([OpenAPIResource]) -> [UInt8]?
    ) -> HTTPResponse? {
        guard let document = document(name, resources.snapshot, make) else { return nil }
        var response =
            http.headers.first(name: "if-none-match") == document.tag
            ? HTTPResponse(status: 304) : HTTPResponse(type, document.bytes)
        response.headers.add(name: "ETag", value: document.tag)
        response.headers.add(name: "Vary", value: "Accept")
        if http.query["hash"] != nil {
            // The address names the content.
            response.headers.add(name: "Cache-Control", value: "public, immutable")
            response.headers.add(name: "Expires", value: HTTPDate.text(time(nil) + Self.year))
        }
        return response
    }

    private static let year = 365 * 86_400

    private static func custom(_ snapshot: ServedResources.Snapshot) -> [OpenAPIResource] {
        snapshot.all.compactMap { served in
            served.custom.map { OpenAPIResource(definition: served.definition, schema: $0.openAPISchema) }
        }
    }

    private func document(
        _ name: String, _ snapshot: ServedResources.Snapshot, _ make: ([OpenAPIResource]) -> [UInt8]?
    ) -> Document? {
        let old = kept.withLock { $0.generation == snapshot.generation ? $0.documents[name] : nil }
        if let old { return old }
        guard let new = make(Self.custom(snapshot)).map(Document.init) else { return nil }
        kept.withLock { kept in
            if kept.generation != snapshot.generation { kept = Kept(generation: snapshot.generation) }
            kept.documents[name] = new
        }
        return new
    }
}
