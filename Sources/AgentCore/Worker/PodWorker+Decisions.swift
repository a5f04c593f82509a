// What is to be done, given a worker's picture. Every step checks that it is not under way already, so deciding again
// without news says nothing.
extension PodWorker {
    mutating func decide(_ now: Int64, _ directives: inout [Directive]) {
        guard !isFinished else { return }
        if let end = activeEnd, now >= end, !isTerminating {
            failure = ("DeadlineExceeded", "Pod was active on the node longer than the specified deadline")
            deadline = now &+ declaration.terminationGrace * Seconds.one
            inform("DeadlineExceeded", "Pod was active on the node longer than the specified deadline", &directives)
        }
        if isTerminating { return end(now, &directives) }
        guard volumes == .done else {
            if volumes == .none, now >= setupNotBefore {
                volumes = .underWay
                directives.append(.mountVolumes)
            }
            return
        }
        guard sandbox == .done else { return startSandbox(now, &directives) }
        startContainers(now, &directives)
        startProbes(now, &directives)
    }

    private mutating func startSandbox(_ now: Int64, _ directives: inout [Directive]) {
        // What ran in the lost one ends first.
        for index in containers.indices where containers[index].instance != nil {
            stop(index, grace: 0, now: now, &directives)
        }
        let isFree = containers.allSatisfy { $0.instance == nil && !$0.isBusy }
        guard sandbox == .none, isFree, now >= setupNotBefore else { return }
        sandbox = .underWay
        directives.append(.startSandbox)
    }

    // MARK: - Containers

    private mutating func startContainers(_ now: Int64, _ directives: inout [Directive]) {
        var mayGoOn = true
        for index in containers.indices where containers[index].declaration.role == .initial && mayGoOn {
            start(index, now, &directives)
            mayGoOn = isPast(containers[index])
        }
        for index in containers.indices where containers[index].declaration.role == .ephemeral {
            start(index, now, &directives)
        }
        guard mayGoOn else { return }
        for index in containers.indices where containers[index].declaration.role == .main {
            start(index, now, &directives)
        }
    }

    /// Whether what follows an initial container may start: a sidecar has started, another has succeeded.
    private func isPast(_ container: ContainerProgress) -> Bool {
        if container.declaration.isSidecar {
            // One that started once and is being restarted holds nothing up.
            return container.instance?.isStarted ?? (container.lastOutcome != nil && container.restarts > 0)
        }
        return container.outcome?.exitCode == 0
    }

    private mutating func start(_ index: Int, _ now: Int64, _ directives: inout [Directive]) {
        let container = containers[index]
        let name = container.declaration.name
        switch container.phase {
        case .preparingImage, .starting, .running: return
        case .ended(let instance, let outcome):
            guard restarts(container) else { return }
            guard now >= container.notBefore else { return }
            containers[index].backoff.attempt(lasted: outcome.finishedAt &- instance.startedAt)
            containers[index].previous = (instance, outcome)
            containers[index].restarts += 1
            prepare(index, name, &directives)
        case .waiting(let reason, _):
            guard now >= container.notBefore else {
                if reason == "ErrImagePull" { saysPullBackoff(index, &directives) }
                return
            }
            // Its image has just been found.
            guard reason == "ContainerCreating", !container.imageID.isEmpty else {
                return prepare(index, name, &directives)
            }
            containers[index].phase = .starting
            directives.append(.startContainer(container: name, attempt: container.restarts))
        }
    }

    private mutating func prepare(_ index: Int, _ name: String, _ directives: inout [Directive]) {
        if case .waiting(let reason, let message) = containers[index].phase,
            !["ContainerCreating", "PodInitializing"].contains(reason)
        {
            containers[index].trouble = .init(reason: reason, message: message)
        }
        containers[index].imageID = ""
        containers[index].phase = .preparingImage
        directives.append(.prepareImage(container: name))
    }

    private mutating func saysPullBackoff(_ index: Int, _ directives: inout [Directive]) {
        guard case .waiting(_, let message) = containers[index].phase else { return }
        let image = containers[index].declaration.image
        containers[index].phase = .waiting(
            reason: "ImagePullBackOff", message: "Back-off pulling image \"\(image)\": ErrImagePull: \(message)")
        inform("BackOff", "Back-off pulling image \"\(image)\"", &directives)
    }

    private mutating func startProbes(_ now: Int64, _ directives: inout [Directive]) {
        for index in containers.indices {
            guard var instance = containers[index].instance, !instance.isStopping else { continue }
            for place in instance.probes.indices
            where isActive(instance.probes[place], instance) && instance.probes[place].isDue(now) {
                instance.probes[place].begin()
                directives.append(
                    .probe(
                        container: containers[index].declaration.name, id: instance.id,
                        instance.probes[place].kind))
            }
            containers[index].instance = instance
        }
    }

    // MARK: - The end

    private mutating func end(_ now: Int64, _ directives: inout [Directive]) {
        let left = deadline.map { max(0, $0 &- now) / Seconds.one } ?? declaration.terminationGrace
        let hasMain = containers.contains { !$0.declaration.isSidecar && ($0.instance != nil || $0.isBusy) }
        // Main ones first, all at once; then sidecars, the last started first.
        for index in containers.indices.reversed() {
            let isSidecar = containers[index].declaration.isSidecar
            if isSidecar && hasMain { continue }
            stop(index, grace: left, now: now, &directives)
            if isSidecar, containers[index].instance != nil { break }
        }
        let isQuiet = containers.allSatisfy { $0.instance == nil && !$0.isBusy }
        guard isQuiet, sandbox != .underWay, volumes != .underWay else { return }
        switch ending {
        case nil where now >= endingNotBefore:
            ending = .tearingDown
            directives.append(.tearDown)
        case .tornDown where isRemoved || declaration.object.isBeingDeleted:
            isFinished = true
            directives.append(.finished)
        default: break
        }
    }
}
