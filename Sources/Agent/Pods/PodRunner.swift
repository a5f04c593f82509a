import AgentCore
import ContainerRuntime
import KubeAPI
import KubeClient
import Logging
import NodeServices

/// What all runners of a node share.
struct RunnerContext: Sendable {
    let options: AgentOptions
    let services: AgentServices
    let cluster: ClusterObjects
    let events: EventRecorder?
    let machine: MachineFacts
    let admission: PodAdmission
    let node: OwnNode
    let addresses: [String]
    let probes: ProbeTally
    /// Opens once what former pods held of the network is given back.
    let networkCleared = Latch()
    /// Called once, when nothing of the pod is left.
    let finished: @Sendable (PodRunner) async -> Void

    var runtime: any ContainerRuntime { services.runtime }
    var logger: Logger { services.logger }
}

/// The shell of one pod's worker: hands it events one at a time and does what it says, each directive in a task of its own
/// whose outcome is the next event.
actor PodRunner {
    let context: RunnerContext
    nonisolated let key: NamespacedName
    nonisolated let uid: String
    nonisolated let demand: PodDemand
    private var worker: PodWorker
    private var wake: Task<Void, Never>?
    private var wakeTime: Int64?
    private var pendingStatus: JSONValue?
    private var isWriting = false
    /// The last status that was worked out, for whoever asks the node itself.
    private(set) var status: JSONValue = .emptyObject
    /// Under way, by container: the newest wins.
    var stops: [String: ContainerStop] = [:]
    private var isEnding = false
    private(set) var isHalted = false
    /// Its volumes are looked at from time to time.
    var isFollowing = false

    init(_ declaration: PodDeclaration, context: RunnerContext) {
        self.context = context
        key = declaration.key
        uid = declaration.uid
        demand = PodDemand(declaration)
        worker = PodWorker(declaration, now: WallClock.now())
    }

    var declaration: PodDeclaration { worker.declaration }
    var isTerminating: Bool { worker.isTerminating }
    var isOver: Bool { worker.isOver }
    var addresses: [String] {
        worker.declaration.usesHostNetwork ? context.addresses : worker.addresses
    }
    var sandboxID: String? { worker.sandboxID }
    nonisolated var paths: PodPaths { PodPaths(context.options, key: key, uid: uid) }

    // MARK: - Events

    func receive(_ event: PodWorker.Event) {
        guard !isHalted else { return }
        let directives = worker.handle(event, now: WallClock.now())
        carryOn(directives)
    }

    func adopt(_ lives: [AdoptedLife], sandboxID: String?, addresses: [String]) {
        let directives = worker.adopt(lives, sandboxID: sandboxID, addresses: addresses, now: WallClock.now())
        carryOn(directives)
        for life in lives where life.outcome == nil { watch(life.container, life.instance.id) }
        guard let sandboxID else { return }
        watchSandbox(sandboxID)
        followReferences(worker.declaration)
    }

    /// Does nothing more; what runs goes on.
    func halt() {
        isHalted = true
        wake?.cancel()
        for stop in stops.values { stop.kill.cancel() }
    }

    private func carryOn(_ directives: [PodWorker.Directive]) {
        for directive in directives { perform(directive) }
        publishStatus()
        scheduleWake()
    }

    private func scheduleWake() {
        let now = WallClock.now()
        let next = worker.nextWake(now: now)
        guard next != wakeTime || wake == nil else { return }
        wake?.cancel()
        wakeTime = next
        wake = next.map { time in
            Task {
                // A little late rather than a little early.
                try? await Task.sleep(for: .nanoseconds(max(0, time - now) + 1_000_000))
                guard !Task.isCancelled else { return }
                self.ring()
            }
        }
    }

    private func ring() {
        wake = nil
        wakeTime = nil
        receive(.timePassed)
    }

    // MARK: - Directives

    private func perform(_ directive: PodWorker.Directive) {
        let pod = worker.declaration
        switch directive {
        case .mountVolumes: answer("FailedMount") { try await self.mountVolumes(pod) }
        case .startSandbox: answer("FailedCreatePodSandBox") { try await self.startSandbox(pod) }
        case .prepareImage(let name):
            guard let container = pod[container: name] else { return }
            Task { self.receive(await self.prepareImage(container, pod)) }
        case .startContainer(let name, let attempt):
            guard let container = pod[container: name] else { return }
            Task { self.receive(await self.startContainer(container, pod, attempt)) }
        case .runPostStart(let name, let id):
            guard let hook = pod[container: name]?.postStart else { return }
            Task {
                let failure = await self.run(hook: hook, pod, name, id, seconds: 3600)
                self.receive(.postStartEnded(container: name, id: id, isGood: failure == nil, message: failure ?? ""))
            }
        case .stopContainer(let name, let id, let grace):
            guard let container = pod[container: name] else { return }
            stop(container, pod, id, grace: grace)
        case .forgetContainer(let id): Task { try? await self.context.runtime.removeContainer(id) }
        case .probe(let name, let id, let kind):
            guard let probe = pod[container: name]?.probe(kind) else { return }
            Task {
                let failure = await self.run(probe: probe, pod, name, id)
                self.context.probes.note(kind, of: name, self.key, uid: self.uid, isGood: failure == nil)
                self.receive(.probed(container: name, id: id, kind, isGood: failure == nil, message: failure ?? ""))
            }
        case .tearDown: tearDown(pod)
        case .publish(let event): publish(event)
        case .finished: Task { await self.finish() }
        }
    }

    /// Runs work of the pod as a whole; what it throws is a failure to set it up.
    private func answer(_ reason: String, _ work: @escaping @Sendable () async throws -> PodWorker.Event) {
        Task {
            do {
                self.receive(try await work())
            } catch {
                self.receive(.setupFailed(reason: reason, message: "\(error)"))
            }
        }
    }

    func publish(_ event: PodWorker.PodEvent) {
        context.logger.info(
            "\(event.message)", metadata: ["pod": "\(key)", "reason": "\(event.reason)"])
        context.events?.report(
            EventReport(
                event.isWarning ? .warning : .normal, event.reason, event.message, about: worker.declaration.object,
                apiVersion: "v1", kind: "Pod"))
    }

    // MARK: - Status

    private func publishStatus() {
        let node = PodStatus.Node(addresses: context.addresses, runtime: context.runtime.name)
        guard let status = worker.report(on: node, now: WallClock.now()) else { return }
        self.status = status
        guard context.services.client != nil else { return }
        pendingStatus = status
        guard !isWriting else { return }
        isWriting = true
        Task { await self.writeStatuses() }
    }

    /// The newest status again and again until the API server has it, or the pod is gone.
    private func writeStatuses() async {
        defer { isWriting = false }
        var pause = Duration.milliseconds(100)
        while let status = pendingStatus, let client = context.services.client {
            pendingStatus = nil
            do throws(ClientError) {
                var body: JSONValue = ["status": PodStatus.patch(status)]
                // A mirror pod has an identity of its own.
                if !StaticPod.isStatic(worker.declaration.object) { body[path: "metadata", "uid"] = .string(uid) }
                try await client.patch(
                    GroupVersionResource(resource: "pods"), key, .strategic, body, subresource: "status")
                pause = .milliseconds(100)
            } catch {
                if error.isNotFound || error.isConflict || error.isInvalid || isEnding && error.isForbidden {
                    context.logger.debug("status not written", metadata: ["pod": "\(key)", "error": "\(error)"])
                    continue
                }
                if pendingStatus == nil { pendingStatus = status }
                try? await Task.sleep(for: pause)
                pause = min(pause * 2, .seconds(10))
            }
        }
    }

    /// For the mirror of a static pod that has only just been made.
    func repeatStatus() {
        pendingStatus = status
        guard !isWriting, context.services.client != nil else { return }
        isWriting = true
        Task { await self.writeStatuses() }
    }

    // MARK: - The end

    private func finish() async {
        isEnding = true
        wake?.cancel()
        while isWriting { try? await Task.sleep(for: .milliseconds(5)) }
        let inventory = try? await context.runtime.inventory()
        for container in inventory?.containers ?? [] where container.labels[ContainerLabels.uid] == uid {
            try? await context.runtime.removeContainer(container.id)
        }
        try? await PodFiles.remove(paths)
        context.cluster.forget(uid)
        context.probes.forget(uid)
        if let client = context.services.client, worker.declaration.object.isBeingDeleted {
            while !(await isDeleted(client)) { try? await Task.sleep(for: .seconds(1)) }
        }
        await context.finished(self)
    }

    private func isDeleted(_ client: KubeClient) async -> Bool {
        do throws(ClientError) {
            try await client.delete(
                GroupVersionResource(resource: "pods"), key, DeletionOptions(uid: uid, gracePeriodSeconds: 0))
            return true
        } catch {
            return error.isNotFound || error.isConflict
        }
    }
}

/// How records of the runtime tell what they are.
enum ContainerLabels {
    static let uid = "io.kubernetes.pod.uid"
    static let namespace = "io.kubernetes.pod.namespace"
    static let name = "io.kubernetes.pod.name"
    static let container = "io.kubernetes.container.name"
    static let attempt = "io.kubernetes.container.attempt"
    /// Seconds.
    static let grace = "io.kubernetes.pod.terminationGracePeriod"
    static let imageID = "io.kubernetes.container.image"
    static let messagePolicy = "io.kubernetes.container.terminationMessagePolicy"
    /// What the pod's network must be given back with.
    static let ports = "apus.dev/ports"
}
