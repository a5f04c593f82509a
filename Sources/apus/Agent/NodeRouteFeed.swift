import CNI
import KubeAPI
import KubeClient
import Logging
import PodNetwork

/// Tells a keeper of routes what the API's Nodes say. Heartbeats and other news of nodes cost nothing: only pod CIDRs and
/// addresses count.
struct NodeRouteFeed: Sendable {
    private let nodeName: String
    private let informer: Informer
    private let keeper: NodeRouteKeeper
    private let logger: Logger

    /// - Parameter host: the namespace whose routes are meant; nil is this process' own.
    init(nodeName: String, client: KubeClient, host: HostNamespace? = nil, logger: Logger) {
        self.nodeName = nodeName
        self.logger = logger
        informer = Informer(.nodes, client: client, transform: Self.relevant, logger: logger)
        keeper = NodeRouteKeeper(host: host) { event in
            switch event {
            case .done(let change): logger.info("\(change)")
            case .failed(let change, let reason):
                logger.warning("route not set", metadata: ["route": "\(change)", "error": "\(reason)"])
            case .problem(let sentence): logger.warning("\(sentence)")
            }
        }
    }

    /// Works until the task is cancelled.
    func run() async {
        // However many change at once, they are looked at together.
        let (changes, changed) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        informer.addHandler { change in
            if change.old.flatMap(Self.peer) != change.new.flatMap(Self.peer) { changed.yield() }
        }
        await withDiscardingTaskGroup { group in
            group.addTask { await informer.run() }
            group.addTask {
                do { try await keeper.run() } catch {
                    logger.error("routes to other nodes' pods are not kept", metadata: ["error": "\(error)"])
                }
            }
            group.addTask {
                await informer.waitUntilSynced()
                for await _ in changes { update() }
            }
        }
    }

    private func update() {
        let nodes = informer.objects.compactMap(Self.peer)
        keeper.update(
            peers: nodes.filter { $0.name != nodeName },
            own: nodes.first { $0.name == nodeName }?.podCIDRs ?? [])
    }

    private static func peer(_ object: APIObject) -> NodeRoutes.Peer? {
        (try? Node(json: object.json)).map { NodeRoutes.Peer($0) }
    }

    /// Of thousands of nodes little else is kept.
    private static func relevant(_ node: APIObject) -> APIObject {
        var json = node.json
        json[path: "status"] = ["addresses": node.status?["addresses"] ?? []]
        for name in ["annotations", "labels", "managedFields"] { json[path: "metadata", name] = nil }
        return APIObject(node, json: json)
    }
}
