import Conntrack
import Glibc
import KubeAPI
import NetTypes
import ProxyCore
import ProxyIPVS
import ProxyUserspace
import Routes

/// The daemon's heart: one thread that takes inputs from the mailbox and notifications from the kernel, keeps the
/// desired state, and programs what changed. It sleeps in poll(2) and nowhere else.
public final class ProxyLoop: Sendable {
    public let mailbox = Mailbox<ProxyInput>()
    private let settings: SettingsByMode
    private let mode: ProxyMode
    private let tableName: String
    private let ipvs: IPVSSettings
    private let userspace: UserspaceEngine
    private let observer: any ProxyObserver

    public init(
        settings: @escaping SettingsByMode, mode: ProxyMode = .nftables, tableName: String = "kube-proxy",
        ipvs: IPVSSettings = IPVSSettings(), userspace: UserspaceEngine = UserspaceEngine(),
        observer: any ProxyObserver
    ) {
        self.settings = settings
        self.mode = mode
        self.observer = observer
        self.tableName = tableName
        self.ipvs = ipvs
        self.userspace = userspace
    }

    /// Runs until `.stop` comes; leaves the kernel as it is. Throws when the kernel cannot be talked to at all, or
    /// cannot do the mode.
    /// Blocks: call it on a thread of its own, in the namespace it shall program.
    public func run() throws {
        let factory = ModeFactory(tableName: tableName, ipvs: ipvs, userspace: userspace)
        let modes = try ModePrograms(mode, factory: factory)
        observer.began(modes.mode, choice: modes.choice)
        var turn = Turn(loop: self, modes: modes, addresses: try AddressMonitor(), routes: try RouteSocket())
        try turn.readAddresses()
        while try turn.take() {}
    }

    /// What the loop's thread owns.
    private struct Turn: ~Copyable {
        private let loop: ProxyLoop
        private var settings: SettingsByMode
        private var trackers: Trackers
        private var modes: ModePrograms
        private var backends: [any FamilyProgram] { modes.programs }
        private var addresses: AddressMonitor
        private var routes: RouteSocket
        private var cleaner = StaleFlowCleaner()
        /// Flows to forget. A pass over conntrack costs as much as it holds, so under many changes one serves several.
        private var staleFlows: [StaleFlows] = []
        private var nextCleaning = ContinuousClock.now
        private static let cleaningInterval = Duration.milliseconds(100)
        private var hasProgrammed = false
        /// Health checks are told to the observer when they changed, or the addresses they are served on, and after the
        /// end of a mode: that takes back what node ports on loopback need of the kernel.
        private var healthChecksChanged = true
        private var healthCheckAddresses: [IPAddress]?
        /// Families that something else has changed since they were last right.
        private var disturbed: Set<IPFamily> = []
        private var nextLook = ContinuousClock.now
        /// How often modes of whose changes the kernel does not tell are asked.
        private static let lookingInterval = Duration.milliseconds(500)
        /// When to give back memory: soon after the last programming, and from time to time for what the pages need.
        private var memoryDue: ContinuousClock.Instant?
        private static let settlingTime = Duration.seconds(2)
        private static let memoryInterval = Duration.seconds(30)

        init(
            loop: ProxyLoop, modes: ModePrograms, addresses: consuming AddressMonitor, routes: consuming RouteSocket
        ) {
            self.loop = loop
            self.modes = modes
            self.addresses = addresses
            self.routes = routes
            settings = loop.settings
            trackers = Trackers(settings: loop.settings(modes.mode))
        }

        /// Waits for something, and does it. False once told to stop.
        mutating func take() throws -> Bool {
            var polled = ([loop.mailbox.descriptor, addresses.descriptor] + backends.compactMap(\.notifications)).map {
                pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
            }
            poll(&polled, nfds_t(polled.count), timeout)
            if polled[1].revents != 0 { try readAddresses() }
            if isTimeToLook || polled[2...].contains(where: { $0.revents != 0 }) { lookForForeignChanges() }
            let batch = loop.mailbox.drain()
            let goesOn = stage(batch)
            guard goesOn else { return false }
            if trackers.isSynced { program(batch) }
            forgetStaleFlows()
            changeMode(batch)
            // Flows that the userspace mode carried lead nowhere once it has ended.
            if modes.tend() { forgetAllStaleFlows() }
            answer(batch)
            giveBackMemory()
            return true
        }

