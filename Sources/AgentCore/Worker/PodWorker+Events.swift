// What an event changes in a worker's picture.
extension PodWorker {
    mutating func note(_ event: Event, _ now: Int64, _ directives: inout [Directive]) {
        switch event {
        case .declared(let declaration): declared(declaration, now)
        case .removed:
            isRemoved = true
            hasten(to: now &+ declaration.terminationGrace * Seconds.one)
        case .evicted(let reason, let message):
            if failure == nil {
                failure = (reason, message)
                warn(reason, message, &directives)
            }
            // Hard eviction leaves no grace worth the name; soft eviction gives its own.
            hasten(to: now &+ min(declaration.terminationGrace, 10) * Seconds.one)
        case .rejected(let rejection):
            isRejected = true
            failure = (rejection.reason, "Pod was rejected: \(rejection.message)")
            warn(rejection.reason, rejection.message, &directives)
        case .volumesMounted:
            volumes = .done
            setupFailure = nil
        case .setupFailed(let reason, let message): setupFailed(reason, message, now, &directives)
        case .sandboxStarted(let id, let addresses):
            sandbox = .done
            sandboxID = id
            self.addresses = addresses
            setupFailure = nil
            setupBackoff = RestartBackoff()
        case .sandboxLost: sandboxLost(&directives)
        case .tornDown: ending = .tornDown
        case .tearDownFailed(let message):
            ending = nil
            setupBackoff.attempt(lasted: 0)
            endingNotBefore = setupBackoff.next(after: now)
            warn("FailedKillPod", "error killing pod: \(message)", &directives)
        case .timePassed: break
        default: noteContainer(event, now, &directives)
        }
    }

    private mutating func noteContainer(_ event: Event, _ now: Int64, _ directives: inout [Directive]) {
        switch event {
        case .imageReady(let name, let imageID): imageReady(name, imageID)
        case .imageFailed(let name, let reason, let message):
            imageFailed(name, reason, message, now, &directives)
        case .containerStarted(let name, let instance): started(name, instance, &directives)
        case .containerFailed(let name, let reason, let message):
            startFailed(name, reason, message, now, &directives)
        case .containerRefused(let name, let instance, let message):
            startRefused(name, instance, message, now, &directives)
        case .containerEnded(let name, let id, let outcome): ended(name, id, outcome, now, &directives)
        case .postStartEnded(let name, let id, let isGood, let message):
            hookEnded(name, id, isGood ? nil : message, now, &directives)
        case .probed(let name, let id, let kind, let isGood, let message):
            probed(Probed(name: name, id: id, kind: kind, isGood: isGood, message: message), now, &directives)
        default: break
        }
    }

    private mutating func declared(_ new: PodDeclaration, _ now: Int64) {
        declaration = new
        noteVerdict()
        for container in new.containers {
            if let index = index(container.name) {
                containers[index].declaration = container
            } else if container.role == .ephemeral {
                containers.append(
                    ContainerProgress(container, phase: .waiting(reason: "ContainerCreating", message: "")))
            }
        }
        if let grace = new.deletionGrace { hasten(to: now &+ min(max(grace, 0), 1_000_000) * Seconds.one) }
    }

    /// Less time than before counts, more does not.
    private mutating func hasten(to time: Int64) { deadline = min(deadline ?? .max, time) }

    private mutating func setupFailed(
        _ reason: String, _ message: String, _ now: Int64, _ directives: inout [Directive]
    ) {
        if volumes == .underWay { volumes = .none } else { sandbox = .none }
        setupBackoff.attempt(lasted: 0)
        // Much of what fails first is there a moment later.
        setupNotBefore = now &+ min(setupBackoff.delay / 5, 30 * Seconds.one)
        setupFailure = (reason, message)
        warn(reason, message, &directives)
    }

    /// Everything in it is lost with it; all starts anew.
    private mutating func sandboxLost(_ directives: inout [Directive]) {
        guard sandbox == .done, !isTerminating else { return }
        sandbox = .none
        sandboxID = nil
        addresses = []
        inform("SandboxChanged", "Pod sandbox changed, it will be killed and re-created.", &directives)
        renewInitialContainers(&directives)
    }

    /// What they did to the pod's network and its volumes in memory is gone with its sandbox.
    mutating func renewInitialContainers(_ directives: inout [Directive]) {
        for index in containers.indices where containers[index].declaration.role == .initial {
            guard case .ended(let instance, let outcome) = containers[index].phase else { continue }
            if let old = containers[index].previous?.0.id { directives.append(.forgetContainer(id: old)) }
            containers[index].previous = (instance, outcome)
            containers[index].restarts += 1
            containers[index].phase = .waiting(reason: "PodInitializing", message: "")
        }
    }

    // MARK: - Start

    private mutating func imageReady(_ name: String, _ imageID: String) {
        guard let index = index(name), containers[index].phase == .preparingImage else { return }
        containers[index].imageID = imageID
        containers[index].pullBackoff = RestartBackoff()
        containers[index].phase = .waiting(reason: "ContainerCreating", message: "")
    }

    private mutating func imageFailed(
        _ name: String, _ reason: String, _ message: String, _ now: Int64, _ directives: inout [Directive]
    ) {
        guard let index = index(name), containers[index].phase == .preparingImage else { return }
        containers[index].pullBackoff.attempt(lasted: 0)
        containers[index].notBefore = containers[index].pullBackoff.next(after: now)
        containers[index].phase = .waiting(reason: reason, message: message)
        warn("Failed", "Failed to pull image \"\(containers[index].declaration.image)\": \(message)", &directives)
    }

