import ControlLoops
import ControllerCore
import KubeAPI
import KubeClient
import Logging
import Synchronization

/// Deletes what has lost its owners, over every kind that the server serves, custom ones included.
public struct GarbageCollector: Controller {
    public static let name = "garbage-collector-controller"
    private let collection: Collection

    public init(_ context: ControllerContext) { collection = Collection(context) }

    public func run() async { await collection.run() }
}

private final class Collection: Sendable {
    private struct State {
        var graph = OwnershipGraph()
        /// uids of owners that are not there, so that each is asked for once.
        var absences = RecentSet<String>(capacity: 2048)
        var served: [DiscoveredResource] = []
    }

    private static let discoveryInterval = Duration.seconds(30)
    private static let definitions = GroupVersionResource(
        group: "apiextensions.k8s.io", resource: "customresourcedefinitions", isNamespaced: false)

    private let context: ControllerContext
    private let queue: WorkLoop<String>
    private let recorder: EventRecorder
    private let state = Mutex(State())
    private let synced = Latch()
    private let rediscovery: AsyncStream<Void>
    private let rediscover: AsyncStream<Void>.Continuation

    init(_ context: ControllerContext) {
        self.context = context
        queue = context.queue(GarbageCollector.name)
        recorder = EventRecorder(client: context.client, component: GarbageCollector.name, logger: context.logger)
        (rediscovery, rediscover) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        context.informers[Self.definitions].addHandler { [rediscover] _ in rediscover.yield() }
    }

    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.follow() }
            group.addTask { await self.recorder.run() }
            group.addTask {
                // Before the picture is whole an owner could seem absent; it would be asked for, but all of them would.
                await self.synced.wait()
                await self.queue.run(workers: 20) { try await self.work($0) }
            }
            group.addTask {
                while !Task.isCancelled {
                    try? await Task.sleep(for: Self.discoveryInterval)
                    self.rediscover.yield()
                }
            }
        }
    }

    // MARK: - Watching everything

    /// One informer per resource, as long as it is served: that of other controllers where they have one, otherwise one
    /// of metadata alone.
    private func follow() async {
        var shared: [GroupVersionResource: Informer] = [:]
        var running: [GroupVersionResource: (informer: Informer, task: Task<Void, Never>)] = [:]
        defer { for (_, entry) in running { entry.task.cancel() } }
        rediscover.yield()
        for await _ in rediscovery {
            let found: [DiscoveredResource]
            do {
                found = try await context.client.discover()
            } catch {
                context.logger.warning("discovery failed", metadata: ["error": "\(error)"])
                try? await Task.sleep(for: .seconds(1))
                rediscover.yield()
                continue
            }
            state.withLock { $0.served = found }
            let wanted = found.filter {
                Set($0.verbs).isSuperset(of: ["list", "watch", "delete"]) && !Self.isLeftOut($0)
            }
            for resource in wanted where running[resource.resource] == nil && shared[resource.resource] == nil {
                if let known = context.informers.known(resource.resource) {
                    observe(known, resource)
                    shared[resource.resource] = known
                } else {
                    let informer = Informer(
                        resource.resource, client: context.client, contents: .metadata, logger: context.logger)
                    observe(informer, resource)
                    running[resource.resource] = (informer, Task { await informer.run() })
                }
            }
            let served = Set(wanted.map(\.resource))
            for (resource, entry) in running where !served.contains(resource) {
                entry.task.cancel()
                running[resource] = nil
                for object in entry.informer.objects { removed(object) }
            }
            for informer in Array(shared.values) + running.values.map(\.informer) { await informer.waitUntilSynced() }
            synced.open()
        }
    }

    /// Events own nothing and are owned by nobody.
    private static func isLeftOut(_ resource: DiscoveredResource) -> Bool { resource.resource.resource == "events" }

    private func observe(_ informer: Informer, _ resource: DiscoveredResource) {
        let kind = APIKind(resource.kind, resource.resource)
        informer.addHandler { [weak self] change in
            guard let self else { return }
            switch change {
            case .added(let object), .updated(_, let object):
                enqueue(state.withLock { $0.graph.observe(kind, object) })
            case .deleted(let object): removed(object)
            }
        }
    }

    private func removed(_ object: APIObject) {
        let due = state.withLock { state in
            state.absences.insert(object.uid)
            return state.graph.remove(object.uid)
        }
        enqueue(due)
    }

    private func enqueue(_ uids: Set<String>) { for uid in uids { queue.add(uid) } }

    // MARK: - Judging

    private func work(_ uid: String) async throws -> Duration? {
        for _ in 0..<2 {
            switch state.withLock({ state in state.graph.judge(uid) { state.absences.contains($0) } }) {
            case .nothing: return nil
            case .write(let writes):
                for write in writes { try await perform(write) }
                return nil
            case .ask(let questions):
                for misplaced in state.withLock({ $0.graph.misplacements(uid) }) {
                    recorder.report(
                        EventReport(
                            severity: .warning, reason: "OwnerRefInvalidNamespace", action: "", note: misplaced.note,
                            regarding: misplaced.dependent))
                }
                for question in questions {
                    guard try await ask(question) else { return nil }
                }
            }
        }
        // The owner is there, but its event has not come.
        return .seconds(1)
    }

    private func perform(_ write: Write) async throws(ClientError) {
        do {
            try await context.write(write)
        } catch  where error.isNotFound {
            // Gone already.
        }
    }

    /// False when nobody can tell: a cluster-scoped object cannot have an owner in a namespace, and stays.
    private func ask(_ question: OwnershipGraph.Question) async throws -> Bool {
        let owner = question.owner
        let group = owner.apiVersion.split(separator: "/").count == 2 ? owner.apiVersion.prefix { $0 != "/" } : ""
        let served = state.withLock { $0.served }.first { $0.kind == owner.kind && $0.resource.group == group }
        guard let served else {
            throw Unfinished(description: "no resource is known for the owner \(owner.apiVersion) \(owner.kind)")
        }
        let isNamespaced = served.resource.isNamespaced
        guard !isNamespaced || !question.namespace.isEmpty else { return false }
        let key = NamespacedName(namespace: isNamespaced ? question.namespace : "", name: owner.name)
        if try await isAbsent(served.resource, key, uid: owner.uid) {
            state.withLock { $0.absences.insert(owner.uid) }
        }
        return true
    }

    private func isAbsent(
        _ resource: GroupVersionResource, _ key: NamespacedName, uid: String
    ) async throws(ClientError) -> Bool {
        do {
            return try await context.client.get(resource, key).uid != uid
        } catch {
            guard error.isNotFound else { throw error }
            return true
        }
    }
}