        /// Milliseconds until a failed family is due again; -1 to wait for events alone.
        private var timeout: CInt {
            let due =
                (backends.compactMap(\.due) + (staleFlows.isEmpty ? [] : [nextCleaning])
                + (modes.tendingDue.map { [$0] } ?? []) + (mustLook ? [nextLook] : []) + (memoryDue.map { [$0] } ?? []))
                .min()
            guard hasProgrammed, let due else { return -1 }
            let left = ContinuousClock.now.duration(to: due)
            return CInt(
                clamping: max(
                    0, left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000 + 1))
        }

        // MARK: Inputs

        private mutating func stage(_ batch: Batch<ProxyInput>) -> Bool {
            var services = 0
            var slices = 0
            for input in batch.elements {
                switch input {
                case .stop: return false
                case .malformed(let kind, let name, let reason): loop.observer.malformed(kind, name, reason: reason)
                case .service, .deleted(.service, _): services += 1
                case .endpointSlice, .deleted(.endpointSlice, _): slices += 1
                case .settings(let settings):
                    self.settings = settings
                    trackers.follow(settings(modes.mode))
                default: break
                }
                trackers.stage(input)
            }
            if services + slices > 0 { loop.observer.queued(services: services, endpointSlices: slices) }
            return true
        }

        mutating func readAddresses() throws {
            _ = try? addresses.drain()
            trackers.stage(.localAddresses(try LocalAddresses.read(&routes)))
        }

        private var mustLook: Bool { backends.contains { $0.notifications == nil } }
        private var isTimeToLook: Bool { mustLook && nextLook <= .now }

        private mutating func lookForForeignChanges() {
            nextLook = .now + Self.lookingInterval
            for backend in backends where backend.isDisturbed() { disturbed.insert(backend.family) }
        }

        private mutating func changeMode(_ batch: Batch<ProxyInput>) {
            for case .mode(let request) in batch.elements {
                if let settings = request.settings { self.settings = settings }
                do {
                    // Before the first programming there is nothing to keep in force.
                    let change =
                        hasProgrammed
                        ? try modes.change(to: request.mode, trackers.state)
                        : try modes.replace(by: request.mode)
                    healthChecksChanged = true
                    followSettings()
                    loop.observer.switched(change)
                    let advice = hasProgrammed ? trackers.state.advice(for: change.to.abilities) : []
                    if change.from != change.to, !advice.isEmpty { loop.observer.advise(advice) }
                    request.answer(.success(change))
                } catch {
                    followSettings()
                    loop.observer.failedToSwitch(to: request.mode, error)
                    request.answer(.failure(ProxyInput.ModeRequest.Refusal(reason: "\(error)")))
                }
            }
        }

        private mutating func followSettings() {
            trackers.follow(settings(modes.mode))
            if trackers.isSynced { program(Batch(elements: [], oldest: .now)) }
        }

        private mutating func answer(_ batch: Batch<ProxyInput>) {
            for case .question(let question) in batch.elements { question.answer(explain(question.query)) }
        }

        private func explain(_ query: ExplainQuery) -> FullExplanation {
            let desired = trackers.state.explain(query)
            guard let (port, _) = trackers.state.servicePort(at: query.destination, query.proto),
                let backend = backends.first(where: { $0.family == port.name.family })
            else { return FullExplanation(desired: desired) }
            do {
                let kernel = try backend.audit(port, source: query.source, node: trackers.state.node)
                return FullExplanation(desired: desired, kernel: kernel)
            } catch { return FullExplanation(desired: desired, kernelFailure: "\(error)") }
        }

        private mutating func giveBackMemory() {
            guard let memoryDue, memoryDue <= .now else { return }
            ProcessMemory.giveBack()
            self.memoryDue = .now + Self.memoryInterval
        }

