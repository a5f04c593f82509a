import AgentCore
import KubeAPI
import KubeClient
import KubeSchema
import Logging
import NodeServices
import Threads

/// The node in the API: registered, its status every five minutes and at every change, its Lease every ten seconds.
actor NodeReporter {
    private static let nodes = GroupVersionResource.nodes
    private static let leases = GroupVersionResource(group: "coordination.k8s.io", resource: "leases")
    private static let leaseNamespace = "kube-node-lease"
    private static let leasePeriod = Duration.seconds(10)
    private static let statusPeriod: Int64 = 300_000_000_000

    private let options: AgentOptions
    private let services: AgentServices
    private let machine: MachineFacts
    private let addresses: [String]
    private let client: KubeClient
    private let events: EventRecorder?
    private(set) var node: APIObject?
    private var reported: JSONValue?
    private var reportedAt: Int64 = 0
    private var conditions: [String: JSONValue] = [:]
    private var shortages: Set<Eviction.Shortage> = []

    init(
        _ options: AgentOptions, _ services: AgentServices, _ machine: MachineFacts, addresses: [String],
        client: KubeClient, events: EventRecorder?
    ) {
        self.options = options
        self.services = services
        self.machine = machine
        self.addresses = addresses
        self.client = client
        self.events = events
    }

    private var object: NodeObject { NodeObject(options: options, machine: machine) }
    private var key: NamespacedName { NamespacedName(namespace: "", name: options.nodeName) }

    /// Works until the task is cancelled.
    func run() async {
        await register()
        await withDiscardingTaskGroup { group in
            // Whatever the status waits for, the node lives.
            group.addTask { await self.regularly { await self.renewLease() } }
            group.addTask { await self.regularly { await self.report() } }
        }
    }

    private nonisolated func regularly(_ work: @Sendable () async -> Void) async {
        while !Task.isCancelled {
            await work()
            try? await Task.sleep(for: Self.leasePeriod)
        }
    }

    func say(_ severity: EventReport.Severity, _ reason: String, _ message: String) {
        // kubelet's events know a node by its name alone, also before it is registered.
        let subject = EventReport.Subject(
            apiVersion: "v1", kind: "Node", name: options.nodeName, uid: options.nodeName)
        events?.report(
            EventReport(severity: severity, reason: reason, action: "", note: message, regarding: subject))
    }

    func set(_ shortages: Set<Eviction.Shortage>) async {
        guard shortages != self.shortages else { return }
        self.shortages = shortages
        await report()
    }

    // MARK: - Registration

    private func register() async {
        var pause = Duration.milliseconds(200)
        while !Task.isCancelled {
            do throws(ClientError) {
                try await takeUp()
                services.logger.info("the node is registered", metadata: ["node": "\(options.nodeName)"])
                return
            } catch {
                services.logger.warning(
                    "node not registered", metadata: ["node": "\(options.nodeName)", "error": "\(error)"])
                try? await Task.sleep(for: pause)
                pause = min(pause * 2, .seconds(10))
            }
        }
    }

    private func takeUp() async throws(ClientError) {
        do {
            node = try await client.create(Self.nodes, object.fresh)
        } catch  where error.isAlreadyExists {
            // What the node says of itself wins; other labels stay.
            node = try await client.patch(
                Self.nodes, key, .merge, ["metadata": ["labels": object.labels]])
        }
    }

    /// `key=value:Effect` or `key:Effect`.
    static func taint(_ text: String) -> JSONValue? {
        let halves = text.split(separator: ":", maxSplits: 1)
        guard halves.count == 2 else { return nil }
        let pair = halves[0].split(separator: "=", maxSplits: 1)
        var taint: JSONValue = ["key": .string(String(pair[0])), "effect": .string(String(halves[1]))]
        if pair.count == 2 { taint[path: "value"] = .string(String(pair[1])) }
        return taint
    }

    // MARK: - Lease

    private func renewLease() async {
        let key = NamespacedName(namespace: Self.leaseNamespace, name: options.nodeName)
        let now = JSONValue.string(RFC3339.text(nanoseconds: WallClock.now()))
        do throws(ClientError) {
            do {
                try await client.patch(
                    Self.leases, key, .merge,
                    [
                        "spec": [
                            "renewTime": now, "holderIdentity": .string(options.nodeName),
                            "leaseDurationSeconds": 40,
                        ]
                    ])
            } catch  where error.isNotFound {
                try await client.create(Self.leases, lease(now), namespace: Self.leaseNamespace)
            }
        } catch {
            services.logger.warning("lease not renewed", metadata: ["error": "\(error)"])
        }
    }

    private func lease(_ now: JSONValue) -> JSONValue {
        [
            "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
            "metadata": [
                "name": .string(options.nodeName), "namespace": .string(Self.leaseNamespace),
                "ownerReferences": [
                    [
                        "apiVersion": "v1", "kind": "Node", "name": .string(options.nodeName),
                        "uid": .string(node?.uid ?? ""),
                    ]
                ],
            ],
            "spec": [
                "holderIdentity": .string(options.nodeName), "leaseDurationSeconds": 40, "renewTime": now,
            ],
        ]
    }

    // MARK: - Status

    /// Writes the status when something in it has changed, or five minutes have passed.
    func report() async {
        let now = WallClock.now()
        let status = await status(now)
        guard Self.withoutHeartbeats(status) != reported || now - reportedAt > Self.statusPeriod else { return }
        do {
            node = try await client.patch(
                Self.nodes, key, .strategic, ["status": Self.patch(status)], subresource: "status")
            reported = Self.withoutHeartbeats(status)
            reportedAt = now
        } catch  where error.isNotFound {
            // Somebody removed it: a node that runs is there.
            _ = try? await client.create(Self.nodes, object.fresh)
        } catch {
            services.logger.warning("node status not written", metadata: ["error": "\(error)"])
        }
    }

    /// Addresses are told apart by their type alone in such a patch, and a node may have two of one.
    static func patch(_ status: JSONValue) -> JSONValue {
        var patch = status
        patch[path: "addresses"] = .array((status["addresses"]?.array ?? []) + [["$patch": "replace"]])
        return patch
    }

    private static func withoutHeartbeats(_ status: JSONValue) -> JSONValue {
        var status = status
        status[path: "conditions"] = .array(
            (status["conditions"]?.array ?? []).map { condition in
                var condition = condition
                condition[path: "lastHeartbeatTime"] = nil
                return condition
            })
        return status
    }

    private func status(_ now: Int64) async -> JSONValue {
        func json(_ amounts: [String: Quantity]) -> JSONValue {
            .object(JSONObject(amounts.sorted { $0.key < $1.key }.map { .init($0.key, .string($0.value.text)) }))
        }
        var status: JSONValue = [
            "capacity": json(machine.capacity(pods: options.maximumPods)),
            "allocatable": json(machine.allocatable(pods: options.maximumPods)),
            "addresses": .array(
                addresses.map { ["type": "InternalIP", "address": .string($0)] }
                    + [["type": "Hostname", "address": .string(options.nodeName)]]),
            "conditions": .array(await conditions(now)),
            "nodeInfo": [
                "machineID": .string(machine.machineID), "systemUUID": .string(machine.machineID),
                "bootID": .string(machine.bootID), "kernelVersion": .string(machine.kernel),
                "osImage": .string(machine.system),
                "containerRuntimeVersion": .string("\(services.runtime.name)://\(services.runtime.version)"),
                "kubeletVersion": "v1.36.0", "kubeProxyVersion": "", "operatingSystem": "linux",
                "architecture": .string(machine.architecture),
            ],
            "images": .array(await images()),
        ]
        if options.port > 0 {
            status[path: "daemonEndpoints"] = ["kubeletEndpoint": ["Port": .integer(Int64(options.port))]]
        }
        return status
    }

    /// The fifty largest, as upstream shows them.
    private func images() async -> [JSONValue] {
        let store = services.images
        let all = (try? await OwnThread.wait { try store.list() }) ?? []
        return all.sorted { $0.size != $1.size ? $0.size > $1.size : $0.digest < $1.digest }.prefix(50).map { image in
            [
                "names": .array(image.references.prefix(5).map { .string($0) }), "sizeBytes": .integer(image.size),
            ]
        }
    }

    private func conditions(_ now: Int64) async -> [JSONValue] {
        var troubles: [String] = []
        if let trouble = await services.runtime.status() { troubles.append("container runtime is down: \(trouble)") }
        if let trouble = await services.network?.status() {
            troubles.append(
                "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady "
                    + "message:\(trouble)")
        }
        let isReady = troubles.isEmpty
        return [
            condition(
                "MemoryPressure", shortages.contains(.memory),
                shortages.contains(.memory) ? "KubeletHasInsufficientMemory" : "KubeletHasSufficientMemory",
                shortages.contains(.memory)
                    ? "kubelet has insufficient memory available" : "kubelet has sufficient memory available", now),
            condition(
                "DiskPressure", shortages.contains(.disk),
                shortages.contains(.disk) ? "KubeletHasDiskPressure" : "KubeletHasNoDiskPressure",
                shortages.contains(.disk) ? "kubelet has disk pressure" : "kubelet has no disk pressure", now),
            condition(
                "PIDPressure", shortages.contains(.processes),
                shortages.contains(.processes) ? "KubeletHasInsufficientPID" : "KubeletHasSufficientPID",
                shortages.contains(.processes)
                    ? "kubelet has insufficient PID available" : "kubelet has sufficient PID available", now),
            condition(
                "Ready", isReady, isReady ? "KubeletReady" : "KubeletNotReady",
                isReady ? "kubelet is posting ready status" : troubles.joined(separator: "; "), now),
        ]
    }

    private func condition(
        _ type: String, _ isTrue: Bool, _ reason: String, _ message: String, _ now: Int64
    ) -> JSONValue {
        let time = JSONValue.string(RFC3339.text(nanoseconds: now, .seconds))
        let status: JSONValue = isTrue ? "True" : "False"
        let known =
            conditions[type] ?? node?.status?["conditions"]?.array?.first { $0["type"]?.string == type }
        let since = known?["status"] == status ? known?["lastTransitionTime"] ?? time : time
        if known?["status"] != status {
            let isBad = isTrue != (type == "Ready")
            // KubeletHasDiskPressure, as a condition, is NodeHasDiskPressure as an event.
            let event = "Node" + reason.dropFirst("Kubelet".count)
            say(
                isBad ? .warning : .normal, event,
                "Node \(options.nodeName) status is now: \(event)" + (isBad ? ": \(message)" : ""))
        }
        let condition: JSONValue = [
            "type": .string(type), "status": status, "reason": .string(reason), "message": .string(message),
            "lastHeartbeatTime": time, "lastTransitionTime": since,
        ]
        conditions[type] = condition
        return condition
    }
}
