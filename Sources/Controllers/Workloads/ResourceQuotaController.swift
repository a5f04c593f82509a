import ControllerCore
import KubeAPI
import KubeClient

/// Keeps what ResourceQuotas say is used.
public struct ResourceQuotaController: Controller {
    public static let name = "resourcequota-controller"
    /// Objects that come are charged by the API server at once; those that go are counted soon.
    private static let delay = Duration.milliseconds(200)
    /// Counted anew even if nothing happens, as upstream.
    private static let resync = Duration.seconds(300)
    private let loop: ObjectLoop
    private let counts: QuotaCounts

    public init(_ context: ControllerContext) {
        let loop = ObjectLoop(Self.name, .resourceQuota, context, watches: false)
        self.loop = loop
        // What the API server charges changes the status alone.
        loop.also(.resourceQuota) { $0.old?.spec == $0.new?.spec ? [] : [$0.object.key] }
        let gone: @Sendable (Informer.Change) -> Void = { change in
            let hasEnded = change.new.map { $0.hasFinished && change.old?.hasFinished == false } ?? true
            guard hasEnded || change.old == nil else { return }
            for quota in context[.resourceQuota].objects(Indexes.namespace, change.object.namespace) {
                loop.queue.add(quota.key, after: Self.delay)
            }
        }
        for kind in ResourceQuotas.kinds where kind != .resourceQuota { context[kind].addHandler(gone) }
        counts = QuotaCounts(context, gone)
    }

    public func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await counts.run() }
            group.addTask {
                await loop.decide { quota in
                    var decision = try await decide(quota)
                    decision.look(after: Self.resync)
                    return decision
                }
            }
        }
    }

    /// An object and its charge come by two watches, and which is heard of first is chance. So what is known here only
    /// tells whether there is something to write; what is written is counted in lists that are newer than the quota they
    /// are written to, and a charge in between makes the write fail.
    private func decide(_ quota: APIObject) async throws -> Decision {
        let context = loop.context
        let others = try await counts.monitored(ResourceQuotas.otherCounts(quota))
        let known = ResourceQuotas.limitedKinds(quota).map { ($0, context[$0]) } + others
        let guess = ResourceQuotas.decide(
            quota,
            counted: known.map { .init($0, $1.objects(Indexes.namespace, quota.namespace)) })
        guard !guess.actions.isEmpty else { return guess }
        guard let live = try await context.live(.resourceQuota, quota.key) else { return Decision() }
        var counted: [ResourceQuotas.Counted] = []
        for (kind, _) in known {
            let selection = ResourceSelection(kind.resource, namespace: quota.namespace)
            counted.append(.init(kind, try await context.client.list(selection, as: APIObject.self).objects))
        }
        return ResourceQuotas.decide(live, counted: counted)
    }
}