        // MARK: Programming

        private mutating func program(_ batch: Batch<ProxyInput>) {
            let isFirst = !hasProgrammed
            hasProgrammed = true
            var delta = ProxyDelta()
            if isFirst {
                trackers.load()
                delta.advice = trackers.state.advice
            } else {
                delta = trackers.settle()
            }
            for backend in backends { program(backend, delta, batch) }
            disturbed = []
            let wasAlone = modes.isAlone
            for leftOver in modes.cleanUpOthers() { loop.observer.couldNotCleanUp(leftOver) }
            if modes.isAlone != wasAlone { healthChecksChanged = true }
            if isFirst { forgetAllStaleFlows() }
            staleFlows += delta.staleFlows
            let beyond =
                isFirst
                ? trackers.state.advice(for: modes.mode.abilities)
                : trackers.state.advice(for: modes.mode.abilities, on: delta)
            if !(delta.advice + beyond).isEmpty { loop.observer.advise(delta.advice + beyond) }
            loop.observer.settled(
                trackers.node, trackers.state.counts, failed: Set(backends.filter { $0.due != nil }.map(\.family)),
                healthChecks: changedHealthChecks(delta))
        }

        private mutating func changedHealthChecks(_ delta: ProxyDelta) -> ServedHealthChecks? {
            let addresses = trackers.healthCheckAddresses
            guard healthChecksChanged || !delta.healthChecks.isEmpty || addresses != healthCheckAddresses else {
                return nil
            }
            healthChecksChanged = false
            healthCheckAddresses = addresses
            return ServedHealthChecks(trackers.state.healthChecks, on: addresses)
        }

        private mutating func program(_ backend: any FamilyProgram, _ delta: ProxyDelta, _ batch: Batch<ProxyInput>) {
            let started = ContinuousClock.now
            do {
                guard let outcome = try backend.program(delta, trackers.state) else { return }
                let now = ContinuousClock.now
                memoryDue = now + Self.settlingTime
                if disturbed.contains(backend.family), outcome.report.operations > 0 {
                    loop.observer.repaired(backend.family, operations: outcome.report.operations)
                }
                loop.observer.programmed(
                    Programmed(
                        family: backend.family, isFull: outcome.isFull, duration: started.duration(to: now),
                        latency: batch.elements.isEmpty ? nil : batch.oldest.duration(to: now),
                        triggers: batch.elements.compactMap(\.trigger), report: outcome.report,
                        followsFailure: outcome.followsFailure))
            } catch {
                loop.observer.failed(backend.family, error, retryAfter: backend.retryDelay)
            }
        }

        /// What earlier programs left in conntrack.
        private mutating func forgetAllStaleFlows() {
            measured { turn throws in
                let modes = turn.modes
                return try turn.cleaner.cleanAll(turn.trackers.state) { modes.answers($0) }
            }
        }

        /// Always after the rules: a flow deleted earlier could come back through the old ones.
        private mutating func forgetStaleFlows() {
            guard !staleFlows.isEmpty, nextCleaning <= .now else { return }
            let stale = staleFlows
            staleFlows = []
            nextCleaning = .now + Self.cleaningInterval
            measured { turn throws in
                let modes = turn.modes
                return try turn.cleaner.clean(stale) { modes.answers($0) }
            }
        }

        private mutating func measured(_ clean: (inout Turn) throws -> Int) {
            let started = ContinuousClock.now
            do {
                let count = try clean(&self)
                loop.observer.deletedFlows(count: count, duration: started.duration(to: .now))
            } catch {
                loop.observer.couldNotDeleteFlows(error)
            }
        }
    }
}

extension ProxyInput {
    /// When the change that this object reports was made; nanoseconds since 1970.
    fileprivate var trigger: Int64? {
        guard case .endpointSlice(let slice) = self else { return nil }
        return slice.metadata.annotations["endpoints.kubernetes.io/last-change-trigger-time"].flatMap(
            RFC3339.nanoseconds)
    }
}
