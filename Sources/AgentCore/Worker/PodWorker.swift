import KubeAPI

/// What a pod of this node does next, decided from what has happened. It acts on nothing itself: `handle` takes an event
/// and returns directives, whose answers are further events.
///
///     mount volumes ─▶ sandbox ─▶ initial containers, one after the other ─▶ main containers ─▶ ended
///                        ▲  (sidecars stay)                                       │ restart by policy, with back-off
///                        └────────────── the sandbox was lost ◀──────────────────┤
///     deletion, deadline, eviction ─▶ main containers end ─▶ sidecars in reverse ─▶ torn down ─▶ gone
///
/// Timers, in nanoseconds since 1970: restart back-off (10 s…5 min), pull back-off (the same), probes (their period), setup
/// retries (the same as restarts), activeDeadlineSeconds. `nextWake` is the earliest.
public struct PodWorker: ~Copyable {
    public enum Event: Sendable {
        /// The object has changed, or is being deleted.
        case declared(PodDeclaration)
        /// The object is gone, or the pod is not this node's any more.
        case removed
        /// It must go for a reason of the node's.
        case evicted(reason: String, message: String)
        /// It is not taken up: nothing of it starts.
        case rejected(PodRejection)
        case volumesMounted
        case setupFailed(reason: String, message: String)
        /// The addresses are empty for the machine's own network.
        case sandboxStarted(id: String, addresses: [String])
        case sandboxLost
        case imageReady(container: String, imageID: String)
        case imageFailed(container: String, reason: String, message: String)
        case containerStarted(container: String, ContainerInstance)
        case containerFailed(container: String, reason: String, message: String)
        /// It was made, but its command cannot be run: a life that ended as it began.
        case containerRefused(container: String, ContainerInstance, message: String)
        case containerEnded(container: String, id: String, ContainerOutcome)
        case postStartEnded(container: String, id: String, isGood: Bool, message: String)
        case probed(container: String, id: String, ProbeKind, isGood: Bool, message: String)
        case tornDown
        case tearDownFailed(message: String)
        case timePassed
    }

    public enum Directive: Sendable, Hashable {
        case mountVolumes
        case startSandbox
        case prepareImage(container: String)
        /// `attempt` counts from 0.
        case startContainer(container: String, attempt: Int64)
        case runPostStart(container: String, id: String)
        /// With the preStop hook and `grace` seconds; said again with less when there is less time.
        case stopContainer(container: String, id: String, grace: Int64)
        /// A life that nobody asks about any more: its log and files go.
        case forgetContainer(id: String)
        case probe(container: String, id: String, ProbeKind)
        /// Sandbox, network and volumes go.
        case tearDown
        case publish(PodEvent)
        /// Nothing of it is left on this node.
        case finished
    }

    public struct PodEvent: Sendable, Hashable {
        public var isWarning: Bool
        public var reason: String
        public var message: String

        /// One that is no warning.
        public init(_ reason: String, _ message: String) {
            self.init(isWarning: false, reason: reason, message: message)
        }

        init(isWarning: Bool, reason: String, message: String) {
            self.isWarning = isWarning
            self.reason = reason
            self.message = message
        }
    }

    enum Setup: Sendable, Hashable {
        case none, underWay, done
    }

    enum Ending: Sendable, Hashable {
        case tearingDown, tornDown
    }

    public internal(set) var declaration: PodDeclaration
    var containers: [ContainerProgress]
    var volumes = Setup.none
    var sandbox = Setup.none
    public internal(set) var sandboxID: String?
    public internal(set) var addresses: [String] = []
    var setupBackoff = RestartBackoff()
    var setupNotBefore: Int64 = 0
    var setupFailure: (reason: String, message: String)?
    /// When it must have ended; set once it is to end.
    var deadline: Int64?
    var isRemoved = false
    var isFinished = false
    var ending: Ending?
    var endingNotBefore: Int64 = 0
    /// Why it failed as a whole: `DeadlineExceeded`, `Evicted`.
    var failure: (reason: String, message: String)?
    var isRejected = false
    /// Its last phase, once the object says so: whatever is left of it, nothing of it runs again.
    var verdict: PodStatus.Phase?
    /// Nanoseconds since 1970.
    var startedAt: Int64
    /// What was said last.
    var reported: JSONValue?

