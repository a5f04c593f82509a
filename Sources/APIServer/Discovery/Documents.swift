import KubeAPI
import KubeSchema
import Telemetry

/// Pages beside the resources: /, /version, /metrics and the OpenAPI documents.
struct Documents: Sendable {
    private let resources: ServedResources
    private let metrics: MetricsRegistry
    private let openAPI: OpenAPIDocuments

    init(_ resources: ServedResources, _ metrics: MetricsRegistry) {
        self.resources = resources
        self.metrics = metrics
        openAPI = OpenAPIDocuments(resources, serverVersion: "v1.36.2+apus")
    }

    /// nil for another path.
    func respond(_ http: HTTPRequest) throws -> HTTPResponse? {
        switch http.path {
        case "/version", "/version/": return Self.page(Self.version)
        case "/metrics":
            return HTTPResponse(MetricsRegistry.contentType, metrics.exposition())
        case "/", "": return Self.page(paths)
        default: return openAPI.respond(http)
        }
    }

    private static func page(_ value: JSONValue) -> HTTPResponse {
        HTTPResponse("application/json", JSONWriter.bytes(value, .pretty))
    }

    static let version: JSONValue = [
        "major": "1", "minor": "36", "emulationMajor": "1", "emulationMinor": "36", "minCompatibilityMajor": "1",
        "minCompatibilityMinor": "35", "gitVersion": "v1.36.2+apus", "gitCommit": "", "gitTreeState": "clean",
        "buildDate": "1970-01-01T00:00:00Z", "goVersion": "", "compiler": "swiftc", "platform": "linux/amd64",
    ]

    private var paths: JSONValue {
        var paths: Set = [
            "/api", "/api/v1", "/apis", "/apis/", "/healthz", "/livez", "/metrics", "/openapi/v2", "/openapi/v3",
            "/readyz", "/version",
        ]
        for served in resources.snapshot.all where !served.definition.group.isEmpty {
            paths.insert("/apis/\(served.definition.group)")
            paths.insert("/apis/\(served.definition.apiVersion)")
        }
        return ["paths": .array(paths.sorted().map { .string($0) })]
    }
}
