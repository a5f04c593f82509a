import AgentCore
import ContainerRuntime
import KubeAPI
import KubeClient
import Synchronization
import Threads

/// The runners of a node's pods, and what an earlier agent left that no pod has claimed yet.
actor PodRegistry {
    nonisolated let manifestsRead = Latch()
    private let contextBox = Mutex<RunnerContext?>(nil)
    private var runners: [String: PodRunner] = [:]
    /// uids of pods that have ended here: a late word of the API server does not bring one back.
    private var ended: [String] = []
    private var unclaimed: [String: RuntimeInventory] = [:]

    /// Set once, before anything else.
    nonisolated var context: RunnerContext? {
        get { contextBox.withLock { $0 } }
        set { contextBox.withLock { $0 = newValue } }
    }

    func runner(uid: String) -> PodRunner? { runners[uid] }
    func runner(_ key: NamespacedName) -> PodRunner? { runners.values.first { $0.key == key } }
    var all: [PodRunner] { Array(runners.values) }

    func takeInventory() async throws {
        guard let inventory = try await context?.runtime.inventory() else { return }
        for sandbox in inventory.sandboxes {
            unclaimed[sandbox.labels[ContainerLabels.uid] ?? "", default: RuntimeInventory()].sandboxes.append(sandbox)
        }
        for container in inventory.containers {
            unclaimed[container.labels[ContainerLabels.uid] ?? "", default: RuntimeInventory()].containers
                .append(container)
        }
    }

    /// What sandboxes that are no more held of the network. Pods are connected after that.
    func giveBackNetworks() async {
        guard let context else { return }
        defer { context.networkCleared.open() }
        guard let network = context.services.network, let inventory = try? await context.runtime.inventory() else {
            return
        }
        do {
            try await network.collectGarbage(valid: inventory.sandboxes.compactMap { PodNetwork.request($0) })
        } catch {
            context.logger.info(
                "what former pods held of the network is not given back", metadata: ["error": "\(error)"])
        }
    }

    /// A pod that is to run here, or that has changed.
    func declare(_ object: APIObject) async {
        let pod = PodDeclaration(object)
        if let runner = runners[pod.uid] { return await runner.receive(.declared(pod)) }
        guard let context, !ended.contains(pod.uid) else { return }
        let left = unclaimed.removeValue(forKey: pod.uid)
        // It ended before; only its remains may be asked for yet.
        if pod.isTerminal, left == nil, !object.isBeingDeleted { return }
        let others = all
        // A pod of the same name that is still ending keeps its own identity and files.
        let runner = PodRunner(pod, context: context)
        runners[pod.uid] = runner
        if let left {
            await adopt(left, by: runner, pod, context)
        } else if pod.isTerminal || object.isBeingDeleted {
            await runner.receive(.declared(pod))
        } else {
            await admit(pod, by: runner, beside: others, context)
        }
    }

    // MARK: - Admission

    private func admit(
        _ pod: PodDeclaration, by runner: PodRunner, beside others: [PodRunner], _ context: RunnerContext
    ) async {
        switch await verdict(on: pod, beside: others, context) {
        case .rejected(let rejection): await runner.receive(.rejected(rejection))
        case .admitted(let victims):
            for uid in victims {
                await runners[uid]?.receive(
                    .evicted(reason: "Preempting", message: "Preempted in order to admit critical pod"))
            }
            await runner.receive(.declared(pod))
        }
    }

    private func verdict(
        on pod: PodDeclaration, beside others: [PodRunner], _ context: RunnerContext
    ) async -> PodAdmission.Verdict {
        var demands: [PodDemand] = []
        for other in others where !(await other.isOver) { demands.append(other.demand) }
        let verdict = context.admission.verdict(on: pod, node: await context.node.known(), others: demands)
        // The node may have other labels by now than when it was last seen here.
        guard case .rejected = verdict, let node = await context.node.fetched() else { return verdict }
        return context.admission.verdict(on: pod, node: node, others: demands)
    }

    func withdraw(uid: String) async {
        if let runner = runners[uid] {
            await runner.receive(.removed)
        } else if let left = unclaimed.removeValue(forKey: uid) {
            await clear(uid, left)
        }
    }

    func remove(_ runner: PodRunner) async {
        let isStatic = await StaticPod.isStatic(runner.declaration.object)
        runners[runner.uid] = nil
        // A manifest that is there again makes the same pod again.
        guard !isStatic else { return }
        ended.append(runner.uid)
        if ended.count > 1000 { ended.removeFirst(500) }
    }

    func repeatStatus(uid: String) async { await runners[uid]?.repeatStatus() }

    /// A mirror that somebody deletes comes back with the next look; nothing happens to the pod.
    func mirrorChanged(_ mirror: APIObject?, key: NamespacedName) async {
        guard let mirror, mirror.status?["phase"]?.string == "Pending", let runner = runner(key) else { return }
        await runner.repeatStatus()
    }

    // MARK: - Adoption

    private func adopt(
        _ left: RuntimeInventory, by runner: PodRunner, _ pod: PodDeclaration, _ context: RunnerContext
    ) async {
        let lives = left.containers.map { record in
            AdoptedLife(
                container: record.labels[ContainerLabels.container] ?? "",
                attempt: record.labels[ContainerLabels.attempt].flatMap { Int64($0) } ?? 0,
                instance: ContainerInstance(id: record.id, startedAt: record.startedAt),
                imageID: record.labels[ContainerLabels.imageID] ?? "",
                outcome: record.end.map { ContainerOutcome.of($0) })
        }
        var addresses: [String] = []
        var sandbox = left.sandboxes.first { $0.isRunning }
        if let found = sandbox {
            do {
                // Without containers its start may have been cut short.
                addresses =
                    left.containers.isEmpty
                    ? try await runner.furnish(pod, found) : try await runner.connect(pod, found)
            } catch {
                context.logger.warning(
                    "a pod's network is lost", metadata: ["pod": "\(pod.key)", "error": "\(error)"])
                sandbox = nil
            }
        }
        context.logger.info("took up a pod that runs", metadata: ["pod": "\(pod.key)", "containers": "\(lives.count)"])
        await runner.adopt(lives, sandboxID: sandbox?.id, addresses: addresses)
    }

    // MARK: - Orphans

    func clearOrphans() async {
        while let (uid, left) = unclaimed.first {
            unclaimed[uid] = nil
            await clear(uid, left)
        }
        guard let context else { return }
        await context.runtime.removeStrays(below: context.options.cgroupRoot, keeping: Set(runners.keys))
        for uid in Files.names(in: "\(context.options.dataFolder)/pods") where runners[uid] == nil {
            let paths = PodPaths(context.options, key: NamespacedName(namespace: "", name: ""), uid: uid)
            try? await PodFiles.remove(paths)
        }
        await clearLogs(context.options.logFolder)
    }

    /// Of pods that went while no agent was there. Their folders' names end with the uid.
    private func clearLogs(_ folder: String) async {
        for name in Files.names(in: folder) {
            guard let uid = name.split(separator: "_").last, runners[String(uid)] == nil else { continue }
            try? await OwnThread.wait { try Files.removeTree("\(folder)/\(name)") }
        }
    }

    /// A pod of which only the runtime knows: it ends like one that was deleted.
    private func clear(_ uid: String, _ left: RuntimeInventory) async {
        let labels = left.sandboxes.first?.labels ?? left.containers.first?.labels ?? [:]
        let names = Set(left.containers.compactMap { $0.labels[ContainerLabels.container] })
        let grace = left.containers.compactMap { $0.labels[ContainerLabels.grace].flatMap { Int64($0) } }.max()
        let json: JSONValue = [
            "apiVersion": "v1", "kind": "Pod",
            "metadata": [
                "name": .string(labels[ContainerLabels.name] ?? "unknown"),
                "namespace": .string(labels[ContainerLabels.namespace] ?? "unknown"), "uid": .string(uid),
            ],
            "spec": [
                "containers": .array(names.sorted().map { ["name": .string($0)] }), "restartPolicy": "Never",
                "terminationGracePeriodSeconds": .integer(grace ?? 30),
                "hostNetwork": .bool(left.sandboxes.first.map { !$0.namespaces.contains("net") } ?? true),
            ],
        ]
        guard let context, let object = try? APIObject(json: json) else { return }
        let pod = PodDeclaration(object)
        let runner = PodRunner(pod, context: context)
        runners[uid] = runner
        await adopt(left, by: runner, pod, context)
        await runner.receive(.removed)
    }
}
