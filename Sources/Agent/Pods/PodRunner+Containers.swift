import AgentCore
import ContainerRuntime
import Glibc
import KubeAPI
import KubeClient
import NodeServices
import RuntimeSpec
import Threads

/// The end of a container that was asked to stop.
struct ContainerStop {
    let by: ContinuousClock.Instant
    let kill: Task<Void, Never>
}

extension PodRunner {
    // MARK: - Images

    func prepareImage(_ container: ContainerDeclaration, _ pod: PodDeclaration) async -> PodWorker.Event {
        let name = container.name
        let images = context.services.images
        guard images.isReference(container.image) else {
            return .imageFailed(
                container: name, reason: "InvalidImageName",
                message: "couldn't parse image name \"\(container.image)\": invalid reference format")
        }
        do {
            if container.pullPolicy != "Always" {
                let reference = container.image
                if let image = try await OwnThread.wait({ try images.image(reference) }) {
                    publish(.init("Pulled", "Container image \"\(reference)\" already present on machine"))
                    return .imageReady(container: name, imageID: image.digest)
                }
            }
            guard container.pullPolicy != "Never" else {
                return .imageFailed(
                    container: name, reason: "ErrImageNeverPull",
                    message: "Container image \"\(container.image)\" is not present with pull policy of Never")
            }
            publish(.init("Pulling", "Pulling image \"\(container.image)\""))
            let begin = ContinuousClock.now
            let image = try await pull(container, pod)
            let time = Int((ContinuousClock.now - begin) / .milliseconds(1))
            publish(
                .init(
                    "Pulled",
                    "Successfully pulled image \"\(container.image)\" in \(time)ms. Image size: \(image.size) bytes."))
            return .imageReady(container: name, imageID: image.digest)
        } catch {
            return .imageFailed(container: name, reason: "ErrImagePull", message: "\(error)")
        }
    }

    private func pull(_ container: ContainerDeclaration, _ pod: PodDeclaration) async throws -> StoredImage {
        let images = context.services.images
        var failure: (any Error)?
        let logins = await context.cluster.pullSecrets(of: pod).compactMap {
            images.credentials(in: $0, for: container.image)
        }
        for credentials in logins + [nil] {
            do {
                return try await images.pull(container.image, credentials: credentials)
            } catch let error {
                failure = failure ?? error
            }
        }
        throw failure ?? ConfigurationFailure("cannot pull \(container.image)")
    }

    // MARK: - Start

    func startContainer(
        _ container: ContainerDeclaration, _ pod: PodDeclaration, _ attempt: Int64
    ) async -> PodWorker.Event {
        let request: ContainerRequest
        do {
            request = try await self.request(container, pod, attempt)
        } catch {
            return .containerFailed(
                container: container.name, reason: "CreateContainerConfigError", message: "\(error)")
        }
        do {
            let record = try await context.runtime.startContainer(request)
            defer { watch(container.name, record.id) }
            return .containerStarted(
                container: container.name, ContainerInstance(id: record.id, startedAt: record.startedAt))
        } catch let refusal as CommandRefusal {
            return .containerRefused(
                container: container.name, ContainerInstance(id: request.id, startedAt: WallClock.now()),
                message: refusal.description)
        } catch {
            return .containerFailed(container: container.name, reason: "RunContainerError", message: "\(error)")
        }
    }