    /// - Parameter now: nanoseconds since 1970; its start, unless its status tells of an earlier one.
    public init(_ declaration: PodDeclaration, now: Int64) {
        self.declaration = declaration
        startedAt = declaration.startTime ?? now
        let isInitial = declaration.containers(.initial).isEmpty == false
        containers = declaration.containers.map {
            ContainerProgress($0, phase: .waiting(reason: Self.firstReason($0, isInitial), message: ""))
        }
        noteVerdict()
    }

    mutating func noteVerdict() {
        guard verdict == nil, declaration.isTerminal else { return }
        let status = declaration.object.status
        verdict = status?["phase"]?.string.flatMap(PodStatus.Phase.init)
        if failure == nil, let reason = status?["reason"]?.string {
            failure = (reason, status?["message"]?.string ?? "")
        }
    }

    static func firstReason(_ container: ContainerDeclaration, _ hasInitial: Bool) -> String {
        hasInitial ? "PodInitializing" : "ContainerCreating"
    }

    func index(_ name: String) -> Int? { containers.firstIndex { $0.declaration.name == name } }

    /// Takes in what happened and says what is to be done now.
    public mutating func handle(_ event: Event, now: Int64) -> [Directive] {
        var directives: [Directive] = []
        note(event, now, &directives)
        decide(now, &directives)
        return directives
    }

    /// When something is due though nothing happens; nil for never.
    public borrowing func nextWake(now: Int64) -> Int64? {
        var times: [Int64] = []
        if isTerminating {
            if ending == nil, endingNotBefore > now { times.append(endingNotBefore) }
            return times.min()
        }
        if setupNotBefore > now, sandbox != .underWay, volumes != .underWay { times.append(setupNotBefore) }
        if let end = activeEnd { times.append(end) }
        for container in containers {
            if case .waiting = container.phase, container.notBefore > now { times.append(container.notBefore) }
            if case .ended = container.phase, container.notBefore > now { times.append(container.notBefore) }
            guard let instance = container.instance, !instance.isStopping else { continue }
            times += instance.probes.filter { isActive($0, instance) && !$0.isUnderWay }.map(\.next)
        }
        return times.min()
    }

    var activeEnd: Int64? {
        declaration.activeDeadline.map { startedAt &+ min(max($0, 0), 1_000_000_000) &* Seconds.one }
    }

    /// Startup comes before the others, and ends with its first success.
    func isActive(_ probe: ProbeState, _ instance: ContainerInstance) -> Bool {
        if instance.isHookPending { return false }
        return probe.kind == .startup ? !probe.passes : instance.passes(.startup)
    }

    public var isTerminating: Bool { deadline != nil || isRemoved || failure != nil || verdict != nil || hasCompleted }

    /// It takes nothing of the node any more.
    public var isOver: Bool { ending == .tornDown || phase.isTerminal }

    /// All main containers have ended for good, or an initial one failed for good.
    var hasCompleted: Bool {
        if containers.contains(where: { $0.declaration.role == .initial && hasFailedForGood($0) }) { return true }
        let main = containers.filter { $0.declaration.role == .main }
        return !main.isEmpty && main.allSatisfy { $0.outcome != nil && !restarts($0) }
    }

    private func hasFailedForGood(_ container: ContainerProgress) -> Bool {
        guard let outcome = container.outcome, !container.declaration.isSidecar else { return false }
        return outcome.exitCode != 0 && !restarts(container)
    }

    /// What the policy says of a container that has ended: its own rules, its own policy, the pod's.
    func restarts(_ container: ContainerProgress) -> Bool {
        guard let outcome = container.outcome, container.declaration.role != .ephemeral else { return false }
        if container.declaration.isSidecar || container.declaration.rulesRestart(outcome.exitCode) { return true }
        switch container.declaration.restartPolicy ?? declaration.restartPolicy {
        case .always: return container.declaration.role == .main || outcome.exitCode != 0
        case .onFailure: return outcome.exitCode != 0
        case .never: return false
        }
    }
}