    private mutating func started(_ name: String, _ instance: ContainerInstance, _ directives: inout [Directive]) {
        guard let index = index(name), containers[index].phase == .starting else { return }
        let declaration = containers[index].declaration
        var instance = instance
        instance.probes = ProbeKind.allCases.compactMap { kind in
            declaration.probe(kind).map { ProbeState(kind, $0, startedAt: instance.startedAt) }
        }
        instance.isHookPending = declaration.postStart != nil
        instance.isStarted = !instance.isHookPending && declaration.probe(.startup) == nil
        containers[index].phase = .running(instance)
        containers[index].trouble = nil
        inform("Started", "Started container \(name)", &directives)
        if instance.isHookPending { directives.append(.runPostStart(container: name, id: instance.id)) }
    }

    private mutating func startFailed(
        _ name: String, _ reason: String, _ message: String, _ now: Int64, _ directives: inout [Directive]
    ) {
        guard let index = index(name), containers[index].phase == .starting else { return }
        containers[index].backoff.attempt(lasted: 0)
        containers[index].notBefore = containers[index].backoff.next(after: now)
        containers[index].phase = .waiting(reason: reason, message: message)
        warn("Failed", "Error: \(message)", &directives)
    }

    /// As containerd has it: exit code 128, and what follows is the restart policy's.
    private mutating func startRefused(
        _ name: String, _ instance: ContainerInstance, _ message: String, _ now: Int64,
        _ directives: inout [Directive]
    ) {
        guard let index = index(name), containers[index].phase == .starting else { return }
        warn("Failed", "Error: \(message)", &directives)
        containers[index].phase = .running(instance)
        containers[index].trouble = nil
        let outcome = ContainerOutcome(exitCode: 128, reason: "StartError", message: message, finishedAt: now)
        ended(name, instance.id, outcome, now, &directives)
    }

    private mutating func hookEnded(
        _ name: String, _ id: String, _ failure: String?, _ now: Int64, _ directives: inout [Directive]
    ) {
        guard let index = index(name), var instance = containers[index].instance, instance.id == id else { return }
        instance.isHookPending = false
        instance.isStarted = failure == nil && containers[index].declaration.probe(.startup) == nil
        containers[index].instance = instance
        guard let failure else { return }
        warn("FailedPostStartHook", "PostStartHook failed: \(failure)", &directives)
        stop(index, grace: declaration.terminationGrace, now: now, &directives)
    }

    // MARK: - End

    private mutating func ended(
        _ name: String, _ id: String, _ outcome: ContainerOutcome, _ now: Int64, _ directives: inout [Directive]
    ) {
        guard let index = index(name), let instance = containers[index].instance, instance.id == id else { return }
        if let old = containers[index].previous?.0.id { directives.append(.forgetContainer(id: old)) }
        containers[index].previous = nil
        containers[index].phase = .ended(instance, outcome)
        containers[index].notBefore = containers[index].backoff.next(after: outcome.finishedAt)
        if outcome.finishedAt &- instance.startedAt > 2 * RestartBackoff.longest {
            containers[index].notBefore = outcome.finishedAt
        }
        guard !isTerminating, restarts(containers[index]), containers[index].notBefore > now else { return }
        warn("BackOff", "Back-off restarting failed container \(name) in pod \(fullName)", &directives)
    }

    /// As kubelet's messages name a pod.
    var fullName: String { "\(declaration.object.name)_\(declaration.object.namespace)(\(declaration.uid))" }

    /// Asks it to stop within `grace` seconds; again only when that is sooner than it was told.
    mutating func stop(_ index: Int, grace: Int64, now: Int64, _ directives: inout [Directive]) {
        guard var instance = containers[index].instance else { return }
        let by = now &+ grace * Seconds.one
        if let told = instance.stopBy, by > told &- Seconds.one { return }
        let name = containers[index].declaration.name
        if !instance.isStopping { inform("Killing", "Stopping container \(name)", &directives) }
        instance.stopBy = by
        containers[index].instance = instance
        directives.append(.stopContainer(container: name, id: instance.id, grace: grace))
    }

    // MARK: - Probes

    private struct Probed {
        let name: String
        let id: String
        let kind: ProbeKind
        let isGood: Bool
        let message: String
    }

    private mutating func probed(_ result: Probed, _ now: Int64, _ directives: inout [Directive]) {
        guard let index = index(result.name), var instance = containers[index].instance, instance.id == result.id,
            let place = instance.probes.firstIndex(where: { $0.kind == result.kind })
        else { return }
        let hasChanged = instance.probes[place].note(result.isGood, now: now)
        if result.kind == .startup, instance.probes[place].passes { instance.isStarted = true }
        let probe = instance.probes[place].declaration
        containers[index].instance = instance
        if !result.isGood {
            let word = result.kind.rawValue.prefix(1).uppercased() + result.kind.rawValue.dropFirst()
            warn("Unhealthy", "\(word) probe failed: \(result.message)", &directives)
        }
        guard hasChanged, !result.isGood, result.kind != .readiness, !instance.isStopping else { return }
        inform(
            "Killing", "Container \(result.name) failed \(result.kind.rawValue) probe, will be restarted", &directives)
        stop(index, grace: probe.terminationGrace ?? declaration.terminationGrace, now: now, &directives)
    }

    // MARK: - Words

    func warn(_ reason: String, _ message: String, _ directives: inout [Directive]) {
        directives.append(.publish(PodEvent(isWarning: true, reason: reason, message: message)))
    }

    func inform(_ reason: String, _ message: String, _ directives: inout [Directive]) {
        directives.append(.publish(PodEvent(isWarning: false, reason: reason, message: message)))
    }
}