    private func request(
        _ container: ContainerDeclaration, _ pod: PodDeclaration, _ attempt: Int64
    ) async throws -> ContainerRequest {
        let images = context.services.images
        guard let image = try await OwnThread.wait({ try images.image(container.image) }) else {
            throw ConfigurationFailure("the image \(container.image) is not present any more")
        }
        guard let sandbox = try await ownSandboxes().first(where: { $0.id == sandboxID }) else {
            throw ConfigurationFailure("the pod's sandbox is gone")
        }
        let id = ContainerID.random()
        var planner = ContainerPlanner(container, of: pod)
        planner.input.image = image.config
        planner.input.references = try await references(pod)
        planner.input.cgroup = "\(sandbox.cgroup)/\(id)"
        planner.input.nodeMemory = context.machine.memory
        planner.input.namespaces = try await namespaces(of: container, sandbox)
        for volume in pod.volumes {
            guard let name = volume["name"]?.string else { continue }
            planner.input.volumes[name] = volume["hostPath"]?["path"]?.string ?? paths.volume(name)
        }
        let (unread, paths, folder) = (planner, paths, context.options.dataFolder)
        let plan = try await OwnThread.wait {
            var planner = unread
            planner.input.imageUser = try ImageUsers(layers: image.layerDirectories).user(
                planner.declaredUser.map(String.init) ?? image.config.user)
            planner.input.seccompProfile = try planner.seccompFile.flatMap { Files.read("\(folder)/seccomp/\($0)") }
            planner.input.extraMounts = try Self.ownMounts(container, pod, attempt, paths)
            var plan = try planner.plan()
            if plan.isPrivileged { plan.devices = HostDevices.all() }
            return try SubPaths(planner, planner.input.volumes, container, paths).bind(plan)
        }
        return makeRequest(id, plan, image, container, pod, attempt)
    }

    /// Those of the pod, and for an ephemeral container the processes of its target.
    private func namespaces(
        of container: ContainerDeclaration, _ sandbox: SandboxRecord
    ) async throws -> [String: String] {
        var namespaces: [String: String] = [:]
        for kind in sandbox.namespaces { namespaces[kind] = sandbox.path(of: kind) }
        guard let target = container.target, namespaces["pid"] == nil else { return namespaces }
        let record = try await context.runtime.inventory().containers.first {
            $0.end == nil && $0.labels[ContainerLabels.uid] == uid && $0.labels[ContainerLabels.container] == target
        }
        guard let record else { throw ConfigurationFailure("the target container \"\(target)\" does not run") }
        namespaces["pid"] = "/proc/\(record.process.pid)/ns/pid"
        return namespaces
    }

    private func makeRequest(
        _ id: String, _ plan: ContainerPlan, _ image: StoredImage, _ container: ContainerDeclaration,
        _ pod: PodDeclaration, _ attempt: Int64
    ) -> ContainerRequest {
        var request = ContainerRequest(
            id: id, plan: plan, layers: image.layerDirectories, logPath: paths.log(container.name, attempt),
            logLimit: context.options.logLimit, logFiles: context.options.logFiles)
        request.hasStdin = container.hasStdin
        request.closesStdinOnce = container.closesStdinOnce
        request.labels = [
            ContainerLabels.uid: uid, ContainerLabels.namespace: key.namespace, ContainerLabels.name: key.name,
            ContainerLabels.container: container.name, ContainerLabels.attempt: "\(attempt)",
            ContainerLabels.imageID: image.digest,
        ]
        request.labels[ContainerLabels.grace] =
            pod.object.spec?["terminationGracePeriodSeconds"]?.integer.map(String.init)
        return request
    }

    /// Files and folders of the node's own that every container sees.
    private static func ownMounts(
        _ container: ContainerDeclaration, _ pod: PodDeclaration, _ attempt: Int64, _ paths: PodPaths
    ) throws -> [ContainerPlan.Mount] {
        try Files.makeFolder("\(paths.logs)/\(container.name)")
        let message = paths.message(container.name, attempt)
        try Files.makeFolder("\(paths.root)/containers/\(container.name)")
        try Files.write(message, [UInt8](), mode: 0o666)
        var mounts: [ContainerPlan.Mount] = [
            .bind(paths.resolver, at: "/etc/resolv.conf"), .bind(paths.hosts, at: "/etc/hosts"),
            .bind(paths.hostname, at: "/etc/hostname"), .bind(message, at: container.terminationMessagePath),
        ]
        if !pod.usesHostIPC { mounts.append(.bind(paths.shared, at: "/dev/shm")) }
        return mounts
    }

    // MARK: - End

    /// Tells the worker when it has ended.
    func watch(_ name: String, _ id: String) {
        Task { [weak self, context] in
            let end = await context.runtime.containerEnd(id)
            await self?.ended(name, id, end)
        }
    }

