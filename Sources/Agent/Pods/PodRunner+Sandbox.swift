import AgentCore
import ContainerRuntime
import Glibc
import KubeAPI
import KubeClient
import NetTypes
import NodeServices
import RuntimeSpec
import Threads

extension PodRunner {
    // MARK: - Volumes

    func mountVolumes(_ pod: PodDeclaration) async throws -> PodWorker.Event {
        let references = try await references(pod)
        for volume in pod.volumes {
            do {
                let plan = try VolumePlan.make(volume, of: pod, references)
                try await PodVolume(volume, plan, pod, paths, context.cluster).mount()
            } catch {
                let name = volume["name"]?.string ?? ""
                throw ConfigurationFailure("MountVolume.SetUp failed for volume \"\(name)\" : \(error)")
            }
        }
        followReferences(pod)
        return .volumesMounted
    }

    /// What the pod's fields mean now.
    func references(_ pod: PodDeclaration) async throws -> PodReferences {
        completed(try await context.cluster.references(of: pod))
    }

    /// With what is the same for all pods of the node, and with the pod's addresses.
    private func completed(_ references: PodReferences) -> PodReferences {
        var references = references
        references.nodeName = context.options.nodeName
        references.nodeAddresses = context.addresses
        references.podAddresses = addresses
        references.allocatable = context.machine.allocatable(pods: context.options.maximumPods)
        return references
    }

    private static var refreshPeriod: Duration { .seconds(10) }

    /// Files of configMap, secret, downwardAPI and projected volumes follow what they show.
    func followReferences(_ pod: PodDeclaration) {
        guard !isFollowing, pod.volumes.contains(where: PodVolume.changes) else { return }
        isFollowing = true
        Task { [weak self] in
            while let self, await self.refreshes {
                try? await Task.sleep(for: Self.refreshPeriod)
                await self.refreshVolumes()
            }
        }
    }

    private var refreshes: Bool { !isTerminating }

    private func refreshVolumes() async {
        let pod = declaration
        guard refreshes,
            let shown = try? await context.cluster.volumeReferences(of: pod, age: Self.refreshPeriod / 2)
        else { return }
        let references = completed(shown)
        for volume in pod.volumes where PodVolume.changes(volume) {
            guard let plan = try? VolumePlan.make(volume, of: pod, references) else { continue }
            do {
                try await PodVolume(volume, plan, pod, paths, context.cluster).refresh()
            } catch {
                context.logger.warning("volume not refreshed", metadata: ["pod": "\(key)", "error": "\(error)"])
            }
        }
    }

    // MARK: - Sandbox

    func startSandbox(_ pod: PodDeclaration) async throws -> PodWorker.Event {
        // Of an attempt before, whatever became of it.
        for old in try await ownSandboxes() { try await remove(old, pod) }
        let id = ContainerID.random()
        let plan = try sandboxPlan(pod, id)
        let record = try await context.runtime.startSandbox(plan)
        do {
            let addresses = try await furnish(pod, record)
            watchSandbox(id)
            return .sandboxStarted(id: id, addresses: addresses)
        } catch {
            try? await remove(record, pod)
            throw error
        }
    }

    private func sandboxPlan(_ pod: PodDeclaration, _ id: String) throws(ConfigurationFailure) -> SandboxPlan {
        guard pod.usesHostUsers else {
            throw ConfigurationFailure("can't set `spec.hostUsers: false`, runtime does not support user namespaces")
        }
        var namespaces: Set<String> = []
        if !pod.usesHostNetwork { namespaces.formUnion(["net", "uts"]) }
        if !pod.usesHostIPC { namespaces.insert("ipc") }
        if pod.sharesProcesses, !pod.usesHostPID { namespaces.insert("pid") }
        let quality = QualityOfService(pod)
        let amounts = pod.containers.filter { $0.role == .main || $0.isSidecar }.map(ContainerAmounts.init)
        return SandboxPlan(
            id: id, hostname: try pod.kernelHostname(domain: context.options.clusterDomain), namespaces: namespaces,
            sysctls: pod.sysctls,
            cgroup: context.options.cgroupRoot + quality.cgroup(ofPod: uid),
            resources: ContainerAmounts.resources(amounts),
            labels: [
                ContainerLabels.uid: uid, ContainerLabels.namespace: key.namespace, ContainerLabels.name: key.name,
            ])
    }

