import KubeAPI

/// What an earlier agent left of a container: one life of it.
public struct AdoptedLife: Sendable, Hashable {
    public var container: String
    public var attempt: Int64
    public var instance: ContainerInstance
    public var imageID: String
    /// Nil while it runs.
    public var outcome: ContainerOutcome?

    public init(
        container: String, attempt: Int64, instance: ContainerInstance, imageID: String, outcome: ContainerOutcome?
    ) {
        self.container = container
        self.attempt = attempt
        self.instance = instance
        self.imageID = imageID
        self.outcome = outcome
    }
}

extension PodWorker {
    /// Takes up a pod; `sandboxID` is nil when its sandbox does not run any more. Lives that are neither the last nor the one before it are to be forgotten.
    ///
    /// What probes had found is taken from the pod's status, as far as it tells of the same life.
    public mutating func adopt(
        _ lives: [AdoptedLife], sandboxID: String?, addresses: [String], now: Int64
    ) -> [Directive] {
        if sandboxID != nil { (volumes, sandbox) = (.done, .done) }
        self.sandboxID = sandboxID
        self.addresses = addresses
        var directives: [Directive] = []
        for index in containers.indices {
            let name = containers[index].declaration.name
            let own = lives.filter { $0.container == name }.sorted { $0.attempt < $1.attempt }
            directives += own.dropLast(2).map { .forgetContainer(id: $0.instance.id) }
            guard let last = own.last else { continue }
            adopt(last, index)
            if let before = own.dropLast().last, let outcome = before.outcome {
                containers[index].previous = (before.instance, outcome)
            }
        }
        if declaration.startTime == nil, let first = lives.map(\.instance.startedAt).min() { startedAt = first }
        if sandboxID == nil, !isTerminating { renewInitialContainers(&directives) }
        return directives + handle(.timePassed, now: now)
    }

    private mutating func adopt(_ life: AdoptedLife, _ index: Int) {
        let container = containers[index].declaration
        containers[index].restarts = life.attempt
        containers[index].imageID = life.imageID
        var instance = life.instance
        let known = knownStatus(container, of: instance.id)
        // A hook that may have run is not run again.
        instance.isStarted = known?["started"]?.bool ?? (container.probe(.startup) == nil)
        let isReady = known?["ready"]?.bool ?? false
        instance.probes = ProbeKind.allCases.compactMap { kind in
            let passes: Bool? =
                switch kind {
                case .startup: instance.isStarted
                case .readiness: isReady
                case .liveness: nil
                }
            return container.probe(kind).map {
                ProbeState(kind, $0, startedAt: instance.startedAt, passes: passes)
            }
        }
        if let outcome = life.outcome {
            containers[index].phase = .ended(instance, outcome)
            containers[index].notBefore = outcome.finishedAt
        } else {
            containers[index].phase = .running(instance)
        }
    }

    private func knownStatus(_ container: ContainerDeclaration, of id: String) -> JSONValue? {
        let status = PodStatus.known(container, in: declaration)
        return status?["containerID"]?.string?.hasSuffix(id) == true ? status : nil
    }
}