    private func ended(_ name: String, _ id: String, _ end: ContainerEnd) async {
        // Whoever comes after it looks after what has ended.
        guard !isHalted else { return }
        stops.removeValue(forKey: id)?.kill.cancel()
        let container = declaration[container: name]
        let record = try? await context.runtime.inventory().containers.first { $0.id == id }
        var outcome = ContainerOutcome.of(end)
        if let record {
            outcome.message = await message(container, record, failed: end.exitCode != 0)
            // What it wrote is not needed any more, its cgroup must not go on counting.
            try? await context.runtime.retireContainer(id)
        }
        receive(.containerEnded(container: name, id: id, outcome))
    }

    /// What it left at its terminationMessagePath, else, if it wants that, the end of its log.
    private func message(
        _ container: ContainerDeclaration?, _ record: ContainerRecord, failed: Bool
    ) async -> String {
        let attempt = record.labels[ContainerLabels.attempt].flatMap { Int64($0) } ?? 0
        let path = paths.message(record.labels[ContainerLabels.container] ?? "", attempt)
        let takesLog = failed && container?.takesMessageFromLog == true
        let log = record.logPath
        return
            (try? await OwnThread.wait {
                let text = String(decoding: (Files.bytes(path) ?? []).prefix(4096), as: UTF8.self)
                guard text.isEmpty, takesLog else { return text }
                return LogTail.text(log, lines: 80, bytes: 2048)
            }) ?? ""
    }

    /// preStop, then its own signal or the image's, then SIGKILL when the grace is over. Asked again, only the end comes earlier.
    func stop(_ container: ContainerDeclaration, _ pod: PodDeclaration, _ id: String, grace: Int64) {
        let by = ContinuousClock.now + .seconds(grace)
        let isFirst = stops[id] == nil
        stops[id]?.kill.cancel()
        let runtime = context.runtime
        let kill = Task {
            try? await Task.sleep(until: by, clock: .continuous)
            guard !Task.isCancelled else { return }
            try? await runtime.signal(id, SIGKILL)
        }
        stops[id] = ContainerStop(by: by, kill: kill)
        guard isFirst, grace > 0 else { return }
        Task {
            if let hook = container.preStop {
                _ = await self.run(hook: hook, pod, container.name, id, seconds: grace)
            }
            let image = try? context.services.images.image(container.image)
            let signal = Signals.number(container.stopSignal ?? image?.config.stopSignal ?? "") ?? SIGTERM
            try? await runtime.signal(id, signal)
        }
    }
}

extension ContainerOutcome {
    static func of(_ end: ContainerEnd) -> ContainerOutcome {
        let reason =
            end.isUnknown
            ? "ContainerStatusUnknown" : end.isOutOfMemory ? "OOMKilled" : end.exitCode == 0 ? "Completed" : "Error"
        return ContainerOutcome(
            exitCode: end.exitCode, signal: 0, reason: reason,
            message: end.isUnknown
                ? "The container could not be located when the pod was terminated" : "", finishedAt: end.finishedAt)
    }
}

enum Signals {
    private static let numbers: [String: Int32] = [
        "HUP": SIGHUP, "INT": SIGINT, "QUIT": SIGQUIT, "KILL": SIGKILL, "TERM": SIGTERM, "USR1": SIGUSR1,
        "USR2": SIGUSR2, "STOP": SIGSTOP, "CONT": SIGCONT, "WINCH": SIGWINCH, "PWR": SIGPWR, "ABRT": SIGABRT,
    ]

    /// `SIGQUIT`, `QUIT`, `3` or `RTMIN+3`; nil for anything else.
    static func number(_ text: String) -> Int32? {
        if let number = Int32(text) { return (1...64).contains(number) ? number : nil }
        let name = text.uppercased().hasPrefix("SIG") ? text.uppercased().dropFirst(3) : text.uppercased()[...]
        if name.hasPrefix("RTMIN+") {
            return Int32(name.dropFirst(6)).flatMap { (0...30).contains($0) ? 34 + $0 : nil }
        }
        return numbers[String(name)]
    }
}
