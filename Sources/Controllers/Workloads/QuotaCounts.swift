import ControllerCore
import KubeAPI
import KubeClient

/// Metadata of the kinds that only `count/…` of some quota names, custom ones among them.
final class QuotaCounts: Sendable {
    private let client: KubeClient
    private let informers: InformerSet
    private let handler: Informer.Handler

    init(_ context: ControllerContext, _ handler: @escaping Informer.Handler) {
        client = context.client
        self.handler = handler
        informers = InformerSet(
            client: context.client, logger: context.logger, contents: .metadata, indexes: { Indexes.of($0) })
    }

    func run() async { await informers.run() }

    /// Those of the names that the server serves, each with its complete picture.
    func monitored(_ names: [String]) async throws(ClientError) -> [(APIKind, Informer)] {
        guard !names.isEmpty else { return [] }
        var found: [(APIKind, Informer)] = []
        for served in try await client.discover()
        where served.resource.isNamespaced && names.contains(ResourceQuotas.countName(served.resource))
            && Set(served.verbs).isSuperset(of: ["list", "watch"])
        {
            let isNew = informers.known(served.resource) == nil
            let informer = informers[served.resource]
            if isNew { informer.addHandler(handler) }
            await informer.waitUntilSynced()
            found.append((APIKind(served.kind, served.resource), informer))
        }
        return found
    }
}
