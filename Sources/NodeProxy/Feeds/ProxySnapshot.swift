import KubeAPI
import KubeClient
import Logging
import Manifests

/// Everything the proxy would follow, read once: for plans and explanations without a daemon.
public struct ProxySnapshot: Sendable {
    var inputs: [ProxyInput] = []
    /// What could not be used, each in a sentence.
    public private(set) var failures: [String] = []

    /// From a directory of manifests. Nodes other than `nodeName` are passed over.
    public init(manifests directory: String, nodeName: String, logger: Logger) throws {
        for event in try ManifestSource(directory: directory, logger: logger).load() {
            if case .failure(let failure) = event { failures.append("\(failure)") }
            if let input = ProxyInput(event, nodeName: nodeName) { inputs.append(input) }
        }
    }

    /// From an API server: one list of each kind.
    public init(
        _ access: APIAccess, _ configuration: KubeProxyConfiguration, nodeName: String, logger: Logger
    ) async throws {
        let client = try access.client(configuration, logger)
        do {
            try await take(client, .services, .service, ProxyInput.service)
            try await take(client, .endpointSlices, .endpointSlice, ProxyInput.endpointSlice)
            try await take(client, .node(nodeName), .node, ProxyInput.node)
            try await take(client, .serviceCIDRs, .serviceCIDR, ProxyInput.serviceCIDR)
        } catch {
            try? await client.shutdown()
            throw error
        }
        try? await client.shutdown()
    }

    private mutating func take<Object: KubeObject>(
        _ client: KubeClient, _ selection: ResourceSelection, _ kind: ObjectKind, _ input: (Object) -> ProxyInput
    ) async throws(ClientError) {
        let listing = try await client.list(selection, as: Object.self)
        inputs += listing.objects.map(input)
        failures += listing.malformed.map { "\(kind.objectKind) \($0.key.map { "\($0)" } ?? "unknown"): \($0.reason)" }
    }
}
