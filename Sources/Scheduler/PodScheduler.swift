import KubeAPI
import KubeClient
import KubeSchema
import Logging
import SchedulerCore

/// Schedules the pods of a cluster: the shell around `SchedulingMachine`. Knows the cluster from the API alone.
public actor PodScheduler {
    /// Bindings and other writes under way at most.
    private static let writeLimit = 64

    private let client: KubeClient
    private let writer: PodWriter
    private let recorders: [String: EventRecorder]
    private let metrics: SchedulerMetrics
    private let logger: Logger
    private var machine: SchedulingMachine
    /// Resources whose first picture is not complete.
    private var missing: Set<String> = []
    /// Open once every picture is complete.
    public nonisolated let knowsCluster = Latch()
    private var writes = 0
    /// When the timer that is set fires.
    private var alarm: Int64?
    private let origin = ContinuousClock.now
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation

    /// `seed` decides between equal nodes.
    public init(
        client: KubeClient, configuration: SchedulerConfiguration, metrics: SchedulerMetrics, seed: UInt64,
        logger: Logger
    ) {
        self.client = client
        self.metrics = metrics
        self.logger = logger
        machine = SchedulingMachine(configuration: configuration, seed: seed)
        let names = Set(configuration.profiles.map(\.schedulerName))
        recorders = Dictionary(
            uniqueKeysWithValues: names.map {
                ($0, EventRecorder(client: client, component: $0, logger: logger))
            })
        writer = PodWriter(client: client, recorders: recorders, logger: logger)
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Works until the task is cancelled.
    public func run() async {
        await withDiscardingTaskGroup { group in
            for recorder in recorders.values { group.addTask { await recorder.run() } }
            for watch in watches() { group.addTask { await watch() } }
            for await _ in signals {
                while missing.isEmpty, writes < Self.writeLimit, !Task.isCancelled, let (step, start) = decide() {
                    writes += 1
                    group.addTask { await self.perform(step, since: start) }
                    // Lets what was heard meanwhile in.
                    await Task.yield()
                }
                metrics.waiting(
                    machine.queue.counts, nodes: machine.cluster.nodeCount, pods: machine.cluster.podCount,
                    assumed: machine.assumedCount)
                if let deadline = machine.nextDeadline(), missing.isEmpty, deadline < alarm ?? .max {
                    alarm = deadline
                    group.addTask { await self.wake(at: deadline) }
                }
            }
        }
    }

    /// Nanoseconds since this was made.
    private var now: Int64 { (ContinuousClock.now - origin).nanoseconds }

    private func wake(at deadline: Int64) async {
        try? await Task.sleep(for: .nanoseconds(max(0, deadline - now)))
        if alarm == deadline { alarm = nil }
        signal.yield()
    }

    private func decide() -> (SchedulingMachine.Step, ContinuousClock.Instant)? {
        let start = ContinuousClock.now
        guard let step = machine.next(now: now) else { return nil }
        metrics.decided(.now - start)
        return (step, start)
    }

    // MARK: - What is done

    private func perform(_ step: SchedulingMachine.Step, since start: ContinuousClock.Instant) async {
        switch step {
        case .prepareVolumes(let binding): await prepareVolumes(binding, since: start)
        case .bind(let binding): await bind(binding, since: start)
        case .abandon(let binding, let reason):
            writer.tellOfVolumes(binding.pod, reason)
            metrics.attempted(binding.pod.schedulerName, .error, .now - start)
        case .wait(let refused):
            await writer.explain(refused)
            metrics.attempted(refused.pod.schedulerName, .unschedulable, .now - start)
            if let victims = refused.victims {
                metrics.preempted(victims.pods.count)
                if await !writer.evict(victims, for: refused.pod) {
                    machine.preemptionFailed(refused.pod, now: now)
                }
            }
        }
        writes -= 1
        signal.yield()
    }

    private func prepareVolumes(
        _ binding: SchedulingMachine.Binding, since start: ContinuousClock.Instant
    ) async {
        if await writer.prepareVolumes(binding) { return machine.volumesWritten(binding.pod) }
        machine.bindingFailed(binding.pod, now: now)
        metrics.attempted(binding.pod.schedulerName, .error, .now - start)
    }

    private func bind(_ binding: SchedulingMachine.Binding, since start: ContinuousClock.Instant) async {
        let began = ContinuousClock.now
        let isBound = await writer.bind(binding)
        let profile = binding.pod.schedulerName
        if isBound {
            machine.bound(binding.pod, now: now)
            metrics.bound(
                .now - began, attempts: binding.attempts + 1, sinceAdded: .nanoseconds(max(0, now - binding.added)))
        } else {
            machine.bindingFailed(binding.pod, now: now)
        }
        metrics.attempted(profile, isBound ? .scheduled : .error, .now - start)
    }

    // MARK: - What is heard

    private func watches() -> [@Sendable () async -> Void] {
        [
            watch(.pods, Pod.self) { machine, change, now in
                switch change {
                case .set(_, let pod): machine.set(pod, now: now)
                case .removed(let key): machine.removePod(key, now: now)
                default: break
                }
            },
            watch(.nodes, NodeDescription.self) { machine, change, now in
                switch change {
                case .set(_, let node): machine.set(node, now: now)
                case .removed(let key): machine.removeNode(key.name, now: now)
                default: break
                }
            },
            watch(.namespaces, NamespaceLabels.self) { machine, change, now in
                switch change {
                case .set(let key, let namespace):
                    machine.setNamespace(key.name, labels: namespace.labels, now: now)
                case .removed(let key): machine.setNamespace(key.name, labels: nil, now: now)
                default: break
                }
            },
            watch(.persistentVolumes, PersistentVolume.self) { machine, change, now in
                switch change {
                case .set(_, let volume): machine.set(volume, now: now)
                case .removed(let key): machine.removeVolume(key.name)
                default: break
                }
            },
            watch(.persistentVolumeClaims, PersistentVolumeClaim.self) { machine, change, now in
                switch change {
                case .set(_, let claim): machine.set(claim, now: now)
                case .removed(let key): machine.removeClaim(key)
                default: break
                }
            },
            watch(.storageClasses, StorageClass.self) { machine, change, now in
                switch change {
                case .set(_, let storageClass): machine.set(storageClass, now: now)
                case .removed(let key): machine.removeStorageClass(key.name)
                default: break
                }
            },
            watch(.csiNodes, VolumeLimits.self) { machine, change, now in
                switch change {
                case .set(let key, let limits): machine.set(limits, ofNode: key.name, now: now)
                case .removed(let key): machine.set(nil, ofNode: key.name, now: now)
                default: break
                }
            },
            watch(.podDisruptionBudgets, DisruptionBudget.self) { machine, change, now in
                switch change {
                case .set(_, let budget): machine.set(budget)
                case .removed(let key): machine.removeBudget(key)
                default: break
                }
            },
            watch(.services, ServiceSelector.self) { machine, change, _ in
                switch change {
                case .set(_, let service): machine.set(service)
                case .removed(let key): machine.removeService(key)
                default: break
                }
            },
        ] + PodController.Kind.allCases.map(watchControllers)
    }

    private func watchControllers(_ kind: PodController.Kind) -> @Sendable () async -> Void {
        watch(kind.resource, ControllerSelector.self) { machine, change, _ in
            switch change {
            case .set(_, let controller): machine.set(controller, of: kind)
            case .removed(let key): machine.removeController(key, of: kind)
            default: break
            }
        }
    }

    fileprivate typealias Application<Value: SchedulingInput> =
        @Sendable (inout SchedulingMachine, Picture<Value>.Change, Int64) -> Void

    private func watch<Value: SchedulingInput>(
        _ resource: GroupVersionResource, _ type: Value.Type, _ apply: @escaping Application<Value>
    ) -> @Sendable () async -> Void {
        missing.insert(resource.resource)
        let feed = Feed<Value>(resource: resource, scheduler: self, apply: apply)
        let reflector = Reflector<Watched<Value>>(
            client: client, selection: ResourceSelection(resource), logger: logger
        ) { await feed.take($0) }
        return { await reflector.run() }
    }

    fileprivate func apply<Value>(
        _ changes: [Picture<Value>.Change], of resource: GroupVersionResource, _ apply: Application<Value>
    ) {
        for change in changes {
            switch change {
            case .complete:
                if missing.remove(resource.resource) != nil, missing.isEmpty {
                    logger.info("knows the cluster")
                    knowsCluster.open()
                }
            case .unreadable(let key, let reason):
                logger.warning("cannot read \(resource.resource) \(key?.description ?? "?"): \(reason)")
            default: apply(&machine, change, now)
            }
        }
        signal.yield()
    }
}

/// Remembers one resource's picture on its way to the scheduler.
private actor Feed<Value: SchedulingInput> {
    private let resource: GroupVersionResource
    private let scheduler: PodScheduler
    private let apply: PodScheduler.Application<Value>
    private var picture = Picture<Value>()

    init(
        resource: GroupVersionResource, scheduler: PodScheduler,
        apply: @escaping PodScheduler.Application<Value>
    ) {
        self.resource = resource
        self.scheduler = scheduler
        self.apply = apply
    }

    func take(_ event: ReflectorEvent<Watched<Value>>) async {
        let changes = picture.changes(event)
        if !changes.isEmpty { await scheduler.apply(changes, of: resource, apply) }
    }
}

extension Duration {
    fileprivate var nanoseconds: Int64 { components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000 }
}

extension GroupVersionResource {
    static let pods = GroupVersionResource(resource: "pods")
    static let namespaces = GroupVersionResource(resource: "namespaces", isNamespaced: false)
    static let persistentVolumes = GroupVersionResource(resource: "persistentvolumes", isNamespaced: false)
    static let persistentVolumeClaims = GroupVersionResource(resource: "persistentvolumeclaims")
    static let storageClasses = GroupVersionResource(
        group: "storage.k8s.io", resource: "storageclasses", isNamespaced: false)
    static let csiNodes = GroupVersionResource(group: "storage.k8s.io", resource: "csinodes", isNamespaced: false)
    static let services = GroupVersionResource(resource: "services")
    static let podDisruptionBudgets = GroupVersionResource(group: "policy", resource: "poddisruptionbudgets")
}

extension PodController.Kind {
    var resource: GroupVersionResource {
        switch self {
        case .replicationController: GroupVersionResource(resource: "replicationcontrollers")
        case .replicaSet: GroupVersionResource(group: "apps", resource: "replicasets")
        case .statefulSet: GroupVersionResource(group: "apps", resource: "statefulsets")
        }
    }
}
