/// One container of a pod: where it is, and how it got there.
struct ContainerProgress: Sendable, Hashable {
    enum Phase: Sendable, Hashable {
        /// Nothing is under way; the reason is for people.
        case waiting(reason: String, message: String)
        case preparingImage
        case starting
        case running(ContainerInstance)
        case ended(ContainerInstance, ContainerOutcome)
    }

    var declaration: ContainerDeclaration
    var phase: Phase
    /// The life before the one that `phase` tells of.
    var previous: (ContainerInstance, ContainerOutcome)? {
        get { previousLife.map { ($0.instance, $0.outcome) } }
        set { previousLife = newValue.map { Life(instance: $0.0, outcome: $0.1) } }
    }
    private var previousLife: Life?
    /// Why it could not be started last; known until it starts.
    var trouble: Trouble?
    var restarts: Int64 = 0
    var backoff = RestartBackoff()
    /// No attempt before; nanoseconds.
    var notBefore: Int64 = 0
    /// Of pulling its image.
    var pullBackoff = RestartBackoff()
    var imageID = ""

    struct Trouble: Sendable, Hashable {
        let reason: String
        let message: String
    }

    private struct Life: Sendable, Hashable {
        let instance: ContainerInstance
        let outcome: ContainerOutcome
    }

    init(_ declaration: ContainerDeclaration, phase: Phase) {
        self.declaration = declaration
        self.phase = phase
    }

    var instance: ContainerInstance? {
        get {
            guard case .running(let instance) = phase else { return nil }
            return instance
        }
        set { if let newValue { phase = .running(newValue) } }
    }

    var outcome: ContainerOutcome? {
        guard case .ended(_, let outcome) = phase else { return nil }
        return outcome
    }

    /// How its last finished life ended.
    var lastOutcome: ContainerOutcome? { outcome ?? previousLife?.outcome }

    /// True while someone works on it whose answer will come.
    var isBusy: Bool {
        switch phase {
        case .preparingImage, .starting: true
        default: false
        }
    }
}

/// One life of a container.
public struct ContainerInstance: Sendable, Hashable {
    public var id: String
    /// Nanoseconds since 1970.
    public var startedAt: Int64
    /// The startup probe has passed, or there is none, and the postStart hook is through.
    public var isStarted: Bool
    var isHookPending = false
    /// When it will be killed, nanoseconds since 1970; nil while it is not to end.
    var stopBy: Int64?
    var probes: [ProbeState] = []

    public init(id: String, startedAt: Int64, isStarted: Bool = false) {
        self.id = id
        self.startedAt = startedAt
        self.isStarted = isStarted
    }

    var isStopping: Bool { stopBy != nil }
    func passes(_ kind: ProbeKind) -> Bool { probes.first { $0.kind == kind }?.passes ?? true }
    var isReady: Bool { isStarted && !isStopping && passes(.readiness) }
}

public struct ContainerOutcome: Sendable, Hashable {
    public var exitCode: Int32
    public var signal: Int32
    /// `Completed`, `Error`, `OOMKilled`, `ContainerStatusUnknown`, `StartError`.
    public var reason: String
    public var message: String
    /// Nanoseconds since 1970.
    public var finishedAt: Int64

    public init(exitCode: Int32, signal: Int32 = 0, reason: String, message: String = "", finishedAt: Int64) {
        self.exitCode = exitCode
        self.signal = signal
        self.reason = reason
        self.message = message
        self.finishedAt = finishedAt
    }
}