    func ownSandboxes() async throws -> [SandboxRecord] {
        try await context.runtime.inventory().sandboxes.filter { $0.labels[ContainerLabels.uid] == uid }
    }

    /// The pod's addresses; the same again for a sandbox that is connected already.
    /// Gives it its network and its files, whatever of them is there already; its addresses.
    func furnish(_ pod: PodDeclaration, _ record: SandboxRecord) async throws -> [String] {
        let addresses = try await connect(pod, record)
        try await OwnThread.wait { [paths, context] in
            try PodEtc.write(pod, paths, addresses: addresses, context.options)
        }
        return addresses
    }

    func connect(_ pod: PodDeclaration, _ record: SandboxRecord) async throws -> [String] {
        guard let network = context.services.network, let request = PodNetwork.request(pod, record) else { return [] }
        await context.networkCleared.wait()
        return try await network.setUp(request).ips.map(\.description)
    }

    func remove(_ record: SandboxRecord, _ pod: PodDeclaration) async throws {
        if let network = context.services.network, let request = PodNetwork.request(pod, record) {
            try await network.tearDown(request)
        }
        try await context.runtime.removeSandbox(record.id)
    }

    func watchSandbox(_ id: String) {
        Task { [weak self, context] in
            await context.runtime.sandboxEnd(id)
            await self?.sandboxEnded(id)
        }
    }

    private func sandboxEnded(_ id: String) {
        guard sandboxID == id else { return }
        receive(.sandboxLost)
    }

    // MARK: - The end

    func tearDown(_ pod: PodDeclaration) {
        Task {
            do {
                for container in try await context.runtime.inventory().containers
                where container.labels[ContainerLabels.uid] == uid {
                    try await context.runtime.retireContainer(container.id)
                }
                for sandbox in try await ownSandboxes() { try await remove(sandbox, pod) }
                let root = paths.root
                try await OwnThread.wait {
                    Mounts.unmountAll(below: root)
                    try Files.removeTree("\(root)/volumes")
                }
                receive(.tornDown)
            } catch {
                receive(.tearDownFailed(message: "\(error)"))
            }
        }
    }
}

enum ContainerID {
    /// 32 hexadecimal digits: short enough for paths of sockets.
    static func random() -> String {
        (0..<2).map { _ in
            let digits = String(UInt64.random(in: .min ... .max), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}

enum PodNetwork {
    /// Nil for a pod in the machine's network.
    static func request(_ record: SandboxRecord) -> PodNetworkRequest? {
        guard let path = record.path(of: "net") else { return nil }
        func label(_ name: String) -> String { record.labels[name] ?? "" }
        return PodNetworkRequest(
            namespace: label(ContainerLabels.namespace), name: label(ContainerLabels.name),
            uid: label(ContainerLabels.uid), sandboxID: record.id, netnsPath: path)
    }

    /// With what the pod wants of its network.
    static func request(_ pod: PodDeclaration, _ record: SandboxRecord) -> PodNetworkRequest? {
        guard var request = request(record) else { return nil }
        for container in pod.containers {
            for port in container.json["ports"]?.array ?? [] {
                guard let number = port["hostPort"]?.integer.flatMap(UInt16.init(exactly:)), number > 0,
                    let inner = port["containerPort"]?.integer.flatMap(UInt16.init(exactly:))
                else { continue }
                request.portMappings.append(
                    PortMapping(
                        hostPort: number, containerPort: inner,
                        transport: (port["protocol"]?.string ?? "TCP").lowercased(),
                        hostIP: port["hostIP"]?.string.flatMap { IPAddress($0) }))
            }
        }
        let rates = ["ingress", "egress"].map { direction in
            pod.object.annotation("kubernetes.io/\(direction)-bandwidth").flatMap { Amount.value($0) }
        }
        if rates.contains(where: { $0 != nil }) {
            request.bandwidth = PodBandwidth(ingress: rates[0], egress: rates[1])
        }
        return request
    }
}
